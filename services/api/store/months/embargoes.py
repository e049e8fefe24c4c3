"""Copies of a month given before it is final, under embargo, by a link that ends."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.api.store.database import StorePart
from services.api.store.errors import UnknownError
from services.api.store.models import Base

LONGEST_ID = 80
"""Characters of the name of who is given a copy."""


class EmbargoRow(Base):
    """A copy: whom it was made for (a paper, a service), until when; only a hash of its secret."""

    __tablename__ = "embargo_copies"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_key: Mapped[str] = mapped_column(String(64), unique=True)
    period: Mapped[str] = mapped_column(String(7), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_ID))
    until: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(320))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Embargo:
    """A copy as pages show it; `opened_at` is when its link was first followed."""

    id: str
    period: str
    name: str
    until: datetime
    made_at: datetime
    made_by: str
    opened_at: datetime | None
    closed_at: datetime | None

    def open(self, now: datetime) -> bool:
        """Tell whether its link leads somewhere."""
        return self.closed_at is None and now < self.until


class EmbargoStore(StorePart):
    """Every method blocks: call it from a thread."""

    def make(self, secret: str, period: str, name: str, until: datetime, by: str) -> Embargo:
        """Keep a copy for somebody, whose link bears the secret."""
        with self._database.writing() as session:
            row = EmbargoRow(
                id=self._mint(),
                token_key=_hashed(secret),
                period=period,
                name=name,
                until=until,
                made_at=self._now(),
                made_by=by,
            )
            session.add(row)
            session.flush()
            return _copy(row)

    def of_link(self, secret: str) -> Embargo | None:
        """Return the copy of a link, ended or not; None for a link that was never made."""
        with self._database.reading() as session:
            row = self._found(session, secret)
            return _copy(row) if row else None

    def opened(self, secret: str) -> None:
        """Note that its link was followed, the first time."""
        with self._database.writing() as session:
            row = self._found(session, secret)
            if row is not None:
                row.opened_at = row.opened_at or self._now()

    def of_month(self, period: str) -> list[Embargo]:
        """Return the copies of a month, the last first."""
        query = select(EmbargoRow).where(EmbargoRow.period == period)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(EmbargoRow.made_at.desc(), EmbargoRow.id))
            return [_copy(row) for row in rows]

    def close(self, copy: str) -> Embargo:
        """End a link before its time. Raises `UnknownError`."""
        with self._database.writing() as session:
            row = session.get(EmbargoRow, copy)
            if row is None:
                raise UnknownError(copy)
            row.closed_at = row.closed_at or self._now()
            return _copy(row)

    def close_all(self, period: str) -> None:
        """End every link of a month: it is no more to be final at the time that they say."""
        with self._database.writing() as session:
            session.execute(
                update(EmbargoRow)
                .where(EmbargoRow.period == period, EmbargoRow.closed_at.is_(None))
                .values(closed_at=self._now())
            )

    def _found(self, session: Session, secret: str) -> EmbargoRow | None:
        return session.scalar(select(EmbargoRow).where(EmbargoRow.token_key == _hashed(secret)))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _copy(row: EmbargoRow) -> Embargo:
    names = Embargo.__dataclass_fields__
    return Embargo(**{name: getattr(row, name) for name in names})
