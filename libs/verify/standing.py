"""Places that margins allow, and moves from a month to the next (methodology, 9.3 and 10.4)."""

from collections.abc import Sequence

from libs.verify.versions import Rules

SMALLEST_LIST = 10
"""Accounts ranked; a shorter list has no ranks."""

LEAST_TOLD = 5
"""9.3: hundredths of a point under which a move would be written 0,0."""

Interval = tuple[int, int, int]
"""Low, score, high, in hundredths of a point."""


def rank_of(score: int, among: Sequence[int]) -> int | None:
    """Return a rank among scores, its own with them; None in a short list (10.1 to 10.3)."""
    if len(among) < SMALLEST_LIST:
        return None
    return 1 + sum(other > score for other in among)


def places_of(interval: Interval, among: Sequence[int]) -> tuple[int, int] | None:
    """Return the best and the worst place that an interval allows; None in a short list (10.4)."""
    low, score, high = interval
    if len(among) < SMALLEST_LIST:
        return None
    best, worst = (1 + sum(other > bound for other in among) for bound in (high, low))
    return best, worst - (score > low)


def moved(now: Interval, before: Interval, rules: Rules) -> int:
    """Return the move that is told, in hundredths of a point; 0 where it is « stable » (9.3)."""
    low, score, high = now
    before_low, past, before_high = before
    if rules.by_own_margin:
        before_low = before_high = past
    apart = low > before_high or high < before_low
    return score - past if apart and abs(score - past) >= LEAST_TOLD else 0
