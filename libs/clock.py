"""The clock that everything is given: nothing reads the machine's time elsewhere."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
"""The zone of days, months and hours that people are told, and of the months that are scored."""


def paris_day(moment: datetime) -> str:
    """Return the day of a moment in Paris, as views are asked for it: « 2026-11-30 »."""
    return moment.astimezone(PARIS).date().isoformat()


class Clock(Protocol):
    """Tells the time (aware, UTC) and waits for it."""

    def now(self) -> datetime:
        """Return the present instant, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until the clock shows `moment`."""
        ...


class SystemClock:
    """The machine's clock, or one set to `epoch` at the machine's instant `started`.

    The demonstration's world starts at an epoch of its own and runs in real time from there.
    """

    def __init__(self, epoch: datetime | None = None, started: datetime | None = None) -> None:
        started = started or datetime.now(UTC)
        self._offset = (epoch or started) - started

    def now(self) -> datetime:
        """Return the present instant, UTC."""
        return datetime.fromtimestamp(time.time(), UTC) + self._offset

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        await asyncio.sleep(seconds)

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until the clock shows `moment`; returns at once when it is past."""
        await asyncio.sleep(max(0.0, (moment - self.now()).total_seconds()))


class SteppedClock:
    """A clock that moves when told: tests and the accelerated world advance it by steps."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the instant last stepped to, UTC."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        await self.sleep_until(self._now + timedelta(seconds=seconds))

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until the clock has been stepped to `moment`."""
        if moment <= self._now:
            await asyncio.sleep(0)
            return
        due = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (moment, next(self._order), due))
        await due

    @property
    def next_due(self) -> datetime | None:
        """Return the earliest instant somebody waits for."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def step_to(self, moment: datetime) -> None:
        """Advance to `moment` and wake whoever waited for it, in the order of their instants."""
        self._now = max(self._now, moment)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, due = heapq.heappop(self._sleepers)
            if not due.done():
                due.set_result(None)

    def step(self, seconds: float) -> None:
        """Advance by so many seconds."""
        self.step_to(self._now + timedelta(seconds=seconds))
