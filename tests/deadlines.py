"""Waiting on a condition, with a deadline: no test sleeps for a guessed while."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import chain, repeat
from typing import TypeVar

T = TypeVar("T")

PAUSES = (0.01,) * 10 + (0.03,) * 10
"""Seconds from one look to the next, then `LONGEST`: who is looked at needs the processor too."""
LONGEST = 0.1


def pauses() -> Iterator[float]:
    """Yield how long to wait from one look to the next."""
    return chain(PAUSES, repeat(LONGEST))


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as `condition` holds; raises `TimeoutError` after so many seconds."""
    looked = pauses()
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 — what is waited for is elsewhere
            await asyncio.sleep(next(looked))


async def until_found(
    ask: Callable[[], Awaitable[T]], wanted: Callable[[T], object] = bool, seconds: float = 30
) -> T:
    """Ask again until the answer is `wanted`, and return it.

    Raises `TimeoutError`, which tells the last answer, after so many seconds.
    """
    deadline, looked = time.monotonic() + seconds, pauses()
    while not wanted(found := await ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {found!r:.2000}")
        await asyncio.sleep(next(looked))
    return found


async def turn(times: int = 1) -> None:
    """Let every task that is ready run, so many times."""
    for _ in range(times):
        await asyncio.sleep(0)


def until_now(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as `condition` holds, without an event loop; raises `TimeoutError`."""
    deadline, looked = time.monotonic() + seconds, pauses()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(next(looked))
