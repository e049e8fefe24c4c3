"""Slack, by incoming webhooks: `slack://T…/B…/secret` is posted to `/services/T…/B…/secret`.

Documentation: docs.slack.dev, "Sending messages using incoming webhooks" (answers and errors),
"Rate limits" (one message a second to a channel), "Block Kit" (limits of blocks).
"""

from typing import Any, ClassVar, cast
from urllib.parse import quote

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
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Line, Telling


class Slack(Hook):
    """Slack; limits as its documentation has them."""

    scheme = "slack"
    parallel = 8
    pace = 1.0
    longest = 40_000

    header_characters: ClassVar[int] = 150
    section_characters: ClassVar[int] = 3_000
    evidence_shown: ClassVar[int] = 5
    """Of 50 blocks a message may have; more than five pieces are not read in a channel."""

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert as blocks."""
        return Post(_path(address), payload(telling))

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return the text of a ready-made message."""
        text = escaped(f"{message.subject}\n\n{message.text}")[: Slack.section_characters]
        return Post(_path(address), {"text": text})


def _path(address: str) -> str:
    return f"/services/{address.removeprefix('slack://')}"


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
        words = f"… {more}\u00a0: <{telling.links.why}#preuves|lire tous les textes>"
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
    network = escaped(line.network)
    where = f"<{_target(line.address)}|{network}>" if line.address else network
    where = _cut(f"{where}{line.often} · {line.times}", Slack.section_characters)
    return [
        _section(quoted or f"> {escaped(line.address) or network}"),
        ContextBlock(elements=[MarkdownTextObject(text=where)]),
    ]


def _target(address: str) -> str:
    """Return an address fit for a link: a feed’s may hold what ends it, and calls a channel."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")


def _actions(telling: Telling) -> ActionsBlock:
    return ActionsBlock(
        elements=[
            ButtonElement(
                text=PlainTextObject(text=label),
                url=url,
                action_id=f"open-{number}",
                style="primary" if number == 0 else None,
            )
            for number, (label, url) in enumerate(telling.acts)
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
    return Slack(outside)
