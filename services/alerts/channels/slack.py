"""Slack, by incoming webhooks: `slack://T…/B…/secret` is `{SLACK_URL}/services/T…/B…/secret`.

Documentation: docs.slack.dev, "Sending messages using incoming webhooks" (answers and errors),
"Rate limits" (one message a second to a channel), "Block Kit" (limits of blocks).
"""

from typing import Any, ClassVar, cast
from urllib.parse import quote

import aiohttp
import httpx
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from contracts.messages import MessageDue
from services.alerts.channel import Outside, TryLater, judge
from services.alerts.telling import Line, Telling


class Slack:
    """Slack; limits as its documentation has them."""

    parallel: ClassVar[int] = 8
    pace: ClassVar[float] = 1.0

    header_characters: ClassVar[int] = 150
    section_characters: ClassVar[int] = 3_000
    evidence_shown: ClassVar[int] = 5
    """Of 50 blocks a message may have; more than five pieces are not read in a channel."""

    def __init__(self, http: httpx.AsyncClient, base_url: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")

    def message_id(self, message: str, address: str) -> str | None:
        """Return none: Slack gives none to a webhook and recognises no repeat."""
        return None

    async def tell(self, address: str, telling: Telling) -> None:
        """Post an alert as blocks."""
        await self._post(address, payload(telling))

    async def send(self, address: str, message: MessageDue) -> None:
        """Post the text of a ready-made message."""
        text = escaped(f"{message.subject}\n\n{message.text}")[: Slack.section_characters]
        await self._post(address, {"text": text})

    async def close(self) -> None:
        """Nothing to let go of: the HTTP client is another's."""

    async def _post(self, address: str, body: dict[str, Any]) -> None:
        path = address.removeprefix("slack://")
        try:
            answer = await self._http.post(f"{self._base_url}/services/{path}", json=body)
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            # The transport lets some of aiohttp's own through: an answer that is no HTTP.
            raise TryLater(str(error) or type(error).__name__) from None
        try:
            judge(answer.status_code, answer.text)
        except TryLater as later:
            raise TryLater(str(later), _seconds(answer.headers.get("Retry-After"))) from None


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isdecimal() else None


def escaped(text: str) -> str:
    """Escape the three characters that Slack reads as marks."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def payload(telling: Telling) -> dict[str, Any]:
    """Return the message: `text` for notifications, blocks for reading.

    Raises `slack_sdk.errors.SlackObjectFormationError` where a block breaks a limit.
    """
    blocks: list[Block] = [
        HeaderBlock(text=PlainTextObject(text=_cut(telling.subject, Slack.header_characters))),
        _section(escaped(telling.alert.why)),
    ]
    for line in telling.shown(Slack.evidence_shown):
        blocks += _evidence(line)
    if more := telling.more(Slack.evidence_shown):
        words = f"… {more}\u00a0: <{telling.links.watch}|voir tout>"
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=words)]))
    blocks += [DividerBlock(), _actions(telling), _foot(telling)]
    # The library's own annotation of `to_dict` is partial.
    written = [cast(dict[str, Any], cast(Any, block).to_dict()) for block in blocks]
    return {"text": escaped(telling.subject), "blocks": written}


def _section(text: str) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=_cut(text, Slack.section_characters)))


def _evidence(line: Line) -> list[Block]:
    title = f"*{escaped(line.title)}*\n" if line.title else ""
    said = "".join(f"*{escaped(part)}*" if found else escaped(part) for part, found in line.parts)
    quoted = "\n".join(f"> {row}" for row in f"{title}{said}".splitlines() if row.strip())
    where = f"<{_target(line.address)}|{escaped(line.network)}> · {line.times}"
    return [
        _section(quoted or f"> {escaped(line.address)}"),
        ContextBlock(elements=[MarkdownTextObject(text=_cut(where, Slack.section_characters))]),
    ]


def _target(address: str) -> str:
    """Return an address fit for a link: a feed’s may hold what ends it, and calls a channel."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")


def _actions(telling: Telling) -> ActionsBlock:
    links = telling.links
    not_us = [("Ce n’est pas nous", links.not_us)] if telling.lines else []
    buttons = [("J’ai vu", links.seen), *not_us, ("Pourquoi cette alerte ?", links.why)]
    return ActionsBlock(
        elements=[
            ButtonElement(
                text=PlainTextObject(text=label),
                url=url,
                action_id=f"open-{number}",
                style="primary" if number == 0 else None,
            )
            for number, (label, url) in enumerate(buttons)
        ]
    )


def _foot(telling: Telling) -> ContextBlock:
    words = f"Veille <{telling.links.watch}|{escaped(telling.watch.name)}>"
    if telling.simulation:
        words = f"SIMULATION : tout est inventé · {words}"
    return ContextBlock(elements=[MarkdownTextObject(text=words)])


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def open_channel(outside: Outside) -> Slack:
    """Open the channel."""
    return Slack(outside.http, outside.slack_url)
