"""An attacker who wants the followers of accounts, with what is public and nothing else.

A month's file gives some of: score, engagement, posts, notes by quarter, bounds. The barème and the
population are public. Followers that agree with all of it are feasible; those of a month are near
those of the month before. Followers are tried on a scale of steps of 0.5 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

BILLION = 10**9
STEP = 0.005
SCALE = np.exp(np.arange(np.log(8), np.log(3e6), STEP))
HALF_A_CENT = 0.0051
DAYS = 30
FAR = 1e15

Knots = tuple[Sequence[int], Sequence[int]]
Cell = Mapping[str, Knots]
"""The barème of an account's cell: values in billionths and their worth, by KPI."""


@dataclass(frozen=True)
class Known:
    """What a file says of an account in a month, least and most; None where it says nothing."""

    score: float
    engagement: tuple[float, float]
    frequency: tuple[float, float]
    low: tuple[float, float] | None
    high: tuple[float, float] | None


def worth(value: object, knots: Knots) -> np.ndarray:
    return np.interp(value, *knots)


def value_of(points: object, knots: Knots) -> np.ndarray:
    return np.interp(np.clip(points, 0, 100), knots[1], knots[0])


def known(line: Mapping[str, str], cell: Cell) -> Known:
    """Read a line of a month's file: notes from values where there are, else from quarters."""

    def note(value: str, name: str, kpi: str) -> tuple[float, float]:
        if line[value]:
            points = float(worth(float(line[value]) * BILLION, cell[kpi]))
            return points - 0.01, points + 0.01
        if not line[name]:
            return 0, 100
        return 25.0 * (int(line[name]) - 1), 25.0 * int(line[name])

    def bound(name: str, toward: int) -> tuple[float, float] | None:
        if not line[name]:
            return None
        found = float(line[name])
        width = 0 if found % 10 else 10
        ends = sorted((found, found + toward * width))
        return ends[0] - HALF_A_CENT, ends[1] + HALF_A_CENT

    return Known(
        float(line["score"]),
        note("taux_d_engagement", "quartile_taux_d_engagement", "engagement"),
        note("publications_par_jour", "quartile_publications_par_jour", "frequency"),
        bound("score_bas", 1),
        bound("score_haut", -1),
    )


def feasible(one: Known, cell: Cell, population: int) -> np.ndarray:
    """Return which followers of the scale a month allows."""
    least, most = (
        4 * worth(SCALE * side / population * BILLION, cell["reach"])
        + 2 * worth(SCALE * side * BILLION, cell["followers"])
        for side in (1 - STEP / 2, 1 + STEP / 2)
    )
    found = np.zeros(len(SCALE), bool)
    for rhythm in rhythms(one, cell):
        rest = 3 * rhythm + least, 3 * rhythm + most
        low = np.maximum((14 * (one.score - HALF_A_CENT) - rest[1]) / 5, one.engagement[0])
        high = np.minimum((14 * (one.score + HALF_A_CENT) - rest[0]) / 5, one.engagement[1])
        found |= (low <= high) & bounds_agree(one, cell["engagement"], low, high, rest)
    return found


def rhythms(one: Known, cell: Cell) -> list[float]:
    """Return the notes of the numbers of posts that a month may have had."""
    notes = {float(worth(min(1, n / DAYS) * BILLION, cell["frequency"])) for n in range(4, 31)}
    return [note for note in notes if one.frequency[0] <= note <= one.frequency[1]]


def bounds_agree(
    one: Known,
    knots: Knots,
    low: np.ndarray,
    high: np.ndarray,
    rest: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return where some engagement between two notes, and some margin, give both bounds."""
    if one.low is None or one.high is None:
        return np.ones(len(SCALE), bool)
    found = np.zeros(len(SCALE), bool)
    under = (14 * one.low[0] - rest[1]) / 5, (14 * one.low[1] - rest[0]) / 5
    over = (14 * one.high[0] - rest[1]) / 5, (14 * one.high[1] - rest[0]) / 5
    for part in np.linspace(0, 1, 9):
        engagement = value_of(low + (high - low) * part, knots)
        least = np.maximum(
            np.where(under[1] >= 100, 0, engagement - value_of(under[1], knots)),
            value_of(over[0], knots) - engagement,
        )
        most = np.minimum(
            np.where(under[0] <= 0, FAR, engagement - value_of(under[0], knots)),
            np.where(over[1] >= 100, FAR, value_of(over[1], knots) - engagement),
        )
        slack = engagement * 0.002 + 1000
        found |= (np.maximum(least, 0) <= most + slack) & (under[1] >= 0) & (over[0] <= 100)
    return found


def over_months(months: Sequence[np.ndarray], drift: float) -> np.ndarray:
    """Return the followers of the last month that every month before allows.

    `drift`: followers change by no more from a month to the next, as a ratio.
    """
    near = int(np.ceil(drift / STEP))
    found = months[0]
    for _, month in pairwise(months):
        found = (np.convolve(found, np.ones(2 * near + 1), "same") > 0) & month
    return SCALE[found]
