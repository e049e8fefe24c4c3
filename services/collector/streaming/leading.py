"""A stream is followed by the process that leads, and by no other."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from contracts.watches import Watched
from libs.wire.table import Table

LOOK_EVERY_SECONDS = 1.0


async def follow_while(
    leads: asyncio.Event,
    watches: Table[Watched],
    follow: Callable[[], Coroutine[Any, Any, None]],
    look_every: float = LOOK_EVERY_SECONDS,
) -> None:
    """Follow a stream while this process leads, looking every so many seconds whether it does.

    Raises what ends the stream; `RuntimeError` when the watches are no longer read.
    """
    while True:
        await leads.wait()
        following = asyncio.create_task(follow())
        try:
            while leads.is_set() and not following.done():
                await asyncio.wait({following}, timeout=look_every)
                if watches.failed:
                    # The words looked for would stay those of today, and nobody would know.
                    raise RuntimeError(f"the watches are no longer read: {watches.failed}")
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        if not following.cancelled() and (error := following.exception()):
            raise error
