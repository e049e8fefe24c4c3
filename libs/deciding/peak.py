"""When a number is unusual: against the last hours, and against this hour of the weeks before.

Both must be exceeded: the last hours alone take every morning for a peak, the weeks alone miss that
today is busy for another reason. What is said varies from hour to hour more than chance alone would
have it, so a spread is at least that of an over-dispersed count (a negative binomial's): a variance
of mean + mean² ÷ DISPERSION, chosen and measured as docs/decisions/0030 says. With little history
only a large number is told, and said to be « en apprentissage ». No input nor output: counts come
by a function.
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
"""Weeks back that an hour is compared with."""

WEEKS_LEAST = 2
"""Weeks compared with, and how many must be known; until then the watch is learning."""

WEEK = timedelta(days=7)

AROUND = timedelta(hours=1)
"""Of the weeks before, windows so much earlier and later count too: four are too few to know."""

DISPERSION = 1.0
"""At 1 a rate varies as much as itself (exponentially) around what is usual."""

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


def verdict_of(
    counted: Counted, now: datetime, window: timedelta, zone: ZoneInfo, sensitivity: Sensitivity
) -> Verdict:
    """Tell whether the window that ends `now` holds a peak.

    `zone` gives the hour of the weeks before: after a change of clocks, eight o'clock stays eight.
    """
    count = counted.count
    found = count(now - window, now)

    def counts_of(ends: Sequence[datetime]) -> list[int]:
        return [count(end - window, end) for end in ends if counted.known(end - window, end)]

    hours = same_hours(now, zone)
    recent, weeks = counts_of(ends_before(now, window)), counts_of(hours)
    compared = [
        counts
        for counts, least in ((recent, RECENT_LEAST), (weeks, WEEKS_LEAST))
        if len(counts) >= least
    ]
    learning_until = None
    if len(weeks) < WEEKS_LEAST:
        learning_until = counted.without_hole_since(now) + WEEKS_LEAST * WEEK + window
    if compared:
        around = counts_of([end + by for end in hours for by in (-AROUND, AROUND)])
        whole = [weeks + around] if len(weeks) >= WEEKS_LEAST else []
        peak = all(exceeds(found, counts, sensitivity) for counts in compared + whole)
        usual = math.floor(max(map(fmean, compared)) + 0.5)
    else:
        peak = found >= sensitivity.unknown_least
        usual = None
    return Verdict(found, usual, peak, learning_until)


def exceeds(found: int, usual: Sequence[int], sensitivity: Sensitivity) -> bool:
    """Tell whether a count is far above the counts that are usual."""
    mean = fmean(usual)
    rate = mean + 1 / len(usual)  # where nothing was ever said, something rare may be
    spread = max(pstdev(usual), math.sqrt(rate + rate * rate / DISPERSION))
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
