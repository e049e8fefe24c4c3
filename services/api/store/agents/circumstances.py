"""What a territory's agents say beside its scores: staff of its accounts, unusual months.

Both are public and hold no text of anybody's: a number, and a cause out of a list.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.database import StorePart
from services.api.store.models import Base

Cause = Literal["flood", "mourning", "attack", "contest", "event", "other"]

MOST_STAFF = 99.9
"""Full-time equivalents, as one decimal holds them."""


class StaffRow(Base):
    """How many work on a territory's accounts, in hundredths of a full-time post."""

    __tablename__ = "territory_staff"

    territory: Mapped[str] = mapped_column(String(16), primary_key=True)
    hundredths: Mapped[int]
    said_at: Mapped[datetime]


class UnusualMonthRow(Base):
    """A month that says nothing of a territory's usual work, and why."""

    __tablename__ = "unusual_months"

    territory: Mapped[str] = mapped_column(String(16), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True, index=True)
    cause: Mapped[Cause] = mapped_column(String(10))
    said_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Full-time posts (None: not said), and the cause of each month out of the norm."""

    staff: float | None
    unusual: Mapping[str, Cause]


class CircumstanceStore(StorePart):
    """Every method blocks: call it from a thread."""

    def of(self, territory: str) -> Circumstances:
        """Return what a territory said."""
        query = select(UnusualMonthRow).where(UnusualMonthRow.territory == territory)
        with self._database.reading() as session:
            staff = session.get(StaffRow, territory)
            unusual: dict[str, Cause] = {row.period: row.cause for row in session.scalars(query)}
        return Circumstances(staff.hundredths / 100 if staff else None, unusual)

    def staff(self, territory: str, posts: float | None) -> None:
        """Keep how many work there; None: it is no more said."""
        with self._database.writing() as session:
            session.execute(delete(StaffRow).where(StaffRow.territory == territory))
            if posts is not None:
                hundredths = round(100 * posts)
                session.add(
                    StaffRow(territory=territory, hundredths=hundredths, said_at=self._now())
                )

    def unusual(self, territory: str, period: str, cause: Cause | None) -> None:
        """Say why a month is out of the norm; None: it is not."""
        with self._database.writing() as session:
            session.execute(
                delete(UnusualMonthRow).where(
                    UnusualMonthRow.territory == territory, UnusualMonthRow.period == period
                )
            )
            if cause is not None:
                session.add(
                    UnusualMonthRow(
                        territory=territory, period=period, cause=cause, said_at=self._now()
                    )
                )

    def out_of_the_norm(self, periods: Collection[str]) -> frozenset[str]:
        """Return the codes of the territories for which one of these months is."""
        query = select(UnusualMonthRow.territory).where(UnusualMonthRow.period.in_(periods))
        with self._database.reading() as session:
            return frozenset(session.scalars(query))
