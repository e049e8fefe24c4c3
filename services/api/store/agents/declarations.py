"""Figures that a territory's agents declare of its own accounts: theirs alone, until deleted.

They are in no topic and in no table of the engine, so nothing public can be made of them.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.database import StorePart
from services.api.store.errors import ConflictError
from services.api.store.models import Base

AT_MOST = 60
"""Declarations of a territory: a year of each month on five accounts."""


class DeclaredPost(BaseModel):
    """A post: its id (or address) at the tool, its day, its counters; null is not said, never 0."""

    model_config = ConfigDict(frozen=True)

    id: str
    day: date
    interactions: int | None = None
    views: int | None = None


class DeclaredDay(BaseModel):
    """A day of an account: how many followed it, how many more than the day before."""

    model_config = ConfigDict(frozen=True)

    day: date
    followers: int | None = None
    gained: int | None = None


class DeclaredFigures(BaseModel):
    """What one file says of one account of a network, as its tool (`tool`) exported it."""

    model_config = ConfigDict(frozen=True)

    network: str
    account: str
    tool: str
    posts: tuple[DeclaredPost, ...] = ()
    days: tuple[DeclaredDay, ...] = ()

    @property
    def span(self) -> tuple[date, date]:
        """Return the first and the last day that are told of."""
        known = [one.day for one in (*self.posts, *self.days)]
        return min(known), max(known)


class Declaration(DeclaredFigures):
    """Figures as they were declared: when, by whom (veiled as agents are), from which file."""

    id: str
    file: str
    declared_at: datetime
    declared_by: str


class DeclarationRow(Base):
    """A file that was declared; `figures` are posts and days without any text."""

    __tablename__ = "declarations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    territory: Mapped[str] = mapped_column(String(16), index=True)
    network: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(512))
    tool: Mapped[str] = mapped_column(String(40))
    file: Mapped[str] = mapped_column(String(120))
    figures: Mapped[dict[str, Any]]
    declared_at: Mapped[datetime]
    declared_by: Mapped[str] = mapped_column(String(320))


class DeclarationStore(StorePart):
    """Declarations, by territory. Every method blocks: call it from a thread."""

    def declare(
        self, territory: str, told: Sequence[DeclaredFigures], *, file: str, by: str
    ) -> list[str]:
        """Keep what a file says, and return the ids; raises `ConflictError` beyond `AT_MOST`."""
        with self._database.writing() as session:
            of_territory = DeclarationRow.territory == territory
            held = session.scalar(select(func.count()).where(of_territory)) or 0
            if held + len(told) > AT_MOST:
                raise ConflictError(f"{territory} holds {held} declarations")
            rows = [
                DeclarationRow(
                    id=self._mint(),
                    territory=territory,
                    network=one.network,
                    account=one.account,
                    tool=one.tool,
                    file=file,
                    figures=one.model_dump(
                        mode="json", include={"posts", "days"}, exclude_none=True
                    ),
                    declared_at=self._now(),
                    declared_by=by,
                )
                for one in told
            ]
            session.add_all(rows)
            return [one.id for one in rows]

    def of_territory(self, territory: str) -> list[Declaration]:
        """Return the declarations of a territory, newest first."""
        query = (
            select(DeclarationRow)
            .where(DeclarationRow.territory == territory)
            .order_by(DeclarationRow.declared_at.desc(), DeclarationRow.id)
        )
        with self._database.reading() as session:
            return [_declaration(row) for row in session.scalars(query)]

    def remove(self, territory: str, declaration: str) -> bool:
        """Delete a declaration of a territory for good; tell whether there was one."""
        with self._database.writing() as session:
            gone = session.execute(
                delete(DeclarationRow).where(
                    DeclarationRow.id == declaration, DeclarationRow.territory == territory
                )
            )
            return bool(gone.rowcount)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]

    def forget_account(self, network: str, names: Collection[str]) -> None:
        """Delete what was declared of an account that is erased, whatever case its name is in."""
        known = [one.lower() for one in names]
        with self._database.writing() as session:
            session.execute(
                delete(DeclarationRow).where(
                    DeclarationRow.network == network, func.lower(DeclarationRow.account).in_(known)
                )
            )


def _declaration(row: DeclarationRow) -> Declaration:
    facts = ("id", "network", "account", "tool", "file", "declared_at", "declared_by")
    return Declaration.model_validate({**{one: getattr(row, one) for one in facts}, **row.figures})
