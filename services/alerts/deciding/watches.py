"""The table of watches; one instance learns of a change a moment before another."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping

import structlog
from aiokafka.errors import KafkaError

from contracts.channels import channel_of
from contracts.watches import Watched
from libs.wire.work import Later

log = structlog.get_logger(__name__)

CATCH_UP_SECONDS = 2.0
"""Left to the table to read what the topic holds now: milliseconds, with a broker that answers."""

REMEMBERED = 10_000
"""Unknown watches that are not looked for again."""


def warn_of_unreached(watch: Watched) -> None:
    """Log the recipients of an active watch whom no channel of this version tells."""
    lost = Counter(
        one.address.partition(":")[0] for one in watch.recipients if not channel_of(one.address)
    )
    if lost and watch.state == "active":
        log.warning("recipients of no channel", watch=watch.watch, channels=dict(lost))


async def nothing_behind() -> None:
    """Return at once: the rows are all there is."""


class Watches:
    """The rows of the table of watches; `catch_up` returns once they are those of now."""

    def __init__(
        self,
        rows: Mapping[str, Watched],
        catch_up: Callable[[], Awaitable[None]] = nothing_behind,
    ) -> None:
        self._rows = rows
        self._catch_up = catch_up
        self._unknown: set[str] = set()
        self._caught_up = float("-inf")
        self._is_fresh = True
        self._catching_up = asyncio.Lock()

    def all(self) -> Collection[Watched]:
        """Return every watch, whatever its state."""
        return self._rows.values()

    def get(self, watch: str) -> Watched | None:
        """Return a watch as it is known now."""
        return self._rows.get(watch)

    async def expect(
        self, watch: str, read_at: float | None = None, *, surely: bool = False
    ) -> Watched | None:
        """Return a watch that something refers to; None for one that is in the topic no more.

        Who refers to it knew it already, perhaps a moment before us: the table is let to catch up,
        once for all that was read before (`read_at`, in the loop's time; None: now). Where the
        table could not be read, a watch may be there all the same: raises `Later` if that must be
        known (`surely`).
        """
        if watch not in self._rows and watch not in self._unknown:
            asked_at = asyncio.get_running_loop().time() if read_at is None else read_at
            async with self._catching_up:
                if self._caught_up < asked_at:
                    self._caught_up = asyncio.get_running_loop().time()
                    self._is_fresh = await self._let_catch_up()
            if watch not in self._rows and not self._is_fresh:
                if surely:
                    raise Later(f"watches are not read: {watch} is not known")
            elif watch not in self._rows:
                if len(self._unknown) >= REMEMBERED:
                    self._unknown.clear()
                self._unknown.add(watch)
        return self._rows.get(watch)

    async def _let_catch_up(self) -> bool:
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await self._catch_up()
            return True
        except (KafkaError, TimeoutError) as error:
            log.warning("watches not caught up", error=repr(error))
            return False
