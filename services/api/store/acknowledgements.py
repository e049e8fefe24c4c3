"""Who has seen which alert: so that two people on duty do not both get up."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from services.api.store.database import Database
from services.api.store.models import AcknowledgementRow


class AcknowledgementStore:
    """Acknowledgements, by watch. Every method blocks: call it from a thread."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def note(self, watch: str, alert: str, recipient: str) -> datetime:
        """Note that a recipient has seen an alert; return when it first did."""
        with self._database.writing() as session:
            row = session.get(AcknowledgementRow, (alert, recipient))
            if row is None:
                row = AcknowledgementRow(
                    alert=alert, recipient=recipient, watch=watch, seen_at=self._now()
                )
                session.add(row)
            return row.seen_at

    def of_watch(self, watch: str) -> dict[str, datetime]:
        """Return the alerts of a watch that somebody has seen, and when the first one did."""
        query = select(AcknowledgementRow).where(AcknowledgementRow.watch == watch)
        seen: dict[str, datetime] = {}
        with self._database.reading() as session:
            for row in session.scalars(query):
                seen[row.alert] = min(row.seen_at, seen.get(row.alert, row.seen_at))
        return seen
