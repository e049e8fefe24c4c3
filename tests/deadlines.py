"""Waiting on a condition, with a deadline: no test sleeps for a guessed while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_EVERY = 0.01


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as `condition` holds; raises `TimeoutError` after so many seconds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 — what is waited for is elsewhere
            await asyncio.sleep(LOOK_EVERY)


async def until_found(
    ask: Callable[[], Awaitable[T]], wanted: Callable[[T], object] = bool, seconds: float = 30
) -> T:
    """Ask again until the answer is `wanted`, and return it.

    Raises `TimeoutError`, which tells the last answer, after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not wanted(found := await ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {found!r:.2000}")
        await asyncio.sleep(LOOK_EVERY)
    return found


async def turn(times: int = 1) -> None:
    """Let every task that is ready run, so many times."""
    for _ in range(times):
        await asyncio.sleep(0)


def until_now(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return as soon as `condition` holds, without an event loop; raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(LOOK_EVERY)
