"""Whether an electoral period concerns a territory: its agents answer, nobody computes it.

An answer is of one period: the next one is asked anew.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.api.store.database import StorePart
from services.api.store.models import Base

Answer = Literal["concerned", "to_verify", "outside"]


class ElectoralAnswerRow(Base):
    """The answer of a territory for a period (its slug in the calendar); who is for its team."""

    __tablename__ = "electoral_answers"

    territory: Mapped[str] = mapped_column(String(16), primary_key=True)
    period: Mapped[str] = mapped_column(String(40), primary_key=True)
    answer: Mapped[Answer] = mapped_column(String(12))
    answered_at: Mapped[datetime]
    answered_by: Mapped[str] = mapped_column(String(320))


@dataclass(frozen=True, slots=True)
class ElectoralAnswer:
    """An answer, when it was given, and by whom (veiled as agents are)."""

    answer: Answer
    answered_at: datetime
    answered_by: str


class ElectoralStore(StorePart):
    """Every method blocks: call it from a thread."""

    def answer(self, territory: str, period: str, answer: Answer, by: str) -> None:
        """Keep the answer of a territory for a period, in the place of an earlier one."""
        with self._database.writing() as session:
            row = ElectoralAnswerRow(
                territory=territory,
                period=period,
                answer=answer,
                answered_at=self._now(),
                answered_by=by,
            )
            session.merge(row)

    def of(self, territory: str, period: str) -> ElectoralAnswer | None:
        """Return the answer of a territory for a period; None where nobody answered."""
        with self._database.reading() as session:
            row = session.get(ElectoralAnswerRow, (territory, period))
            return ElectoralAnswer(row.answer, row.answered_at, row.answered_by) if row else None
