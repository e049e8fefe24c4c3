"""Checks every few seconds that what a service depends on answers; its loss is told within 15 s.

A broker that is frozen refuses nothing: connections stay open, calls wait for minutes, and nobody
asks the engine of an installation without visitors. So each is asked something small by itself, and
what comes back clears what was told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

import structlog

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3.0
WITHIN_SECONDS = 6.0
"""Left to an answer; with the wait before the question, a loss is told in 9 s, a return in 3."""

STALLED_SECONDS = 600.0
"""For which something that works in rounds may end none: ten times what is told as slow."""

Ask = Callable[[], Awaitable[object]]


async def why_silent(ask: Ask, within: float) -> str | None:
    """Ask, and return why there is no answer within so many seconds; None where there is one."""
    try:
        async with asyncio.timeout(within):
            await ask()
    except TimeoutError:
        return f"no answer within {within:g} s"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    return None


class Pulse:
    """Asks each of some parts, each by itself; `failures` says which do not answer, and why."""

    def __init__(
        self,
        parts: Mapping[str, Ask],
        *,
        every: float = EVERY_SECONDS,
        within: float = WITHIN_SECONDS,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """Prepare; what an `Ask` raises is why its part is not well. `seconds` is the time."""
        self._seconds = seconds
        self._well_since = float("-inf")
        self._parts = parts
        self._every = every
        self._within = within
        self._failures: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def failures(self) -> dict[str, str]:
        """Return what does not answer, part → why."""
        return dict(self._failures)

    def stalled(self, rounds_at: Mapping[str, float | None]) -> dict[str, str]:
        """Return what ends no round any more though all parts answer, name → for how long.

        `rounds_at` says when each ended its last one, or began it (None: it need not make any
        now). A round that waits for a part that is away is no stall, nor is the first after that.
        """
        if self._failures:
            return {}
        now = self._seconds()
        lasted = {
            name: now - max(at, self._well_since)
            for name, at in rounds_at.items()
            if at is not None
        }
        return {
            name: f"no round ended for {seconds:.0f} s"
            for name, seconds in lasted.items()
            if seconds > STALLED_SECONDS
        }

    def start(self) -> None:
        """Begin to ask."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._ask(*part)) for part in self._parts.items()]

    async def stop(self) -> None:
        """Ask no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _ask(self, part: str, ask: Ask) -> None:
        while True:
            why = await why_silent(ask, self._within)
            if why is None:
                if self._failures.pop(part, None):
                    self._well_since = self._seconds()
                    log.info("answers again", part=part)
            else:
                if part not in self._failures:
                    log.error("does not answer", part=part, why=why)
                self._failures[part] = why
            await asyncio.sleep(self._every)
