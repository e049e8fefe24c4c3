"""What makes people react more or less to posts of an account, told when it is more than chance.

Each group of posts (a format, a part of the day, a topic…) is set against the others by a rank
test, on what posts gathered for a follower at seven days, slow changes taken out. What is most sure
is told first and taken out before the rest is looked at: a topic that is often filmed is not told
twice. All that was looked at counts (`ranks.discoveries`). `docs/performance.md` has the method.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import median

from services.api.performance.contrasts import LIKELY, Contrast, Dimension, contrasts
from services.api.performance.posts import COMPARED_WITHIN, Compared, Post
from services.api.performance.ranks import (
    Shift,
    discoveries,
    log_rate,
    ranked,
    shift,
    surprise,
)

RATE = 0.055
"""Share of what is told that may be chance; so few that one account of twenty is not misled."""

EFFECT_LEAST = log(1.15)
"""A smaller effect is not worth a sentence."""

AROUND = 50
"""Posts before and after one, whose median is what was usual then."""

ANALYSED_FEWEST = 40
"""Posts without which nothing is asked: twenty a side."""

MOST_TOLD = 8
"""Findings of one account."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A group that does better or worse than the others, all else told taken out.

    ``times`` is what its posts gather for what others do (1.5: half as much again), with an
    interval of 95 %; ``posts`` and ``others`` are how many on each side; ``chance`` how often
    chance alone would do as much.
    """

    dimension: Dimension
    value: str
    times: float
    low: float
    high: float
    posts: int
    others: int
    chance: float
    group: frozenset[int]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was looked at and what was found, the largest effect first.

    ``posts`` are those looked at; ``left_out`` the contests and outliers that were not; ``asked``
    how many groups were compared.
    """

    posts: Sequence[Post]
    findings: Sequence[Finding]
    asked: int
    left_out: int

    @property
    def enough(self) -> bool:
        """Return whether there were posts enough to ask anything."""
        return len(self.posts) >= ANALYSED_FEWEST


def analyse(compared: Sequence[Compared]) -> Analysis:
    """Look for what does better or worse in the posts of the last twelve months."""
    counted = [
        one for one in compared if one.post.counted is not None and one.rate is not None
    ]  # fmt: skip
    newest = max((one.post.published_at for one in counted), default=None)
    counted = [
        one for one in counted if newest and one.post.published_at > newest - COMPARED_WITHIN
    ]
    kept = sorted(
        (one.post for one in counted if not one.marked),
        key=lambda post: (post.published_at, post.post),
    )
    left_out = len(counted) - len(kept)
    if len(kept) < ANALYSED_FEWEST:
        return Analysis(kept, (), 0, left_out)
    values = without_drift([_value(post) for post in kept])
    asked = contrasts(kept)
    told = _told(values, asked)
    findings = [one for contrast in told if (one := _alone(values, contrast, told)) is not None]
    findings.sort(key=lambda one: -abs(log(one.times)))
    return Analysis(kept, findings, len(asked), left_out)


def _told(values: Sequence[float], asked: Sequence[Contrast]) -> dict[Contrast, float]:
    """Return the groups that chance does not explain, the surest first, and what each does."""
    told: dict[Contrast, float] = {}
    while len(told) < MOST_TOLD:
        left = _without(values, told)
        known = ranked(left)
        chances = {one: surprise(known, one.group) for one in asked}
        enough = discoveries(_families(chances), RATE, LIKELY)
        found = [
            one
            for one, chance in chances.items()
            if chance <= enough.get(one.dimension, -1) and one not in told
        ]
        one = min(found, key=lambda one: (chances[one], one.value), default=None)
        if one is None:
            break
        told[one] = _shift(left, one).estimate
    return told


def _alone(
    values: Sequence[float], one: Contrast, told: Mapping[Contrast, float]
) -> Finding | None:
    """Return a group set against all others, what other dimensions do taken out; None if small.

    What its own dimension does stays: beside photos that do twice as much, videos are told to do
    more only when they do more than all the rest.
    """
    others = {other: does for other, does in told.items() if other.dimension != one.dimension}
    left = _without(values, others)
    effect, chance = _shift(left, one), surprise(ranked(left), one.group)
    same = effect.estimate * told[one] > 0
    if not same or abs(effect.estimate) < EFFECT_LEAST or chance > RATE / MOST_TOLD:
        return None
    inside = len(one.group)
    return Finding(
        one.dimension, one.value, exp(effect.estimate), exp(effect.low), exp(effect.high),
        inside, len(values) - inside, chance, one.group,
    )  # fmt: skip


def _shift(values: Sequence[float], one: Contrast) -> Shift:
    return shift(
        [values[place] for place in sorted(one.group)],
        [value for place, value in enumerate(values) if place not in one.group],
    )


def _without(values: Sequence[float], told: Mapping[Contrast, float]) -> list[float]:
    left = list(values)
    for one, does in told.items():
        for place in one.group:
            left[place] -= does
    return left


def without_drift(values: Sequence[float]) -> list[float]:
    """Take from each value the median of those before and after it: what was usual at the time."""
    return [
        value - median(values[max(0, place - AROUND) : place + AROUND + 1])
        for place, value in enumerate(values)
    ]


def _value(post: Post) -> float:
    reading = post.counted
    gathered = reading.interactions if reading else None
    return log_rate(gathered or 0, post.followers or 1)


def _families(chances: dict[Contrast, float]) -> dict[Dimension, list[float]]:
    families: dict[Dimension, list[float]] = {}
    for one, chance in chances.items():
        families.setdefault(one.dimension, []).append(chance)
    return families
