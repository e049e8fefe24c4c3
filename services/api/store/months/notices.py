"""Months announced as about to be final, so that whoever sees a fault says so in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.database import StorePart
from services.api.store.models import Base

NOTICE = timedelta(hours=48)
"""How long authorities have, from the announcement, to say what is wrong."""


class MonthNoticeRow(Base):
    """A month announced as about to be final: since when, by whom, until it is taken back."""

    __tablename__ = "month_notices"

    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    announced_at: Mapped[datetime]
    announced_by: Mapped[str] = mapped_column(String(320))


@dataclass(frozen=True, slots=True)
class MonthNotice:
    """A month that is announced."""

    period: str
    announced_at: datetime
    announced_by: str

    @property
    def due(self) -> datetime:
        """Return the instant from which it may be final."""
        return self.announced_at + NOTICE


class MonthNoticeStore(StorePart):
    """Every method blocks: call it from a thread."""

    def announce(self, period: str, by: str) -> MonthNotice:
        """Announce a month; one that is announced keeps its first instant."""
        with self._database.writing() as session:
            row = session.get(MonthNoticeRow, period)
            if row is None:
                row = MonthNoticeRow(period=period, announced_at=self._now(), announced_by=by)
                session.add(row)
            return _notice(row)

    def withdraw(self, period: str) -> None:
        """Take the announcement of a month back: announced anew, the time begins anew."""
        with self._database.writing() as session:
            session.execute(delete(MonthNoticeRow).where(MonthNoticeRow.period == period))

    def of(self, period: str) -> MonthNotice | None:
        """Return the announcement of a month; None where there is none."""
        with self._database.reading() as session:
            row = session.get(MonthNoticeRow, period)
            return _notice(row) if row else None


def _notice(row: MonthNoticeRow) -> MonthNotice:
    return MonthNotice(row.period, row.announced_at, row.announced_by)
