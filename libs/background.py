"""The tasks of a service, by name, and how long they wait before they try again."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

import structlog

log = structlog.get_logger(__name__)

Length = TypeVar("Length", float, timedelta)

STEADY_SECONDS = 60.0
"""A run that lasted so long was well: what ends it is the first failure of a row."""

_DOUBLED_AT_MOST = 30
"""Times that a wait is doubled; more would not fit a float."""


def backoff(tries: int, first: Length, longest: Length) -> Length:
    """Return `first` doubled at each try, `longest` at most."""
    return min(longest, first * 2 ** min(tries, _DOUBLED_AT_MOST))


def with_jitter(tries: int, first: float, longest: float) -> float:
    """Return the seconds to wait: `backoff` with full jitter."""
    return random.uniform(0, backoff(tries, first, longest))


def failed_again(failures: int, lasted: float) -> int:
    """Return how many runs in a row have failed, after one that lasted so many seconds."""
    return 1 if lasted >= STEADY_SECONDS else failures + 1


class Background:
    """The tasks of a service; one that dies is a failure of its part, never silent.

    `on_death` is told of it by name: a process ends, so that whoever keeps it starts it again. Not
    of one that stopped at its ceiling of bad records: that is a failure that stays.
    """

    on_death: ClassVar[Callable[[str], None] | None] = None

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def spawn(self, part: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` as the part of this name."""
        task = self._tasks[part] = asyncio.create_task(work, name=part)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopping:
            return
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        log.error("part died", part=task.get_name(), error=repr(error))
        if Background.on_death is not None:
            Background.on_death(task.get_name())

    def expect_end(self) -> None:
        """Take what ends from now on for a stop, not for a death."""
        self._stopping = True

    async def stop(self) -> None:
        """Cancel the tasks and wait for them."""
        self.expect_end()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def failures(self) -> dict[str, str]:
        """Return the parts that have died, with their error."""
        dead: dict[str, str] = {}
        for part, task in self._tasks.items():
            if not task.done():
                continue
            error = asyncio.CancelledError() if task.cancelled() else task.exception()
            dead[part] = repr(error) if error else "ended"
        return dead
