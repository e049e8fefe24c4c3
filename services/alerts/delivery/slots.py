"""Limits on attempts: how many at once for a host, how fast for an address, how many waiting.

Messages for one host wait for one another, never for another host: a host that is away, or takes
minutes to refuse, delays only its own messages.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from libs.clock import Clock

MESSAGES_AT_ONCE = 1_000
"""Messages under way at once to hosts that answer; beyond, no more records are read."""

SHARE = 100
"""As many of these as one host may take: a host that hangs has not failed yet."""

MESSAGES_HELD = 10_000
"""Messages held in memory at most (some 10 kB each), those for hosts that fail included."""


class Slots:
    """The turns of one channel; `parallel` attempts a host, `pace` seconds an address."""

    def __init__(self, parallel: int, pace: float, clock: Clock) -> None:
        self._parallel = parallel
        self._pace = timedelta(seconds=pace)
        self._clock = clock
        self._open: dict[str, asyncio.Semaphore] = {}
        self._under_way: Counter[str] = Counter()
        self._failing: set[str] = set()
        self._next: dict[str, datetime] = {}

    @property
    def full(self) -> bool:
        """Tell whether no more messages are to be taken for now."""
        if self._under_way.total() >= MESSAGES_HELD:
            return True
        answering = {h: n for h, n in self._under_way.items() if h not in self._failing}
        return sum(min(n, SHARE) for n in answering.values()) >= MESSAGES_AT_ONCE

    def enter(self, host: str) -> None:
        """Count a message for a host, until it `leave`s."""
        self._under_way[host] += 1

    def leave(self, host: str) -> None:
        """Count a message as ended; of a host for which none is left nothing is kept."""
        self._under_way[host] -= 1
        if self._under_way[host] <= 0:
            del self._under_way[host]
            self._open.pop(host, None)
            self._failing.discard(host)
            now = self._clock.now()
            self._next = {address: turn for address, turn in self._next.items() if turn > now}

    def note(self, host: str, *, failing: bool) -> None:
        """Note whether the last attempt at a host is to be repeated."""
        (self._failing.add if failing else self._failing.discard)(host)

    @asynccontextmanager
    async def turn(self, host: str, address: str) -> AsyncGenerator[None]:
        """Wait for the address's next turn and a slot of its host, and hold the slot."""
        if self._pace:
            now = self._clock.now()
            turn = max(now, self._next.get(address, now))
            self._next[address] = turn + self._pace
            await self._clock.sleep_until(turn)
        async with self._open.setdefault(host, asyncio.Semaphore(self._parallel)):
            yield
