"""The connection to a stream: followed for ever, from where it was left.

1. what a handful of lines gives is published
2. then the cursor is remembered; killed between the two, the lines are read again, ids are the same
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Generic

import aiohttp
import structlog
from yarl import URL

from contracts.event import Event, hashed_id
from contracts.jobs import JobEnded, PostReading, Progress
from contracts.topics import COLLECT_OUTCOMES, COLLECT_PROGRESS, Topic
from contracts.watches import Watched
from libs.background import failed_again, with_jitter
from libs.clock import Clock
from libs.matching.sieve import CurrentSieve
from libs.wire.wire import Wire
from services.collector import metrics
from services.collector.readers.traced import fetched
from services.collector.streaming.known import Mentions
from services.collector.streaming.stream import Hearing, LineT, Seen, Stream

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 20.0
"""Seconds between pings: a connection that does not answer one is dead."""

SILENCE_SECONDS = 600.0
"""Seconds without a line after which to connect again, in case the server has forgotten us."""

LINES_AT_ONCE = 500
GATHER_SECONDS = 0.1
"""Seconds for which lines are gathered before what they give is published."""
KEEP_CURSOR_SECONDS = 5.0
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0


def _pause(failures: int) -> float:
    """Return the seconds to wait before connecting again."""
    return with_jitter(failures, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)


class Connection(Generic[LineT]):
    """Follows a stream.

    `accounts` gives the registered accounts, native id → account; `watches` the watches as they are
    now, `session` what to connect by, `pause` the seconds to wait after so many failures in a row.
    """

    def __init__(
        self,
        stream: Stream[LineT],
        wire: Wire,
        clock: Clock,
        *,
        via: str | None,
        session: Callable[[], aiohttp.ClientSession],
        accounts: Callable[[], Mapping[str, str]],
        watches: Callable[[], Mapping[str, Watched]],
        pause: Callable[[int], float] = _pause,
    ) -> None:
        self._stream = stream
        self._slug = stream.network.slug
        self._subject = stream.subject
        self._wire = wire
        self._clock = clock
        self._via = via
        self._session = session
        self._accounts = accounts
        self._sieve = CurrentSieve(self._slug, watches)
        self._pause = pause
        self._failures = 0
        self._known = Mentions(stream.author_of)
        self._cursor: str | None = None
        self._kept_at: datetime | None = None
        self._revision = 0
        self.failure: str | None = None

    def resume(self, row: Progress | None, mentions: Iterable[str]) -> None:
        """Take over the cursor and the mentions that an earlier leader published."""
        if row is not None and row.cursor:
            self._cursor, self._revision = row.cursor, row.revision
        for mention in mentions:
            self._known.add(mention)

    async def run(self) -> None:
        """Follow the stream for ever, connecting again with exponential waits and full jitter."""
        loop = asyncio.get_running_loop()
        async with self._session() as http:
            while True:
                began = loop.time()
                try:
                    await self._follow(http)
                    self.failure = "nothing was heard"
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    self.failure = f"{type(error).__name__}: {error}"[:200]
                failures = self._failures = failed_again(self._failures, loop.time() - began)
                log.warning("stream lost", stream=self._slug, why=self.failure, failures=failures)
                await self._tell(self.failure)
                await asyncio.sleep(self._pause(failures))

    async def _follow(self, http: aiohttp.ClientSession) -> None:
        async with http.ws_connect(
            self._url(), headers=self._headers(), heartbeat=HEARTBEAT_SECONDS, max_msg_size=2**22
        ) as socket:
            self.failure = None
            if self._cursor is None:
                # What is said before a first line is read is not lost to the next leader.
                now = self._clock.now()
                self._cursor = self._stream.cursor_at(now)
                await self._keep(now)
                self._kept_at = None
            lines: list[str | bytes] = []
            since = 0
            loop = asyncio.get_running_loop()
            gathered = heard = loop.time()
            while loop.time() - heard < SILENCE_SECONDS:
                with suppress(TimeoutError):
                    left = max(0.01, gathered + GATHER_SECONDS - loop.time())
                    message = await socket.receive(timeout=left)
                    if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                        await self._take(lines, since)
                        raise ConnectionResetError(f"closed by the server: {message.extra or ''}")
                    since = since if lines else time.time_ns()
                    lines.append(message.data)
                    self._failures = 0
                    heard = loop.time()
                if len(lines) >= LINES_AT_ONCE or loop.time() - gathered >= GATHER_SECONDS:
                    await self._take(lines, since)
                    lines, gathered = [], loop.time()

    def _url(self) -> URL:
        url = URL(self._stream.address)
        if self._cursor is not None:
            url = url.update_query(self._stream.since(self._cursor))
        if self._via:
            via = URL(self._via)
            url = url.with_scheme("ws").with_host(via.host or "").with_port(via.port)
        return url

    def _headers(self) -> dict[str, str]:
        return {"Host": URL(self._stream.address).host or ""} if self._via else {}

    async def _take(self, lines: list[str | bytes], since: int) -> None:
        """Publish what lines give, then remember how far they go.

        `since` is when the first was heard, Unix nanoseconds.
        """
        if not lines:
            return
        now = self._clock.now()
        sieve = self._sieve.get()
        hearing = Hearing(self._wire.installation, self._accounts(), sieve, self._known, now)
        seen: list[Seen] = []
        last: LineT | None = None
        for line in lines:
            try:
                event = self._stream.read(line)
                found = self._stream.see(event, hearing)
            except Exception as error:  # whatever anybody writes: the next lines are others'
                metrics.STREAM_EVENTS.labels(self._slug, "unreadable").inc()
                log.warning("line not read", stream=self._slug, error=str(error)[:200])
                continue
            last = event
            metrics.STREAM_EVENTS.labels(self._slug, found.what).inc()
            if found.events:
                seen.append(found)
            if found.mention is not None and found.what == "mention":
                self._known.add(found.mention)
        await self._publish(seen, now, since)
        if last is not None:
            self._cursor = last.cursor
            metrics.STREAM_LAG.labels(self._slug).set((now - last.moment).total_seconds())
            await self._keep(now)

    async def _publish(self, seen: list[Seen], now: datetime, since: int) -> None:
        by_topic: dict[str, tuple[Topic, list[Event]]] = {}
        for topic, event in (pair for found in seen for pair in found.events):
            by_topic.setdefault(topic.name, (topic, []))[1].append(event)
        for topic, events in by_topic.values():
            traces = fetched(self._wire.tracing, events, since, network=self._slug)
            await self._wire.publish_all(topic, events, traces)
            metrics.EVENTS.labels(topic.name).inc(len(events))
        outcomes = [self._outcome(found, now) for found in seen if found.account]
        await self._wire.publish_all(COLLECT_OUTCOMES, [one for one in outcomes if one])

    def _outcome(self, found: Seen, now: datetime) -> JobEnded | None:
        """Tell the scheduler of a post to read again, or of one that is no more."""
        if found.account is None or found.reading is None:
            return None
        post: PostReading = found.reading
        deleted = found.what == "deleted"
        job = hashed_id(self._subject, post.native_id, found.what)
        return JobEnded(
            event_id=job,
            origin=self._wire.installation,
            job=job,
            network=self._slug,
            operation="readings",
            bucket=self._subject,
            subject=found.account,
            subjects=(found.account,),
            cause="done",
            requests=0,
            slot=now,
            observed=len(found.events),
            readings={} if deleted else {found.account: (post,)},
            deleted={found.account: (post.native_id,)} if deleted else {},
            ended_at=now,
        )

    async def _tell(self, why: str) -> None:
        """Say that the stream failed: a source that fails is told."""
        origin, now = self._wire.installation, self._clock.now()
        ended = JobEnded.unheard(origin, self._slug, self._subject, why, now)
        await self._wire.publish(COLLECT_OUTCOMES, ended)

    async def _keep(self, now: datetime) -> None:
        if (
            self._kept_at is not None
            and (now - self._kept_at).total_seconds() < KEEP_CURSOR_SECONDS
        ):
            return
        self._kept_at = now
        self._revision += 1
        row = Progress(
            event_id=f"{self._subject}@{self._cursor}", origin=self._wire.installation,
            subject=self._subject, network=self._slug, revision=self._revision,
            cursor=self._cursor, changed_at=now,
        )  # fmt: skip
        await self._wire.publish(COLLECT_PROGRESS, row)
