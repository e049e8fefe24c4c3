"""What each recipient of a watch chose, and the regular mails that follow from it, each once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from contracts.event import next_revision
from contracts.topics import WATCHES
from contracts.watches import Watched
from services.api.store.errors import TransitionError, UnknownError
from services.api.store.marks import mark
from services.api.store.messages import Mail, MailingPart
from services.api.store.models import RegularRow, WatchRow
from services.api.store.watches import watch_event

MAILS_KEPT = timedelta(days=21)
"""For so long it is known which regular mails were made: longer than any is made late."""

_UNCHOSEN = {"address", "confirmed"}


class ReceivingStore(MailingPart):
    """Every method blocks: call it from a thread."""

    def choose(self, watch: str, address: str, **changes: Any) -> Watched:
        """Change fields of a recipient. Raises UnknownError, TransitionError."""
        with self._database.writing() as session:
            row = session.get(WatchRow, watch, with_for_update=True)
            found = row and next((one for one in row.recipients if one.address == address), None)
            if row is None or found is None:
                raise UnknownError(f"{watch} does not tell this address")
            if row.state == "ended":
                raise TransitionError("a watch that has ended changes no more")
            told = watch_event(row, self._origin).recipients
            known = next(one for one in told if one.address == address)
            chosen = known.model_copy(update=changes).model_dump(
                mode="json", exclude=_UNCHOSEN, exclude_defaults=True
            )
            if chosen != (found.choices or {}):
                found.choices = chosen
                row.revision, row.changed_at = next_revision(row.revision), self._now()
                mark(session, WATCHES, [row.id], row.changed_at)
            return watch_event(row, self._origin)

    def made(self, names: Collection[str]) -> set[str]:
        """Return those of these regular mails that were made already."""
        query = select(RegularRow.name).where(RegularRow.name.in_(names))
        with self._database.reading() as session:
            return set(session.scalars(query))

    def make(self, name: str, recipient: str, kind: str, mail: Mail | None) -> bool:
        """Make a regular mail due, once, whoever else does so; tell whether it was.

        Without a mail, only note that there was nothing to tell.
        """
        now = self._now()
        try:
            with self._database.writing() as session:
                session.execute(delete(RegularRow).where(RegularRow.made_at < now - MAILS_KEPT))
                if session.get(RegularRow, name) is not None:
                    return False
                session.add(RegularRow(name=name, made_at=now))
                session.flush()
                if mail is not None:
                    self._messages.put(session, recipient, kind, mail)
        except IntegrityError:
            return False  # another process made it meanwhile
        return True
