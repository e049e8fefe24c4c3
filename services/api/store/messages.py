"""Mails that are due: kept until the topic has them, no longer, for they may hold a secret link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from contracts.event import Origin, hashed_id
from contracts.messages import MessageDue
from contracts.topics import MESSAGES_DUE
from libs.sealing import Seal
from services.api.store.database import Database, StorePart
from services.api.store.marks import mark
from services.api.store.models import MessageRow


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says, in French, as text and as HTML; `leave` is where a POST stops its like."""

    subject: str
    text: str
    html: str
    leave: str | None = None


class MessageStore(StorePart):
    """Mails that are due."""

    def add(self, recipient: str, kind: str, mail: Mail) -> str:
        """Make a mail due now, and return its id (the `Message-ID` of every repeat)."""
        with self._database.writing() as session:
            return self.put(session, recipient, kind, mail)

    def put(self, session: Session, recipient: str, kind: str, mail: Mail) -> str:
        """Make a mail due in a transaction that is open, so that it goes only with its cause."""
        now = self._now()
        row = MessageRow(
            id=self._mint(),
            recipient=recipient,
            kind=kind,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            leave=mail.leave,
            due_at=now,
        )
        session.add(row)
        mark(session, MESSAGES_DUE, [row.id], now)
        return row.id


def message_event(row: MessageRow, origin: Origin, seal: Seal) -> MessageDue:
    """The mail as an event: whom it is for and what it says (a secret link) are sealed."""
    return MessageDue(
        event_id=hashed_id(MESSAGES_DUE.name, row.id),
        origin=origin,
        message=row.id,
        recipient=seal.address(row.recipient),
        kind=row.kind,
        subject=row.subject,
        text=seal.text(row.text),
        html=seal.text(row.html),
        leave=row.leave and seal.text(row.leave),
        due_at=row.due_at,
    )


class MailingPart(StorePart):
    """A part that writes mails, in the transaction of what they tell."""

    def __init__(
        self,
        database: Database,
        origin: Origin,
        now: Callable[[], datetime],
        mint: Callable[[], str],
        messages: MessageStore,
    ) -> None:
        super().__init__(database, origin, now, mint)
        self._messages = messages
