"""The small state at work in the api: migrated, filled from a file, told to the topics."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import structlog

from contracts.territories import Territories
from libs.background import Background, backoff, failed_again
from libs.wire.wire import Wire
from services.api.census.address_file import import_addresses
from services.api.store import Store
from services.api.store.relay.outbox import LONGEST_WAIT_SECONDS, POLL_SECONDS, Relay, backlog
from services.api.store.relay.outranking import Outranking
from services.api.store.relay.renewals import Renewals

log = structlog.get_logger(__name__)


class _CutShort(Exception):
    """The service stops: the file is taken in again from its start at the next one."""


class SmallState:
    """Opens the store when the service starts, and keeps the outbox flowing until it stops.

    The portal answers whether or not the broker does: what is to be told waits in the outbox, and
    `failures` says so. `accounts_file` (addresses by territory) is taken in at every start, which
    changes nothing when the file has not; until all that it changed is told, `failures` says so
    too: who waits for the portal finds its accounts on the topic.
    """

    def __init__(
        self, store: Store, wire: Wire, territories: Territories, accounts_file: Path | None = None
    ) -> None:
        self.store = store
        self._wire = wire
        self._relay = Relay(store, wire)
        self._territories = territories
        self._accounts_file = accounts_file
        self._background = Background()
        self._asking = ThreadPoolExecutor(1, "pulse")
        self._importing: asyncio.Task[None] | None = None
        self._stopping = False
        self._unread: str | None = None
        self._untold: str | None = None
        self._unconnected: str | None = "not connected yet"

    async def start(self) -> None:
        """Migrate, then import and relay in the background."""
        await asyncio.to_thread(self.store.migrate)
        if self._accounts_file is not None:
            self._unread = "being read"
            self._importing = asyncio.create_task(self._take_in(self._accounts_file))
        self._background.spawn("outbox", self._run())

    async def stop(self) -> None:
        """Stop relaying and reading the file; what is left of both is done at the next start."""
        self._stopping = True
        if self._importing is not None:
            await asyncio.gather(self._importing, return_exceptions=True)
        await self._background.stop()
        await self._wire.stop()
        self._asking.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self.store.close)

    async def ping(self) -> None:
        """Return once the database answers; one question at a time, whoever waits no more."""
        await asyncio.get_running_loop().run_in_executor(self._asking, self.store.database.ping)

    def failures(self) -> dict[str, str]:
        """What is not well, part → what is wrong."""
        passed_over = self._relay.passed_over
        return ({"outbox": passed_over} if passed_over else {}) | self.unready()

    def unready(self) -> dict[str, str]:
        """Of the same, what keeps all that is changed from being told; not one key of it."""
        failures = self._background.failures() | self._wire.broker.failures()
        if trouble := self._unconnected or self._relay.trouble or self._untold:
            failures["outbox"] = trouble
        if self._unread is not None:
            failures["accounts file"] = self._unread
        return failures

    def stalled(self) -> dict[str, str]:
        """Say whether the relay stands still, though the broker answers."""
        return self._wire.broker.stalled({"outbox": self._relay.rounds_at})

    async def _take_in(self, file: Path) -> None:
        try:
            lines = await asyncio.to_thread(lambda: file.read_bytes().splitlines())
            report = await asyncio.to_thread(
                import_addresses,
                self.store,
                lines,
                self._territories,
                reference=file.name,
                tell=self._tell_taken_in,
            )
        except _CutShort:
            log.info("accounts file left", file=str(file), read=self._unread)
            return
        except Exception as error:
            self._unread = f"{type(error).__name__}: {error}"
            log.exception("accounts file not read", file=str(file))
            return
        log.info("accounts file read", **report.outcomes, refused=report.reasons)
        self._unread, self._untold = None, "the accounts file is being told"
        await self._until_told(self.store.now())

    async def _until_told(self, moment: datetime) -> None:
        """Return when nothing waits in the outbox since that moment or before, or at the stop."""
        while not self._stopping:
            try:
                left = await asyncio.to_thread(backlog, self.store)
            except Exception as error:  # of the database, whatever it is: it is asked again
                self._untold = f"{type(error).__name__}: {error}"
            else:
                if left.oldest is None or left.oldest > moment:
                    self._untold = None
                    return
                self._untold = f"{left.keys} keys are still to be told"
            await asyncio.sleep(POLL_SECONDS)

    def _tell_taken_in(self, done: int, wanted: int) -> None:
        self._unread = f"being read, {done} of {wanted}"
        if self._stopping:
            raise _CutShort

    async def _run(self) -> None:
        waits = 0
        while self._unconnected is not None:
            try:
                await self._wire.ping()  # a producer that finds no broker is never closed
                await self._wire.start()
                self._unconnected = None
            except Exception as error:
                self._unconnected = f"{type(error).__name__}: {error}"
                waits += 1
                await asyncio.sleep(backoff(waits, POLL_SECONDS, LONGEST_WAIT_SECONDS))
        for follow in (Outranking, Renewals):
            self._background.spawn(follow.__name__.lower(), self._again(follow))
        await self._relay.run()

    async def _again(self, follow: type[Outranking] | type[Renewals]) -> None:
        """Follow what the topics hold, again and again: a fault of it stops nobody."""
        waits = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await follow(self.store, self._wire).run()
            except Exception as error:  # of broker or database, whatever it is
                log.warning("topics not followed", error=f"{type(error).__name__}: {error}")
                waits = failed_again(waits, asyncio.get_running_loop().time() - began)
                await asyncio.sleep(backoff(waits, POLL_SECONDS, LONGEST_WAIT_SECONDS))
