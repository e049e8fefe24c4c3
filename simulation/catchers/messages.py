"""What the catchers keep: mails read into their parts, what was posted, on disk and in memory."""

import base64
import email
import email.policy
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, Self, cast

MESSAGES_KEPT = 1000
"""Messages kept; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was received: ``kind`` is mail, or the scheme of the channel.

    ``payload`` is the JSON that was posted, ``raw`` the mail's bytes.
    """

    number: int
    kind: str
    at: datetime
    sender: str
    recipients: list[str]
    subject: str
    text: str
    html: str = ""
    message_id: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    payload: Any = None
    raw: bytes = b""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON for programs: ``at`` in ISO 8601 UTC, ``raw`` left out."""
        record = asdict(self)
        del record["raw"]
        record["at"] = self.at.isoformat()
        record["origin"] = "simulation"
        return record

    def to_file(self) -> str:
        """Return it as one JSON text, whole."""
        return json.dumps(self.as_json() | {"raw": base64.b64encode(self.raw).decode()})

    @classmethod
    def from_file(cls, text: str) -> Self:
        """Read what ``to_file`` wrote."""
        record = json.loads(text)
        del record["origin"]
        record["at"] = datetime.fromisoformat(record["at"])
        record["raw"] = base64.b64decode(record["raw"])
        record["headers"] = [(name, value) for name, value in record["headers"]]
        return cls(**record)


def mail(number: int, at: datetime, sender: str, recipients: list[str], raw: bytes) -> Message:
    """Read a mail: its bodies, subject and headers decoded; unreadable bytes are replaced."""
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    return Message(
        number=number,
        kind="mail",
        at=at,
        sender=sender,
        recipients=recipients,
        subject=str(parsed.get("Subject", "")),
        text=_body(parsed, "plain"),
        html=_body(parsed, "html"),
        message_id=str(parsed.get("Message-ID", "")).strip(),
        headers=[(name, str(value)) for name, value in parsed.items()],
        raw=raw,
    )


def _body(parsed: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = parsed.get_body((kind,))
    return "" if part is None else str(part.get_content())


def inline_part(message: Message, content_id: str) -> tuple[bytes, str] | None:
    """Return an inline part of a mail (an image) and its type, by its Content-ID."""
    for part in email.message_from_bytes(message.raw, policy=email.policy.default).walk():
        if str(part.get("Content-ID", "")).strip("<> ") == content_id:
            return cast(bytes, part.get_payload(decode=True)), part.get_content_type()
    return None


class Tray:
    """The messages received, newest last; on disk when it has a folder, so that a restart keeps."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._messages: deque[Message] = deque(maxlen=MESSAGES_KEPT)
        self._last = 0
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.glob("*.json"))[-MESSAGES_KEPT:]:
                self._messages.append(Message.from_file(path.read_text()))
                self._last = self._messages[-1].number

    def next_number(self) -> int:
        """Return a number that no message of this tray has had."""
        self._last += 1
        return self._last

    def keep(self, message: Message) -> None:
        """Add a message; the oldest leaves when the tray is full."""
        if len(self._messages) == MESSAGES_KEPT:
            self._forget(self._messages[0])
        self._messages.append(message)
        if self._folder is not None:
            self._path(message).write_text(message.to_file())

    def find(self, number: int) -> Message | None:
        """Return the message of that number."""
        return next((message for message in self._messages if message.number == number), None)

    def newest_first(self) -> list[Message]:
        """Return all of them for a page."""
        return list(reversed(self._messages))

    def select(self, kind: str = "", to: str = "") -> list[Message]:
        """Return those of a kind and for a recipient, oldest first; an empty word is every one."""
        return [
            message
            for message in self._messages
            if kind in ("", message.kind) and (not to or to in message.recipients)
        ]

    def clear(self) -> None:
        """Forget every message."""
        for message in self._messages:
            self._forget(message)
        self._messages.clear()

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def _forget(self, message: Message) -> None:
        if self._folder is not None:
            self._path(message).unlink(missing_ok=True)

    def _path(self, message: Message) -> Path:
        assert self._folder is not None
        return self._folder / f"{message.number:08d}.json"
