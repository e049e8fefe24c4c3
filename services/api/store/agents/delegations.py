"""Communes that another territory (a syndicate) administers in their name, once they granted it.

Who administers the syndicate administers them for as long as the delegation stands: the role is
worked out of it (`entitled.roles_of`) and copied nowhere, so that an end is one for all at once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.database import StorePart
from services.api.store.errors import ConflictError, TooManyError, UnknownError
from services.api.store.models import Base

AT_MOST = 300
"""Communes of one delegate, those that are asked for included."""


class DelegationRow(Base):
    """A delegation, asked for with a proof; it stands from when it was granted."""

    __tablename__ = "delegations"

    delegate: Mapped[str] = mapped_column(String(16), primary_key=True)
    territory: Mapped[str] = mapped_column(String(16), primary_key=True, index=True)
    proof: Mapped[str] = mapped_column(String(300))
    asked_by: Mapped[str] = mapped_column(String(320))
    asked_at: Mapped[datetime]
    granted_by: Mapped[str | None] = mapped_column(String(320))
    granted_at: Mapped[datetime | None]


class DelegateFaceRow(Base):
    """How a delegate is named on pages and sheets of its communes, with its logo (PNG)."""

    __tablename__ = "delegate_faces"

    delegate: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who administers which territory, by what proof; `granted_at` is None while it is asked."""

    delegate: str
    territory: str
    proof: str
    asked_by: str
    asked_at: datetime
    granted_by: str | None
    granted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Face:
    """How a delegate is shown; `logo` is a PNG."""

    delegate: str
    name: str
    logo: bytes | None


class DelegationStore(StorePart):
    """Every method blocks: call it from a thread."""

    def ask(self, delegate: str, territory: str, proof: str, by: str) -> None:
        """Ask for a territory. Raises `ConflictError` for one held, `TooManyError` for too many."""
        with self._database.writing() as session:
            if session.get(DelegationRow, (delegate, territory)) is not None:
                raise ConflictError(territory)
            mine = select(func.count()).where(DelegationRow.delegate == delegate)
            if (session.scalar(mine) or 0) >= AT_MOST:
                raise TooManyError(delegate)
            session.add(
                DelegationRow(
                    delegate=delegate,
                    territory=territory,
                    proof=proof,
                    asked_by=by,
                    asked_at=self._now(),
                )
            )

    def grant(self, delegate: str, territory: str, by: str) -> None:
        """Grant what is asked for, once. Raises `UnknownError`."""
        with self._database.writing() as session:
            row = session.get(DelegationRow, (delegate, territory))
            if row is None or row.granted_at is not None:
                raise UnknownError(territory)
            row.granted_by, row.granted_at = by, self._now()

    def end(self, delegate: str, territory: str) -> bool:
        """Refuse what is asked for, or end what stands; tell whether there was any of it."""
        with self._database.writing() as session:
            row = session.get(DelegationRow, (delegate, territory))
            if row is not None:
                session.delete(row)
            return row is not None

    def of_delegate(self, delegate: str) -> list[Delegation]:
        """Return the territories of a delegate, those asked for first."""
        return self._found(DelegationRow.delegate == delegate)

    def of_territory(self, territory: str) -> list[Delegation]:
        """Return who administers a territory in its name, those who ask to first."""
        return self._found(DelegationRow.territory == territory)

    def waiting(self) -> list[Delegation]:
        """Return all that is asked for, oldest first."""
        return self._found(DelegationRow.granted_at.is_(None))

    def _found(self, where: ColumnElement[bool]) -> list[Delegation]:
        query = (
            select(DelegationRow)
            .where(where)
            .order_by(
                DelegationRow.granted_at.is_not(None),
                DelegationRow.asked_at,
                DelegationRow.territory,
            )
        )
        with self._database.reading() as session:
            return [
                Delegation(
                    row.delegate,
                    row.territory,
                    row.proof,
                    row.asked_by,
                    row.asked_at,
                    row.granted_by,
                    row.granted_at,
                )
                for row in session.scalars(query)
            ]

    def show_as(self, delegate: str, name: str, logo: bytes | None) -> None:
        """Say how a delegate is shown; without a logo the one before stays. No name: not at all."""
        with self._database.writing() as session:
            row = session.get(DelegateFaceRow, delegate)
            if not name:
                if row is not None:
                    session.delete(row)
                return
            if row is None:
                row = DelegateFaceRow(delegate=delegate)
                session.add(row)
            row.name, row.logo = name, logo or row.logo

    def face(self, delegate: str) -> Face | None:
        """Return how a delegate is shown; None for one that did not say."""
        with self._database.reading() as session:
            row = session.get(DelegateFaceRow, delegate)
            return Face(row.delegate, row.name, row.logo) if row else None

    def faces(self, territory: str) -> list[Face]:
        """Return who is shown beside a territory: those whose delegation stands."""
        query = (
            select(DelegateFaceRow)
            .join(DelegationRow, DelegationRow.delegate == DelegateFaceRow.delegate)
            .where(DelegationRow.territory == territory, DelegationRow.granted_at.is_not(None))
            .order_by(DelegationRow.granted_at)
        )
        with self._database.reading() as session:
            return [Face(row.delegate, row.name, row.logo) for row in session.scalars(query)]
