"""When a number is unusual: against the last hours, and against this hour of the weeks before.

Both must be exceeded: the last hours alone take every morning for a peak, the weeks alone miss that
today is busy for another reason. With little history only a large number is told, and said to be
« en apprentissage ». No input nor output: counts come by a function.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, pstdev
from zoneinfo import ZoneInfo

from contracts.watches import Sensitivity

RECENT = timedelta(hours=12)
RECENT_LEAST = 12
"""Windows before this one: those of twelve hours, twelve at least (also what must be known)."""

WEEKS = 4
WEEKS_LEAST = 2
"""Weeks compared with, and how many must be known; until then the watch is learning."""

WEEK = timedelta(days=7)

Count = Callable[[datetime, datetime], int]
"""Distinct matches published in `]after, until]`."""

Hole = tuple[datetime, datetime]
"""A time of which nothing is known, from and to."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a window holds, what is usual (null when unknown), and whether that is a peak."""

    count: int
    usual: int | None
    peak: bool
    learning_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted, from which moment it is known (UTC), and the holes since.

    A window that a hole touches is not compared with: nothing is known of it, not even silence.
    """

    count: Count
    since: datetime
    holes: Sequence[Hole] = ()

    def known(self, after: datetime, until: datetime) -> bool:
        """Tell whether a time is known whole."""
        holes = (begun < until and after < ended for begun, ended in self.holes)
        return after >= self.since and not any(holes)

    def without_hole_since(self, now: datetime) -> datetime:
        """Return from when all is known up to now."""
        return max([self.since, *(ended for _, ended in self.holes if ended <= now)])


def judge(
    counted: Counted, now: datetime, window: timedelta, zone: ZoneInfo, sensitivity: Sensitivity
) -> Verdict:
    """Judge the window that ends `now`.

    `zone` gives the hour of the weeks before: after a change of clocks, eight o'clock stays eight.
    """
    count = counted.count
    found = count(now - window, now)

    def counts_of(ends: Sequence[datetime]) -> list[int]:
        return [count(end - window, end) for end in ends if counted.known(end - window, end)]

    recent, weeks = counts_of(ends_before(now, window)), counts_of(same_hours(now, zone))
    compared = [
        counts
        for counts, least in ((recent, RECENT_LEAST), (weeks, WEEKS_LEAST))
        if len(counts) >= least
    ]
    learning_until = None
    if len(weeks) < WEEKS_LEAST:
        learning_until = counted.without_hole_since(now) + WEEKS_LEAST * WEEK + window
    if compared:
        peak = all(exceeds(found, counts, sensitivity) for counts in compared)
        usual = math.floor(max(map(fmean, compared)) + 0.5)
    else:
        peak = found >= sensitivity.unknown_least
        usual = None
    return Verdict(found, usual, peak, learning_until)


def exceeds(found: int, usual: Sequence[int], sensitivity: Sensitivity) -> bool:
    """Tell whether a count is far above the counts that are usual."""
    mean = fmean(usual)
    spread = max(pstdev(usual), math.sqrt(mean))
    return (
        found >= sensitivity.least
        and found > sensitivity.ratio * mean
        and found > mean + sensitivity.deviations * spread
    )


def ends_before(now: datetime, window: timedelta) -> list[datetime]:
    """Return the ends of the windows before the one that ends `now`, latest first."""
    number = max(RECENT_LEAST, math.ceil(RECENT / window))
    return [now - step * window for step in range(1, number + 1)]


def same_hours(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return this hour of the same weekday in the weeks before, by the clocks of the zone."""
    local = now.astimezone(zone)
    return [(local - week * WEEK).astimezone(now.tzinfo) for week in range(1, WEEKS + 1)]
