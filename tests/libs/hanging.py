"""A service in a process of its own that never stops: `python -m tests.libs.hanging HOW`."""

import asyncio
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from starlette.routing import BaseRoute, Mount

from libs import process
from libs.process import run
from libs.settings import Settings


class Hanging:
    """A service whose start, or stop, waits for what never comes; its loop may hang with it."""

    name = "hanging"
    routes: Sequence[BaseRoute] = (Mount("/", routes=[]),)  # one with pages waits for no broker

    def __init__(self, how: str) -> None:
        self._how = how

    async def start(self) -> None:
        sys.stdout.write("started\n")
        sys.stdout.flush()
        if self._how == "start":
            await self._for_ever()

    async def stop(self) -> None:
        if self._how == "loop":
            threading.Event().wait()
        await self._for_ever()

    def failures(self) -> dict[str, str]:
        return {}

    unready = stalled = failures

    async def _for_ever(self) -> None:
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


if __name__ == "__main__":
    process.STOP_SECONDS = 0.3
    run(lambda: Hanging(sys.argv[1]), Settings(installation="simulation", ops_port=0))
