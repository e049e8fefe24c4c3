"""Quotas as pure arithmetic: what a bucket may still grant, now and for the jobs it has granted.

A window counts what was granted over its length, and over the life of a job beyond it: a job
granted at the end of one window may be run at the beginning of the next. So whatever the server's
own window, rolling or fixed, it is never asked for more than it allows.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from contracts.jobs import Spent
from contracts.networks import Quota

JOB_LIFE = timedelta(seconds=30)
"""A job that was not begun by then is dropped."""

QUOTA_USED = 0.9
"""Share of a quota that we use: clocks differ, and people look at accounts by hand too."""

SLICES = 60
"""Parts of a window in which what is spent is counted."""

LOW = 0.25
VERY_LOW = 0.10
"""Shares of a quota left: below the first half of the rest is given, below the second nothing."""


class Window:
    """What was granted over a rolling length of time, for one quota."""

    def __init__(self, quota: Quota) -> None:
        some = max(1, int(quota.requests * QUOTA_USED))
        self.allowed = some if quota.requests > 1 else quota.requests
        self.length = timedelta(seconds=quota.seconds)
        # Short windows are paced by the steps of the scheduler: jobs are run as they are granted.
        self._slice = self.length / SLICES
        late = JOB_LIFE if quota.seconds >= 60 else self.length / 10
        self._kept = self.length + self._slice + late
        self._spent: deque[tuple[datetime, int]] = deque()

    def available(self, now: datetime) -> int:
        """Return how many requests may be granted at `now`."""
        self._forget(now)
        return max(0, self.allowed - sum(count for _, count in self._spent))

    def spend(self, now: datetime, requests: int) -> None:
        """Count requests as granted, in the slice of time that began last or in a new one."""
        if self._spent and now - self._spent[-1][0] < self._slice:
            began, count = self._spent[-1]
            self._spent[-1] = (began, count + requests)
        else:
            self._spent.append((now, requests))

    def free_at(self, now: datetime) -> datetime:
        """Return when at least one request may be granted."""
        if self.available(now) > 0:
            return now
        if not self._spent:
            return now + self.length
        return self._spent[0][0] + self._kept + timedelta(milliseconds=1)

    def _forget(self, now: datetime) -> None:
        while self._spent and self._spent[0][0] + self._kept < now:
            self._spent.popleft()

    def idle(self, now: datetime) -> bool:
        """Tell whether nothing that was granted counts any more."""
        self._forget(now)
        return not self._spent

    def spent(self, now: datetime) -> tuple[tuple[datetime, int], ...]:
        """Return what was granted and still counts, as moments and numbers of requests."""
        self._forget(now)
        return tuple(self._spent)


class Bucket:
    """All the quotas that a request is paid from; the tightest decides.

    Beside what we count ourselves, it obeys what the network says: what is left (headers), and
    until when to leave it alone (429).
    """

    def __init__(self, name: str, quotas: Iterable[Quota]) -> None:
        quotas = tuple(quotas)
        self.name = name
        self.per = quotas[0].per
        self.paused_until: datetime | None = None
        self.why: str | None = None
        self._windows = [Window(quota) for quota in quotas]
        self._longest = max(self._windows, key=lambda window: window.length)
        self._left: int | None = None
        self._left_at: datetime | None = None

    @property
    def allowed(self) -> int:
        """Return what the tightest of its quotas allows at most."""
        return min(window.allowed for window in self._windows)

    def available(self, now: datetime) -> int:
        """Return how many requests may be granted at `now`."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        own = min(window.available(now) for window in self._windows)
        if self._left is None or self._left_at is None:
            return own
        if now - self._left_at > self._longest.length:
            self._left = None
            return own
        ratio = self._left / max(1, self._longest.allowed)
        if ratio < VERY_LOW:
            return 0
        return min(own, self._left // 2 if ratio < LOW else self._left)

    def spend(self, now: datetime, requests: int) -> None:
        """Count requests as granted."""
        for window in self._windows:
            window.spend(now, requests)
        if self._left is not None:
            self._left = max(0, self._left - requests)

    def observe(self, left: int, at: datetime) -> None:
        """Note what the network says is left of the bucket, at a moment."""
        if self._left_at is None or at >= self._left_at:
            self._left, self._left_at = left, at

    def pause(self, until: datetime, why: str) -> None:
        """Grant nothing until then; a longer pause is kept."""
        if self.paused_until is None or until > self.paused_until:
            self.paused_until, self.why = until, why

    def forget(self) -> None:
        """Forget what the network says: what we granted still counts."""
        self.paused_until = self.why = self._left = self._left_at = None

    def free_at(self, now: datetime) -> datetime:
        """Return when it is worth asking again whether something may be granted."""
        moments = [window.free_at(now) for window in self._windows]
        if self.paused_until is not None and self.paused_until > now:
            moments.append(self.paused_until)
        return max(moments)

    def idle(self, now: datetime) -> bool:
        """Tell whether nothing is spent nor paused: such a bucket can be made again."""
        paused = self.paused_until is not None and self.paused_until > now
        return not paused and all(window.idle(now) for window in self._windows)

    def to_keep(self, now: datetime) -> tuple[Spent, ...]:
        """Return what a later leader must know: what was granted, where windows are long."""
        if self._longest.length < timedelta(minutes=1):
            return ()
        spent = self._longest.spent(now)
        return tuple(Spent(bucket=self.name, at=at, requests=count) for at, count in spent)

    def restore(self, spent: Iterable[Spent]) -> None:
        """Take over what an earlier leader granted."""
        for entry in sorted(spent, key=lambda entry: entry.at):
            for window in self._windows:
                window.spend(entry.at, entry.requests)
