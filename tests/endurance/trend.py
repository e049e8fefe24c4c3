"""Whether a series rises: its slope, with how uncertain that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean
from typing import Literal

BLOCKS = 8
"""A slope is drawn through the means of so many stretches: samples ten seconds apart are alike, and
counted one by one they would make it far surer than it is."""

STUDENT = 2.447
"""Quantile 0.975 of Student's distribution with `BLOCKS` - 2 degrees of freedom."""

Points = Sequence[tuple[float, float]]
"""Moments (s), in order, and values."""

Verdict = Literal["flat", "rises", "not shown"]


@dataclass(frozen=True, slots=True)
class Trend:
    """The mean of a series, by how much it rises over its whole length, ± (95 %)."""

    level: float
    rise: float
    error: float

    def verdict(self, allowed: float) -> Verdict:
        """Say whether it rises by no more than that: shown, refuted, or too uncertain to say."""
        if self.rise + self.error <= allowed:
            return "flat"
        return "rises" if self.rise - self.error > 0 else "not shown"

    def __str__(self) -> str:
        return f"{self.level:,.1f}, rises by {self.rise:,.2f} ± {self.error:,.2f}"


def trend(points: Points) -> Trend:
    """Return the trend of a series of `BLOCKS` points at least; raises `ValueError` for fewer."""
    if len(points) < BLOCKS:
        raise ValueError(f"{len(points)} points, {BLOCKS} at least")
    cuts = [len(points) * each // BLOCKS for each in range(BLOCKS + 1)]
    blocks = [points[start:end] for start, end in pairwise(cuts)]
    times = [fmean(at for at, _ in block) for block in blocks]
    values = [fmean(value for _, value in block) for block in blocks]
    time, level = fmean(times), fmean(values)
    spread = sum((at - time) ** 2 for at in times)
    slope = sum((at - time) * (v - level) for at, v in zip(times, values, strict=True)) / spread
    rest = (v - level - slope * (at - time) for at, v in zip(times, values, strict=True))
    error = STUDENT * sqrt(sum(one**2 for one in rest) / (BLOCKS - 2) / spread)
    length = points[-1][0] - points[0][0]
    return Trend(fmean(value for _, value in points), slope * length, error * length)


def halves(points: Points) -> tuple[Points, Points]:
    """Return the first and the last half of a series."""
    middle = len(points) // 2
    return points[:middle], points[middle:]
