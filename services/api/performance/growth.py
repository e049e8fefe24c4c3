"""Days on which followers came, or left, as on no other; and the posts beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from services.api.performance.posts import Compared

SPAN = 3
"""Days over which a change is looked at: a post is seen, and followed, for some days."""

SPREADS = 6.0
"""How far from the usual, in robust standard deviations, a change is a shock."""

LEAST_SHARE = 0.02
"""Of followers: less is noise, whatever the account's calm."""

GAIN_LEAST = 20
"""Followers: less is noise, for whomever."""

FEWEST_DAYS = 60
"""Days with readings that it takes to know what is usual."""

BEFORE = timedelta(days=2)
"""A gain may be explained by a post of so long before."""

_TO_DEVIATION = 1.4826
"""From the median deviation to the standard one, of a normal law."""


@dataclass(frozen=True, slots=True)
class Shock:
    """Followers gained (lost where below zero) from ``first`` to ``last``, and the posts beside.

    ``usual`` is what so many days bring.
    """

    first: date
    last: date
    gained: int
    usual: float
    posts: tuple[Compared, ...]


def shocks(followers: Sequence[tuple[date, int]], compared: Sequence[Compared]) -> list[Shock]:
    """Return the shocks of a series of followers by day, the largest first."""
    days = dict(followers)
    changes = {
        day: days[day] - days[day - timedelta(days=SPAN)]
        for day in sorted(days)
        if day - timedelta(days=SPAN) in days
    }
    if len(changes) < FEWEST_DAYS:
        return []
    usual = median(changes.values())
    spread = _TO_DEVIATION * median(abs(one - usual) for one in changes.values())
    bounds = {
        day: max(SPREADS * spread, LEAST_SHARE * days[day - timedelta(days=SPAN)], GAIN_LEAST)
        for day in changes
    }
    far = {day for day, one in changes.items() if abs(one - usual) >= bounds[day]}
    found: list[Shock] = []
    while far:
        day = max(far, key=lambda one: (abs(changes[one] - usual), one))
        first = day - timedelta(days=SPAN)
        beside = [
            one for one in compared if first - BEFORE <= one.post.local.date() <= day
        ]  # fmt: skip
        beside.sort(key=lambda one: -(one.ratio or one.rate or 0.0))
        found.append(Shock(first, day, changes[day], usual, tuple(beside[:3])))
        far -= {day + timedelta(days=near) for near in range(-SPAN - 1, SPAN + 2)}
    return found
