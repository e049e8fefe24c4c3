"""What advice is chosen from: an account in its month, whose it is, and the day it is read."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.territories import Category, Family
from libs import french
from services.api.figures.rows import AccountScore, BaremeKnots, KpiShare, MonthScore, Peer
from services.api.words.elections import (
    ElectoralPeriod,
    Rhythm,
    electoral_period,
    rhythm_before,
    rhythm_of,
)
from services.api.words.sentences import GOOD, strongest

Group = Literal["reactions", "rhythm", "audience"]

BY_WEIGHT: tuple[Group, ...] = ("reactions", "audience", "rhythm")

GROUPS: Mapping[Group, tuple[str, ...]] = {
    "reactions": ("engagement",),
    "rhythm": ("frequency",),
    "audience": ("reach", "followers"),
}
"""The KPIs that a community manager can move together; no advice is ever given on the ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An account that has a score.

    `knots` are those of the barème, all cells; `members` how many communes its territory covers;
    `others` the other accounts of the territory that month; `peers` those ranked next to it. With
    `outside`, its agents answered that no electoral period concerns it.
    """

    score: AccountScore
    kpis: Sequence[KpiShare]
    day: date
    knots: Sequence[BaremeKnots] = ()
    history: Sequence[MonthScore] = ()
    members: int = 0
    others: Sequence[AccountScore] = ()
    peers: Sequence[Peer] = ()
    outside: bool = False

    @property
    def category(self) -> Category:
        """Return the category of its territory."""
        return Category(self.score.category or Category.AUTRES)

    @property
    def family(self) -> Family:
        """Return the family of its category."""
        return self.category.family

    @property
    def period(self) -> ElectoralPeriod | None:
        """Return the electoral period that the day is in: unanswered counts as concerned."""
        return None if self.outside else electoral_period(self.day)

    @property
    def electoral(self) -> bool:
        """Whether the day is in an electoral period that concerns the territory."""
        return self.period is not None

    @property
    def posts(self) -> int:
        """Return how many posts the month had."""
        return self.score.posts or 0

    @property
    def followers(self) -> int:
        """Return the followers of the end of the month."""
        return self.score.followers or 0

    @property
    def daily(self) -> float:
        """Return posts a day, all counted."""
        first = french.first_day(self.score.period)
        return self.posts / monthrange(first.year, first.month)[1]

    @property
    def width(self) -> float:
        """Return how many points the margin of the score is wide."""
        return float((self.score.high or 0) - (self.score.low or 0))

    @property
    def praised(self) -> KpiShare | None:
        """Return what the page says that helps."""
        return strongest(self.kpis, self.score, electoral=self.electoral)

    @property
    def usual(self) -> Rhythm | None:
        """Return the rhythm of the months before this one, or before the electoral period."""
        period = self.period
        first = french.first_day(self.score.period)
        return rhythm_before(self.history, min(first, period.opens) if period else first)

    @property
    def rhythm(self) -> Rhythm | None:
        """Return the rhythm of the month."""
        return rhythm_of(self.history, self.score.period)

    def kpi(self, slug: str) -> KpiShare | None:
        """Return a KPI that the network publishes; None where it does not."""
        return next((one for one in self.kpis if one.kpi == slug), None)

    def of(self, group: Group) -> list[KpiShare]:
        """Return the KPIs of a group that have points."""
        found = [self.kpi(slug) for slug in GROUPS[group]]
        return [one for one in found if one is not None and one.points is not None]

    def lost(self, group: Group) -> float:
        """Return the points of the score that a group leaves."""
        return sum(one.lost or 0 for one in self.of(group))

    def points(self, group: Group) -> float:
        """Return what a group is worth of 100."""
        held = self.of(group)
        weights = sum(one.weight for one in held)
        return sum((one.points or 0) * one.weight for one in held) / weights if weights else 100

    def ratio(self, slug: str) -> float | None:
        """Return a value over the median beside it; None where either is unknown."""
        one = self.kpi(slug)
        if one is None or one.value is None or not one.cell_median:
            return None
        return one.value / one.cell_median

    @property
    def losses(self) -> list[Group]:
        """Return the groups worth less than `GOOD` points, the largest loss first."""
        held: list[Group] = [one for one in BY_WEIGHT if self.of(one) and self.points(one) < GOOD]
        return sorted(held, key=lambda one: -self.lost(one))

    def aside(self, group: Group) -> Literal["praised", "muted"] | None:
        """Return why nothing is advised on a group; None where something may be."""
        if group == "rhythm" and self.electoral:
            return "muted"
        if (best := self.praised) is not None and best.kpi in GROUPS[group]:
            return "praised"
        return None
