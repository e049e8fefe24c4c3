"""Electoral periods, from the calendar beside this file: they mute advice to publish more.

Whether one concerns a territory is what its agents answered; unanswered counts as concerned.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from libs import french
from services.api.figures.rows import MonthScore
from services.api.store.agents.elections import Answer, ElectoralAnswer

CALENDAR = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class ElectoralPeriod:
    """A period of reserve; both days are in it (Europe/Paris). `slug` is its name in the store."""

    slug: str
    name: str
    opens: date
    closes: date


@cache
def calendar() -> tuple[ElectoralPeriod, ...]:
    """Return the periods of the calendar."""
    lines = cast("list[dict[str, Any]]", yaml.safe_load(CALENDAR.read_text(encoding="utf-8")))
    return tuple(ElectoralPeriod(**line) for line in lines)


def electoral_period(day: date) -> ElectoralPeriod | None:
    """Return the period that holds a day (Europe/Paris), or None."""
    return next((one for one in calendar() if one.opens <= day <= one.closes), None)


ANSWERS: Mapping[Answer, str] = {
    "concerned": "concernée",
    "to_verify": "à vérifier",
    "outside": "hors période",
}


@dataclass(frozen=True, slots=True)
class ElectoralState:
    """A period, and what the agents of a territory answered of it (None: nothing yet)."""

    period: ElectoralPeriod
    given: ElectoralAnswer | None

    @property
    def muted(self) -> bool:
        """Whether rhythm is neither praised nor advised: unless the territory is outside."""
        return self.given is None or self.given.answer != "outside"

    @property
    def said(self) -> str:
        """Return the answer in French: « concernée », « à vérifier », « hors période »."""
        return ANSWERS[self.given.answer if self.given else "to_verify"]

    @property
    def line(self) -> str:
        """Say it in one sentence, as a sheet does."""
        whose = "à vérifier pour cette collectivité"
        if self.given and self.given.answer != "to_verify":
            whose = f"{self.said}, répond la collectivité"
        return f"Période de réserve de l’{self.period.name}{french.NO_BREAK}: {whose}."


MONTHS_BEFORE = 6
"""How many whole months before a period say what rhythm was usual."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Posts a week over whole months, from the first to the last of them."""

    weekly: float
    first: str
    last: str


def rhythm_before(history: Sequence[MonthScore], opens: date) -> Rhythm | None:
    """Return the rhythm of the months before a period; None when none of them is known."""
    known = [one for one in history if one.posts is not None and one.period < f"{opens:%Y-%m}"]
    return _rhythm(known[-MONTHS_BEFORE:])


def rhythm_of(history: Sequence[MonthScore], period: str) -> Rhythm | None:
    """Return the rhythm of a month; None when its posts are not known."""
    return _rhythm([one for one in history if one.period == period and one.posts is not None])


def _rhythm(months: Sequence[MonthScore]) -> Rhythm | None:
    if not months:
        return None
    starts = [french.first_day(one.period) for one in months]
    days = sum(monthrange(start.year, start.month)[1] for start in starts)
    posts = sum(one.posts or 0 for one in months)
    return Rhythm(7 * posts / days, months[0].period, months[-1].period)
