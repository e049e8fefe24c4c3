"""What to look at first before a month is made final: figures that moved too much, or are missing.

Pure, over the lines of the month and of the one before.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.api.figures.month_rows import MonthLine
from services.api.figures.rows import Source

POINTS = 20
"""A score that moved by so many points is looked at."""

LOST = 0.30
"""So is an account that lost this share of its followers (a ratio)."""

AUDIENCE = "followers"
"""The KPI that counts followers (`contracts/kpis.py`)."""

COVERAGE = 0.10
"""And a network of which this share fewer accounts are scored (a ratio)."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An account whose figure moved, from what to what."""

    line: MonthLine
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Covered:
    """How many accounts of a network are scored, this month and the month before."""

    network: str
    before: int
    after: int

    @property
    def short(self) -> bool:
        """Whether far fewer are."""
        return self.after < self.before * (1 - COVERAGE)


@dataclass(frozen=True, slots=True)
class Gate:
    """What there is to look at; nothing of it forbids publishing: a person decides."""

    scores: tuple[Moved, ...]
    followers: tuple[Moved, ...]
    coverage: tuple[Covered, ...]
    unread: tuple[str, ...]

    @property
    def count(self) -> int:
        """Return how many things there are to look at."""
        short = sum(one.short for one in self.coverage)
        return len(self.scores) + len(self.followers) + short + len(self.unread)


def gate(
    lines: Sequence[MonthLine], before: Sequence[MonthLine], sources: Sequence[Source]
) -> Gate:
    """Return what to look at, the greatest moves first.

    A network is unread where it has accounts of which none could be scored, and nothing of it was
    read for a day.
    """
    scored, known = _scored(lines), {one.account: one for one in before}
    pairs = [(one, known[one.account]) for one in lines if one.account in known]
    scores = [
        Moved(one, float(was.score), float(one.score))
        for one, was in pairs
        if one.score is not None
        and was.score is not None
        and abs(float(one.score) - float(was.score)) >= POINTS
    ]
    followers = [
        Moved(one, now[0], now[1])
        for one, was in pairs
        if (now := _followers(was, one)) is not None and now[1] < now[0] * (1 - LOST)
    ]
    then = _scored(before)
    return Gate(
        tuple(sorted(scores, key=lambda one: -abs(one.after - one.before))),
        tuple(sorted(followers, key=lambda one: one.after / one.before)),
        tuple(Covered(one, then[one], scored[one]) for one in sorted({*then, *scored})),
        tuple(
            one.network
            for one in sources
            if one.accounts and not scored[one.network] and not one.done_24h
        ),
    )


def _scored(lines: Sequence[MonthLine]) -> Mapping[str, int]:
    return Counter(one.network for one in lines if one.score is not None)


def _followers(was: MonthLine, now: MonthLine) -> tuple[float, float] | None:
    known: tuple[int | None, int | None] = (
        getattr(was, AUDIENCE, None),
        getattr(now, AUDIENCE, None),
    )
    before, after = known
    return None if not before or after is None else (float(before), float(after))
