"""Requests of people about what is read of them, and replies of whom a figure names.

Who asks, about what and in which words is kept until the team has answered, and no longer; of a
reply that is published its words stay beside the figure.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.database import StorePart
from services.api.store.errors import TransitionError, UnknownError
from services.api.store.models import Base

Kind = Literal["objection", "access", "rectification", "erasure", "reply"]
Outcome = Literal["granted", "refused"]

LONGEST_REQUEST = 2_000
LONGEST_ABOUT = 500
LONGEST_CONTACT = 254
"""Characters: of the request, of what it is about, of where to answer."""

A_MONTH = timedelta(days=30)
"""RGPD, art. 12, 3: within a month."""
THREE_DAYS = timedelta(days=3)
"""Loi n° 2004-575, art. 1-1, III: a reply is inserted within three days of its receipt."""


class RightsRow(Base):
    """A request; `about` is an address, or of a reply the account, with the month of the figure."""

    __tablename__ = "rights_requests"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(LONGEST_ABOUT), index=True)
    period: Mapped[str | None] = mapped_column(String(7))
    words: Mapped[str] = mapped_column(String(LONGEST_REQUEST))
    contact: Mapped[str] = mapped_column(String(LONGEST_CONTACT))
    asked_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(8))


class RightsRequest(BaseModel):
    """A request as the desk sees it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    kind: Kind
    about: str
    period: str | None
    words: str
    contact: str
    asked_at: datetime
    closed_at: datetime | None
    outcome: Outcome | None

    @property
    def due(self) -> datetime:
        """Return until when the law gives for an answer."""
        return self.asked_at + (THREE_DAYS if self.kind == "reply" else A_MONTH)


class RightsStore(StorePart):
    """Every method blocks: call it from a thread."""

    def ask(
        self, kind: Kind, about: str, words: str, contact: str, period: str | None = None
    ) -> None:
        """Keep a request until it is answered."""
        with self._database.writing() as session:
            session.add(
                RightsRow(
                    id=self._mint(),
                    kind=kind,
                    about=about,
                    period=period,
                    words=words,
                    contact=contact,
                    asked_at=self._now(),
                )
            )

    def waiting(self) -> list[RightsRequest]:
        """Return the requests without an answer, what is due first first."""
        query = select(RightsRow).where(RightsRow.closed_at.is_(None))
        with self._database.reading() as session:
            found = [RightsRequest.model_validate(row) for row in session.scalars(query)]
        return sorted(found, key=lambda one: (one.due, one.id))

    def close(self, request: str, outcome: Outcome) -> None:
        """Note that a request was answered, and forget who asked what.

        Raises `UnknownError`, and `TransitionError` for one that is answered already.
        """
        with self._database.writing() as session:
            row = session.get(RightsRow, request)
            if row is None:
                raise UnknownError(request)
            if row.closed_at is not None:
                raise TransitionError(f"{request} is answered")
            row.closed_at, row.outcome, row.contact = self._now(), outcome, ""
            if row.kind != "reply" or outcome == "refused":
                row.about = row.words = ""

    def replies(self, account: str) -> list[RightsRequest]:
        """Return the replies that are published beside the figures of an account, oldest first."""
        query = select(RightsRow).where(
            RightsRow.kind == "reply", RightsRow.about == account, RightsRow.outcome == "granted"
        )
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(RightsRow.closed_at, RightsRow.id))
            return [RightsRequest.model_validate(row) for row in rows]
