"""Who has seen which alert, so that two people on duty do not both get up; what else was done."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import select

from services.api.store.database import Database
from services.api.store.models import AcknowledgementRow, AlertActRow


class Acknowledged(NamedTuple):
    """When an alert was seen, and by which recipient (a hash)."""

    at: datetime
    who: str


ActName = Literal["muted", "unmuted", "handed", "escalated"]


class AlertAct(NamedTuple):
    """What was done of an alert, when, by whom and towards whom (names of recipients)."""

    at: datetime
    alert: str
    what: str
    who: str
    whom: str


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

    def of_watch(self, watch: str) -> dict[str, Acknowledged]:
        """Return the alerts of a watch that somebody has seen, who first did and when."""
        query = (
            select(AcknowledgementRow)
            .where(AcknowledgementRow.watch == watch)
            .order_by(AcknowledgementRow.seen_at.desc())
        )
        with self._database.reading() as session:
            return {
                row.alert: Acknowledged(row.seen_at, row.recipient)
                for row in session.scalars(query)
            }

    def act(self, watch: str, alert: str, what: ActName, who: str = "", whom: str = "") -> None:
        """Note what was done of an alert."""
        with self._database.writing() as session:
            row = AlertActRow(
                watch=watch, alert=alert, what=what, who=who, whom=whom, at=self._now()
            )
            session.add(row)

    def acts_of_watch(self, watch: str) -> list[AlertAct]:
        """Return what was done of the alerts of a watch, oldest first."""
        query = select(AlertActRow).where(AlertActRow.watch == watch).order_by(AlertActRow.at)
        with self._database.reading() as session:
            return [
                AlertAct(row.at, row.alert, row.what, row.who, row.whom)
                for row in session.scalars(query)
            ]
