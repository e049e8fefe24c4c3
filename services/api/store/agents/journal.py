"""The journal: who changed what, of which territory, when; kept for a year."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from services.api.store.database import StorePart
from services.api.store.models import AccountRow, ActRow, AgentRow, WatchRow

ENTRIES_KEPT = timedelta(days=365)
"""CNIL, « Journaliser les opérations »: between six months and a year."""

ACTS_SHOWN = 500
"""Acts of the journal on its page, the newest."""


@dataclass(frozen=True, slots=True)
class Act:
    """One change; `who` is veiled as everywhere, `about` is an identifier ("": none)."""

    at: datetime
    who: str
    what: str
    territory: str
    about: str


class JournalStore(StorePart):
    """Every method blocks: call it from a thread."""

    def add(self, who: str, what: str, territory: str, about: str = "") -> None:
        """Note an act; those older than a year are forgotten."""
        now = self._now()
        with self._database.writing() as session:
            session.execute(delete(ActRow).where(ActRow.at < now - ENTRIES_KEPT))
            session.add(ActRow(at=now, who=who, what=what, territory=territory, about=about[:64]))

    def acts(self, territory: str | None = None) -> list[Act]:
        """Return the last acts about a territory (None: all of them), newest first."""
        query = select(ActRow).order_by(ActRow.at.desc(), ActRow.id.desc()).limit(ACTS_SHOWN)
        if territory is not None:
            query = query.where(ActRow.territory == territory)
        with self._database.reading() as session:
            return [
                Act(one.at, one.who, one.what, one.territory, one.about)
                for one in session.scalars(query)
            ]

    def named(self, about: Collection[str]) -> dict[str, str]:
        """Return how agents (veiled), accounts and watches of some identifiers are called."""
        called = (
            (AgentRow.id, AgentRow.shown),
            (AccountRow.id, func.coalesce(AccountRow.handle, AccountRow.address)),
            (WatchRow.id, WatchRow.name),
        )
        with self._database.reading() as session:
            return {
                name: said
                for key, words in called
                for name, said in session.execute(select(key, words).where(key.in_(about)))
            }
