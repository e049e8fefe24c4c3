"""The networks' own account of what was asked: quotas are judged here, not by the client."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

Window = Literal["rolling", "fixed", "pacific"]

PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Rule:
    """At most ``limit`` units per ``seconds``, in a rolling window or in windows of the clock.

    ``pacific`` is the civil day of California, whatever ``seconds``.
    """

    limit: int
    seconds: int
    window: Window = "fixed"

    def bounds(self, moment: int) -> tuple[int, int]:
        """When the window of the clock that holds a moment begins and ends."""
        if self.window == "pacific":
            return _day_of_california(moment)
        start = moment // self.seconds * self.seconds
        return start, start + self.seconds


@dataclass(slots=True)
class Bucket:
    """What one bucket has spent."""

    rule: Rule
    asked: int = 0
    refused: int = 0
    spent: int = 0
    most: int = 0
    first: int | None = None
    last: int | None = None
    start: int = 0
    kinds: Counter[str] = field(default_factory=Counter[str])
    recent: deque[tuple[int, int]] = field(default_factory=deque[tuple[int, int]])

    def used(self, moment: int) -> int:
        """Units spent in the window that holds a moment."""
        rule = self.rule
        if rule.window != "rolling":
            start = rule.bounds(moment)[0]
            if start != self.start:
                self.start, self.spent = start, 0
            return self.spent
        while self.recent and self.recent[0][0] <= moment - rule.seconds:
            self.spent -= self.recent.popleft()[1]
        return self.spent

    def resets_at(self, moment: int) -> int:
        """When units come back."""
        rule = self.rule
        if rule.window != "rolling":
            return rule.bounds(moment)[1]
        return (self.recent[0][0] if self.recent else moment) + rule.seconds


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is let in, and what its headers say."""

    allowed: bool
    limit: int
    remaining: int
    resets_at: int

    @property
    def used_percent(self) -> int:
        """Percent of the limit that is spent."""
        return 100 * (self.limit - self.remaining) // self.limit


class Ledger:
    """Counts units by bucket; refused requests are counted and cost nothing."""

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}

    def ask(self, name: str, rule: Rule, moment: int, kind: str = "", cost: int = 1) -> Verdict:
        """Charge a bucket if it can pay."""
        bucket = self.buckets.get(name)
        if bucket is None:
            bucket = self.buckets[name] = Bucket(rule)
        used = bucket.used(moment)
        bucket.asked += 1
        bucket.kinds[kind] += 1
        if bucket.first is None:
            bucket.first = moment
        bucket.last = moment
        if used + cost > rule.limit:
            bucket.refused += 1
            return Verdict(False, rule.limit, 0, bucket.resets_at(moment))
        bucket.spent = used + cost
        if rule.window == "rolling":
            bucket.recent.append((moment, cost))
        bucket.most = max(bucket.most, bucket.spent)
        return Verdict(True, rule.limit, rule.limit - bucket.spent, bucket.resets_at(moment))

    def summary(self) -> dict[str, dict[str, object]]:
        """The account as JSON: what was asked per bucket, the most in one window, the refusals."""
        return {
            name: {
                "limit": bucket.rule.limit,
                "seconds": bucket.rule.seconds,
                "window": bucket.rule.window,
                "asked": bucket.asked,
                "refused": bucket.refused,
                "most_in_a_window": bucket.most,
                "kinds": dict(sorted(bucket.kinds.items())),
                "first": bucket.first,
                "last": bucket.last,
            }
            for name, bucket in sorted(self.buckets.items())
        }


@lru_cache(maxsize=4096)
def _midnight(day: int) -> int:
    civil = datetime.fromordinal(day).replace(tzinfo=PACIFIC)
    return int(civil.timestamp())


def _day_of_california(moment: int) -> tuple[int, int]:
    local = datetime.fromtimestamp(moment, PACIFIC)
    day = local.toordinal()
    return _midnight(day), _midnight(day + 1)
