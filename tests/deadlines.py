"""Waiting on a condition, with a deadline: no test sleeps for a guessed while."""

import asyncio
import time
from collections.abc import Callable

LOOK_EVERY = 0.02


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Return as soon as `condition` holds; raises `TimeoutError` after so many seconds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 — what is waited for is elsewhere
            await asyncio.sleep(LOOK_EVERY)


def until_now(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Return as soon as `condition` holds, without an event loop; raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(LOOK_EVERY)
