"""The collector, wired: scheduler, workers, streams, over one wire, one client, one clock."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import httpx
import structlog
from aiokafka.errors import KafkaError
from starlette.routing import BaseRoute

from contracts.jobs import JobSubject
from contracts.networks import network_of
from contracts.topics import WATCHES
from contracts.watches import Watched
from libs.background import Background, backoff, failed_again
from libs.clock import Clock
from libs.outbound.client import client_of, session_of
from libs.settings import Settings
from libs.wire.table import Table
from libs.wire.wire import SESSION_MS, Wire
from services.collector import PARTS
from services.collector.connecting.connections import Connections
from services.collector.networks import reader_of
from services.collector.planning.scheduler import Scheduler
from services.collector.press.following import SUBJECT, PressFiles
from services.collector.readers.graph import token_of
from services.collector.readers.reader import Credential
from services.collector.searching.hearing import Hearing
from services.collector.streaming.connection import Connection
from services.collector.streaming.known import cursor_kept, mentions_known
from services.collector.streaming.leading import follow_while
from services.collector.streams import STREAMED, stream_of
from services.collector.worker import Worker

log = structlog.get_logger(__name__)

RESTART_WAIT_SECONDS = 1.0
LONGEST_RESTART_WAIT_SECONDS = 60.0


class Collector:
    """The service: the parts asked for, kept running."""

    name = "collector"

    def __init__(
        self,
        settings: Settings,
        wire: Wire,
        http: httpx.AsyncClient,
        clock: Clock,
        parts: Sequence[str],
        session_ms: int = SESSION_MS,
    ) -> None:
        self._settings = settings
        self._wire = wire
        self._http = http
        self._clock = clock
        self._parts = parts
        self._session_ms = session_ms
        self._background = Background()
        self._troubles: dict[str, str] = {}
        credentials = credentials_of(settings.network_tokens)
        keys = settings.tokens_private_keys
        self.connections = Connections(
            wire, http, clock, reader_of, keys, settings.network_applications
        )
        self.hearing = Hearing(wire)
        self.scheduler = Scheduler(
            wire,
            clock,
            credentials=names_of(credentials),
            host_of=host_of,
            same=same_tokens(credentials),
            budgets=settings.network_budgets,
            connections=self.connections,
            watches=lambda: self.hearing.watches,
        )
        owned = self.connections.credential
        self.worker = Worker(wire, http, clock, reader_of, credentials, owned, self.hearing)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return nothing beside health and metrics."""
        return ()

    async def start(self) -> None:
        """Start the parts asked for."""
        if "worker" in self._parts:
            self.worker.subscribe(session_ms=self._session_ms)
        if "scheduler" in self._parts:
            self.scheduler.subscribe(self._session_ms)
        await self._wire.start()
        follow = partial(self.connections.run, self.scheduler.leads)
        self._background.spawn("connections", self._keep("connections", follow))
        if "worker" in self._parts or "scheduler" in self._parts:
            self._background.spawn("hearing", self._keep("hearing", self.hearing.run))
        if "streams" in self._parts:
            for slug in STREAMED:
                part = f"streams of {slug}"
                self._background.spawn(part, self._keep(part, partial(self._follow, slug)))
            if self._settings.press_files:
                press = partial(self._following, self._press)
                self._background.spawn("press", self._keep("press", press))

    async def stop(self) -> None:
        """Stop granting, finish the jobs in hand, close the connections."""
        await self._background.stop()
        await self._wire.stop()
        await self._http.aclose()

    def failures(self) -> dict[str, str]:
        """Return what is not well."""
        return {**self._background.failures(), **self._troubles, **self._wire.failures()}

    def unready(self) -> dict[str, str]:
        """Return what it leans on and is away, and what reads no more."""
        return self._background.failures() | self._wire.unready()

    def stalled(self) -> dict[str, str]:
        """Return the lanes that stand still."""
        return self._wire.stalled()

    async def _keep(self, part: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run a part again when the broker fails it; anything else is a failure that stays."""
        failures, loop = 0, asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await work()
                return
            except (KafkaError, OSError) as error:
                self._troubles[part] = repr(error)
                failures = failed_again(failures, loop.time() - began)
                log.warning("part begins again", part=part, error=repr(error), failures=failures)
            await asyncio.sleep(
                backoff(failures, RESTART_WAIT_SECONDS, LONGEST_RESTART_WAIT_SECONDS)
            )
            self._troubles.pop(part, None)

    async def _follow(self, slug: str) -> None:
        """Follow the stream of a network."""
        await self._following(partial(self._stream, slug))

    async def _following(
        self, follow: Callable[[Table[Watched]], Coroutine[Any, Any, None]]
    ) -> None:
        """Follow what others say while this process leads: one reader is enough."""
        watches = Table(self._wire, WATCHES, Watched)
        try:
            await watches.start()
            await follow_while(self.scheduler.leads, watches, lambda: follow(watches))
        finally:
            await watches.stop()

    async def _press(self, watches: Table[Watched]) -> None:
        files = PressFiles(self._wire, self._http, self._clock, lambda: watches.rows)
        files.resume(await cursor_kept(self._wire, lambda row: row.subject == SUBJECT))
        await files.run()

    async def _stream(self, slug: str, watches: Table[Watched]) -> None:
        stream = stream_of(slug)
        via = self._settings.networks_via
        connection = Connection(
            stream,
            self._wire,
            self._clock,
            via=via,
            session=partial(session_of, self._settings, via=via),
            accounts=lambda: self._streamed(slug),
            watches=lambda: watches.rows,
        )
        now = self._clock.now()
        kept = await cursor_kept(self._wire, lambda row: stream.wrote(row, now))
        connection.resume(kept, await mentions_known(self._wire, slug))
        await connection.run()

    def _streamed(self, slug: str) -> Mapping[str, str]:
        planner = self.scheduler.planner
        return planner.streamed[slug] if planner is not None else {}


def build(
    settings: Settings,
    *,
    http: httpx.AsyncClient | None = None,
    broker: Wire | None = None,
    clock: Clock | None = None,
    parts: Sequence[str] = PARTS,
    session_ms: int = SESSION_MS,
) -> Collector:
    """Return the collector, wired from settings; what is passed replaces what would be made.

    `session_ms` is how long the broker waits for a part that is silent before giving its work to
    another.
    """
    clock = clock or settings.clock()
    wire = broker or settings.wire("collector", clock.now)
    client = http or client_of(settings, via=settings.networks_via)
    return Collector(settings, wire, client, clock, parts, session_ms)


def credentials_of(tokens: Mapping[str, str]) -> dict[str, Credential]:
    """Return the credentials by the bucket they pay from.

    Settings name them by network, with a suffix where there are several: `instagram`,
    `instagram-2`…
    """
    return {
        f"{name.split('-')[0]}:{name}": Credential(name, token)
        for name, token in tokens.items()
        if token
    }


def names_of(credentials: Mapping[str, Credential]) -> dict[str, tuple[str, ...]]:
    """Return the names of the credentials, by network."""
    names: dict[str, list[str]] = {}
    for bucket in credentials:
        network, name = bucket.split(":", 1)
        names.setdefault(network, []).append(name)
    return {network: tuple(sorted(some)) for network, some in names.items()}


def same_tokens(credentials: Mapping[str, Credential]) -> dict[str, str]:
    """Return the buckets that are one: networks of one family are asked with one token."""
    first: dict[tuple[str, str], str] = {}
    same: dict[str, str] = {}
    for bucket, credential in credentials.items():
        family = network_of(bucket.split(":")[0]).family
        if family:
            same[bucket] = first.setdefault((family, token_of(credential)), bucket)
    return {bucket: one for bucket, one in same.items() if bucket != one}


def host_of(network: str, subject: JobSubject) -> str:
    """Return the host that a subject of a network is asked from."""
    return reader_of(network).host(subject)
