"""Dated notes that a territory's agents write on the curves of its accounts: « campagne piscine ».

They are the territory's alone, unless whoever writes one says that it is public.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.api.store.database import StorePart
from services.api.store.errors import ConflictError, UnknownError
from services.api.store.models import Base

LONGEST_WORDS = 120
"""Characters."""

AT_MOST = 300
"""Notes of a territory."""


class CurveNoteRow(Base):
    """A note on a day of an account's curves; `written_by` is veiled as agents are."""

    __tablename__ = "curve_notes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    territory: Mapped[str] = mapped_column(String(16), index=True)
    account: Mapped[str] = mapped_column(String(64), index=True)
    day: Mapped[date]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    public: Mapped[bool]
    written_by: Mapped[str] = mapped_column(String(320))
    written_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Note:
    """What a note says, of which day of which account; `by` and `at` of its last change."""

    id: str
    territory: str
    account: str
    day: date
    words: str
    public: bool
    by: str
    at: datetime


class NoteStore(StorePart):
    """Every method blocks: call it from a thread."""

    def write(
        self, territory: str, account: str, day: date, words: str, *, public: bool, by: str
    ) -> str:
        """Keep a note and return its id. Raises `ConflictError` beyond `AT_MOST`."""
        with self._database.writing() as session:
            held = session.scalar(select(func.count()).where(CurveNoteRow.territory == territory))
            if (held or 0) >= AT_MOST:
                raise ConflictError(f"{territory} holds {held} notes")
            row = CurveNoteRow(id=self._mint(), territory=territory, account=account)
            self._say(row, day, words, public=public, by=by)
            session.add(row)
            return row.id

    def change(
        self, territory: str, note: str, day: date, words: str, *, public: bool, by: str
    ) -> None:
        """Say a note otherwise. Raises `UnknownError` for none of the territory's."""
        with self._database.writing() as session:
            self._say(row_of(session, territory, note), day, words, public=public, by=by)

    def _say(self, row: CurveNoteRow, day: date, words: str, *, public: bool, by: str) -> None:
        row.day, row.words, row.public = day, words, public
        row.written_by, row.written_at = by, self._now()

    def erase(self, territory: str, note: str) -> None:
        """Erase a note for good. Raises `UnknownError` for none of the territory's."""
        with self._database.writing() as session:
            session.delete(row_of(session, territory, note))

    def of_territory(self, territory: str) -> list[Note]:
        """Return the notes of a territory, newest day first."""
        query = (
            select(CurveNoteRow)
            .where(CurveNoteRow.territory == territory)
            .order_by(CurveNoteRow.day.desc(), CurveNoteRow.id)
        )
        with self._database.reading() as session:
            return [_note(row) for row in session.scalars(query)]

    def of_account(self, account: str, first: date, last: date, own: str = "") -> Sequence[Note]:
        """Return the notes on some days of an account, in order: public ones, and those of `own`.

        `own` is the territory of who reads them; "" for a visitor.
        """
        query = (
            select(CurveNoteRow)
            .where(
                CurveNoteRow.account == account,
                CurveNoteRow.day.between(first, last),
                CurveNoteRow.public | (CurveNoteRow.territory == own),
            )
            .order_by(CurveNoteRow.day, CurveNoteRow.id)
        )
        with self._database.reading() as session:
            return [_note(row) for row in session.scalars(query)]

    def forget_account(self, account: str) -> None:
        """Erase every note on an account that is erased."""
        with self._database.writing() as session:
            session.execute(delete(CurveNoteRow).where(CurveNoteRow.account == account))


def row_of(session: Session, territory: str, note: str) -> CurveNoteRow:
    """Return a note of a territory. Raises `UnknownError`, for a note of another one too."""
    row = session.get(CurveNoteRow, note)
    if row is None or row.territory != territory:
        raise UnknownError(note)
    return row


def _note(row: CurveNoteRow) -> Note:
    return Note(
        row.id,
        row.territory,
        row.account,
        row.day,
        row.words,
        row.public,
        row.written_by,
        row.written_at,
    )
