"""Rank tests and false discoveries: whether some values are larger than others, and how surely.

Nothing is assumed of how values are spread, and a post that everybody saw weighs as any first one.
Groups are of twenty and more, where the normal approximation of the rank sum is good to the third
digit.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from math import erfc, log, sqrt
from typing import NamedTuple, TypeVar

K = TypeVar("K")
SURE = 1.959964
"""Standard errors of an interval that holds the truth 95 times of a hundred."""


class Ranked(NamedTuple):
    """Ranks of values (those of equals are shared), and what equals take from the variance."""

    ranks: Sequence[float]
    ties: float


class Shift(NamedTuple):
    """By how much values of a group exceed the others: the estimate, and its interval (95 %)."""

    estimate: float
    low: float
    high: float


def ranked(values: Sequence[float]) -> Ranked:
    """Rank values from 1, the mean rank for equals."""
    ordered = sorted(values)
    ranks = [
        (bisect_left(ordered, value) + bisect_right(ordered, value) + 1) / 2 for value in values
    ]
    ties, at = 0.0, 0
    while at < len(ordered):
        equals = bisect_right(ordered, ordered[at]) - at
        ties += equals**3 - equals
        at += equals
    return Ranked(ranks, ties)


def surprise(known: Ranked, group: Collection[int]) -> float:
    """Return how often chance alone would set a group so far apart (two-sided, 0 to 1).

    The rank-sum test of Wilcoxon, Mann and Whitney, corrected for ties and for continuity.
    """
    total, inside = len(known.ranks), len(group)
    outside = total - inside
    if not inside or not outside:
        return 1.0
    spread = inside * outside / 12 * (total + 1 - known.ties / (total * (total - 1)))
    if spread <= 0:
        return 1.0
    off = abs(sum(known.ranks[place] for place in group) - inside * (total + 1) / 2)
    return erfc(max(0.0, off - 0.5) / sqrt(2 * spread))


def shift(group: Sequence[float], others: Sequence[float]) -> Shift:
    """Return by how much a group exceeds others: the median of all differences (Hodges, Lehmann).

    Its interval is of the same differences (Moses): that which the rank test does not refuse.
    """
    falling = sorted(others, reverse=True)
    # Runs that already rise, one for each of the group: sorting them is merging them.
    differences = [one - other for one in group for other in falling]
    differences.sort()
    count = len(differences)
    middle = (differences[(count - 1) // 2] + differences[count // 2]) / 2
    spread = sqrt(count * (len(group) + len(others) + 1) / 12)
    out = max(0, min(count - 1, round(count / 2 - SURE * spread)))
    return Shift(middle, differences[out], differences[count - 1 - out])


def discoveries(
    families: Mapping[K, Sequence[float]], rate: float, weights: Mapping[K, float]
) -> dict[K, float]:
    """Return the families in which something was found, with the surprise that suffices in each.

    Families are chosen first (Simes; Benjamini and Hochberg, with ``weights`` that say where
    something is likely: Genovese, Roeder and Wasserman, 2006). Findings are then chosen inside
    them, at a rate that is stricter the fewer they are (Benjamini and Bogomolov, 2014). On the
    average over families a share of ``rate`` at most of what is told is chance; where there is
    nothing to find, something is told in ``rate`` of cases.
    """
    asked = {name: sorted(values) for name, values in families.items() if values}
    mean = sum(weights[name] for name in asked) / max(1, len(asked))
    whole = {
        name: min(len(values) * value / place for place, value in enumerate(values, 1))
        * mean
        / weights[name]
        for name, values in asked.items()
    }
    chosen = [name for name in whole if whole[name] <= _threshold(list(whole.values()), rate)]
    inside = rate * len(chosen) / max(1, len(asked)) / mean if asked else 0.0
    return {name: _threshold(asked[name], inside * weights[name]) for name in chosen}


def _threshold(values: Sequence[float], rate: float) -> float:
    """Return the largest value that Benjamini and Hochberg accept, below 0 for none."""
    accepted = -1.0
    for place, value in enumerate(sorted(values), 1):
        if value <= rate * place / len(values):
            accepted = value
    return accepted


def log_rate(interactions: int, followers: int) -> float:
    """Return the logarithm of what a post gathered for a follower, half a reaction added."""
    return log((interactions + 0.5) / max(1, followers))
