"""Teams, by the webhook of a workflow: an Adaptive Card, posted to the address that it gave.

Documentation: learn.microsoft.com, "Create incoming webhooks with Workflows" and "Format cards"
(28 KB a message; four messages a second), adaptivecards.io, schema 1.4.
"""

from typing import Any, ClassVar

from contracts.messages import MessageDue
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Line, Telling


class Teams(Hook):
    """Teams."""

    scheme = "teams"
    pace = 0.25
    longest = 28_000

    evidence_shown: ClassVar[int] = 5
    characters: ClassVar[int] = 1_000
    """Of a block of text: six of them stay within the bytes of a message."""

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert as a card."""
        blocks = [_text(telling.subject, size="Large", weight="Bolder"), _text(telling.alert.why)]
        for line in telling.shown(Teams.evidence_shown):
            blocks += _evidence(line)
        if more := telling.more(Teams.evidence_shown):
            blocks.append(_text(f"… {more}", isSubtle=True))
        return Post(_path(address), _card(blocks, telling.acts))

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return the text of a ready-made message."""
        blocks = [_text(message.subject, size="Large", weight="Bolder"), _text(message.text)]
        return Post(_path(address), _card(blocks, []))


def _path(address: str) -> str:
    return "/" + address.removeprefix("teams://").partition("/")[2]


def _text(text: str, **style: Any) -> dict[str, Any]:
    """Return a block whose words are taken as they are: a run of text knows no Markdown."""
    shown = text if len(text) <= Teams.characters else f"{text[: Teams.characters - 1]}…"
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": shown, **style}]}


def _evidence(line: Line) -> list[dict[str, Any]]:
    return [
        _text(line.titled or line.network),
        _text(f"{line.network}{line.often} · {line.times}", isSubtle=True),
    ]


def _card(blocks: list[dict[str, Any]], acts: list[tuple[str, str]]) -> dict[str, Any]:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
        "actions": [
            {"type": "Action.OpenUrl", "title": label, "url": link} for label, link in acts
        ],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": content}]}


def open_channel(outside: Outside) -> Teams:
    """Open the channel."""
    return Teams(outside)
