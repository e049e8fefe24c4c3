"""Figures that somebody contests: one open contest of a figure at a time, with its answer."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select

from services.api.store.database import StorePart
from services.api.store.errors import TransitionError, UnknownError
from services.api.store.models import ContestRow

LONGEST_WORDS = 1_000
LONGEST_ANSWER = 2_000
"""Characters of a contest, and of its answer."""


class Contest(BaseModel):
    """A contest as pages show it; `words` and `agent` are for the desk alone.

    `territory` is the account's own, where one of its agents contests.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    account: str
    period: str
    figure: str
    words: str
    agent: str | None
    territory: str | None
    opened_at: datetime
    outcome: str | None
    answer: str | None
    answered_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answered_at is None


class ContestStore(StorePart):
    """Contests, by account. Every method blocks: call it from a thread."""

    def contest(
        self,
        account: str,
        period: str,
        figure: str,
        words: str = "",
        *,
        agent: str | None = None,
        territory: str | None = None,
    ) -> Contest:
        """Open a contest, or add words to the one that is open already for this figure.

        One that somebody unknown had opened becomes the agent's, then its own territory's.
        """
        known = select(ContestRow).where(
            ContestRow.account == account,
            ContestRow.period == period,
            ContestRow.figure == figure,
            ContestRow.answered_at.is_(None),
        )
        with self._database.writing() as session:
            row = session.scalar(known)
            if row is None:
                row = ContestRow(
                    id=self._mint(),
                    account=account,
                    period=period,
                    figure=figure,
                    words="",
                    opened_at=self._now(),
                )
                session.add(row)
            if row.agent is None or (row.territory is None and territory):
                row.agent, row.territory = agent, territory
            row.words = "\n".join(filter(None, (row.words, words)))[:LONGEST_WORDS]
            session.flush()
            return Contest.model_validate(row)

    def answer(self, contest: str, outcome: str, answer: str) -> Contest:
        """Answer a contest, for good.

        Raises `UnknownError`, and `TransitionError` for one that is answered already.
        """
        with self._database.writing() as session:
            row = session.get(ContestRow, contest)
            if row is None:
                raise UnknownError(contest)
            if row.answered_at is not None:
                raise TransitionError(f"{contest} is answered")
            row.outcome, row.answer, row.answered_at = outcome, answer, self._now()
            session.flush()
            return Contest.model_validate(row)

    def of_account(self, account: str) -> list[Contest]:
        """Return the contests of an account, newest first."""
        return self._found(ContestRow.account == account)

    def waiting(self) -> list[Contest]:
        """Return the contests that wait for an answer, newest first."""
        return self._found(ContestRow.answered_at.is_(None))

    def forget_account(self, account: str) -> None:
        """Erase every contest of an account that is erased."""
        with self._database.writing() as session:
            session.execute(delete(ContestRow).where(ContestRow.account == account))

    def _found(self, which: object) -> list[Contest]:
        query = select(ContestRow).where(which).order_by(ContestRow.opened_at.desc())  # pyright: ignore[reportArgumentType]
        with self._database.reading() as session:
            return [Contest.model_validate(row) for row in session.scalars(query)]
