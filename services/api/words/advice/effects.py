"""What a step within reach would change of a score: computed on the barème that serves it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.kpis import BY_SLUG
from libs import french
from libs.french import NO_BREAK
from services.api.words.advice.situation import Group, Situation
from services.api.words.standing import first_half
from services.api.words.standing.rulers import served

BILLION = 10**9

MORE_REACTIONS = 0.2
"""Share of reactions that a month of care may add; at least one a post."""

MORE_FOLLOWERS = 0.05
"""Share of followers that a season may add; at least ten."""

A_WEEK = 1 / 7
"""Posts a day: one more a week."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A step of a group, and the score that it would give, all else equal.

    `step` says it in French; `before` and `score` are of 100; `within` whether it is inside today's
    margin; `place` where it would stand, as far as the accounts next to it tell.
    """

    step: str
    before: Decimal
    score: Decimal
    within: bool
    place: str

    @property
    def said(self) -> str:
        """Write the effect in a sentence."""
        points = f"{french.number(self.before, 1)} à {french.number(self.score, 1)}{self.place}"
        margin = "c’est dans la marge" if self.within else "c’est plus que la marge"
        return f"Avec {self.step}, le score passerait de {points}{NO_BREAK}: {margin}."


def effect(of: Situation, group: Group) -> Effect | None:
    """Return what a step of a group would give; None where the barème is not known or full."""
    if of.score.score is None or of.score.high is None:
        return None
    moved, step = _step(of, group)
    knots = served(of.score, of.knots)
    gained = Decimal(0)
    weights = sum(one.weight for one in of.kpis)
    for slug, value in moved.items():
        one = of.kpi(slug)
        if one is None or one.points is None or one.value is None:
            continue
        if slug not in knots:
            return None
        pairs = list(zip(knots[slug].knots, knots[slug].worths, strict=True))
        more = max(0.0, worth(value, pairs) - worth(one.value, pairs))
        gained += Decimal(more * one.weight / weights)
    score = (of.score.score + gained).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if score - of.score.score < Decimal("0.05"):
        return None
    return Effect(step, of.score.score, score, score <= of.score.high, _place(of, score))


def worth(value: float, knots: list[tuple[int, int]]) -> float:
    """Return the points of a value between the knots of a cell (methodology, 8.6)."""
    x = value * BILLION
    if x >= knots[-1][0]:
        return 100.0
    right = next(place for place, (knot, _) in enumerate(knots) if knot > x)
    (x0, worth0), (x1, worth1) = knots[max(0, right - 1)], knots[right]
    return worth0 + (worth1 - worth0) * (x - x0) / (x1 - x0) if x1 > x0 else float(worth0)


def _step(of: Situation, group: Group) -> tuple[dict[str, float], str]:
    values = {one.kpi: one.value or 0.0 for one in of.of(group)}
    if group == "reactions":
        before = values["engagement"] * of.followers
        more = max(1, round(before * MORE_REACTIONS))
        after = {"engagement": (before + more) / max(1, of.followers)}
        each = french.number(round(before + more))
        said = french.plural(more, "réaction")
        return after, f"{said} de plus par publication ({each} en moyenne)"
    if group == "rhythm":
        most = BY_SLUG["frequency"].most or 1.0
        after = {"frequency": min(most, values["frequency"] + A_WEEK)}
        return after, "une publication de plus par semaine"
    more = max(10, round(of.followers * MORE_FOLLOWERS))
    grown = (of.followers + more) / max(1, of.followers)
    after = {slug: value * grown for slug, value in values.items()}
    whole = french.number(of.followers + more)
    return after, f"{french.plural(more, 'abonné')} de plus ({whole} en tout)"


def _place(of: Situation, score: Decimal) -> str:
    """Say the place of a score, in the first half alone, where those next to it tell it."""
    rank = of.score.stratum_rank or of.score.rank
    if rank is None or first_half.half(of.score) is not first_half.Half.FIRST:
        return ""
    ahead = [
        one
        for one in of.peers
        if one.score is not None and of.score.score is not None and one.score > of.score.score
    ]
    passed = sum(one.score is not None and one.score <= score for one in ahead)
    if not passed:
        return ""
    place = french.ordinal(rank - passed)
    if passed == len(ahead) and rank - passed > 1:
        return f", à la {place}{NO_BREAK}place ou mieux"
    return f", à la {place}{NO_BREAK}place"
