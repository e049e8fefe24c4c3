"""The connection to Jetstream: follows the stream for ever, from where it was left.

1. what a handful of lines gives is published
2. then the cursor is remembered; killed between the two, the lines are read again, ids are the same
On reconnection the cursor is rewound a few seconds: the four instances share it, roughly.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

import aiohttp
import structlog
from yarl import URL

from contracts.event import Event, hashed_id
from contracts.jobs import JobEnded, PostReading, Progress
from contracts.topics import COLLECT_OUTCOMES, COLLECT_PROGRESS, Topic
from contracts.watches import Watched
from libs.clock import Clock
from libs.matching.sieve import Sieve
from libs.outbound.client import user_agent
from libs.wire.wire import Wire
from services.collector import metrics
from services.collector.streams import bluesky
from services.collector.streams.bluesky import Seen, StreamEvent
from services.collector.streams.known import Mentions

log = structlog.get_logger(__name__)

ADDRESS = "wss://jetstream2.us-east.bsky.network/subscribe"
REWIND_US = 5_000_000
HEARTBEAT = 20.0
"""Seconds between pings: a connection that does not answer one is dead."""

SILENCE = 600.0
"""Seconds without a line after which to connect again, in case the server has forgotten us."""

LINES_AT_ONCE = 500
GATHER = 0.25
KEEP_CURSOR = 5.0
AHEAD = 86_400.0
"""Seconds by which a server's clock may be ahead of ours."""

MOST_REVISIONS = 2**53
"""More than this stream's rows will ever have: one is added every few seconds."""
LONGEST_WAIT = 60.0
SUBJECT = f"stream:{bluesky.SLUG}"


def usable(row: Progress, now: datetime) -> bool:
    """Tell whether a stream's row is one that we wrote: a number, of a moment that has been.

    What is ahead of now would have the stream give nothing until then.
    """
    cursor = row.cursor or ""
    return (
        row.subject == SUBJECT
        and cursor.isascii()
        and cursor.isdigit()
        and len(cursor) <= 20
        and int(cursor) <= (now.timestamp() + AHEAD) * 1e6
        and row.revision < MOST_REVISIONS
    )


class Jetstream:
    """Follows Bluesky's stream.

    `accounts` gives the registered accounts, DID → account; `watches` the watches as they are now.
    """

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        *,
        via: str | None,
        contact: str,
        accounts: Callable[[], Mapping[str, str]],
        watches: Callable[[], Mapping[str, Watched]],
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._via = via
        self._contact = contact
        self._accounts = accounts
        self._watches = watches
        self._known = Mentions()
        self._cursor: int | None = None
        self._kept_at: datetime | None = None
        self._revision = 0
        self._sieve = Sieve(bluesky.SLUG, ())
        self._sieved: dict[str, int] = {}
        self.failure: str | None = None

    def resume(self, row: Progress | None, mentions: list[str]) -> None:
        """Take over the cursor and the mentions that an earlier leader published."""
        if row is not None and row.cursor:
            self._cursor = int(row.cursor)
            self._revision = row.revision
        for mention in mentions:
            self._known.add(mention)

    async def run(self) -> None:
        """Follow the stream for ever, connecting again with exponential waits and full jitter."""
        failures = 0
        async with aiohttp.ClientSession(headers={"User-Agent": user_agent(self._contact)}) as http:
            while True:
                try:
                    await self._follow(http)
                    failures = 0
                    self.failure = "the stream was closed"
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    failures += 1
                    self.failure = f"{type(error).__name__}: {error}"[:200]
                log.warning("stream lost", stream=bluesky.SLUG, why=self.failure, failures=failures)
                await self._tell(self.failure)
                await asyncio.sleep(
                    random.uniform(0, min(LONGEST_WAIT, 0.5 * 2 ** min(failures, 8)))
                )

    async def _follow(self, http: aiohttp.ClientSession) -> None:
        async with http.ws_connect(
            self._url(), headers=self._headers(), heartbeat=HEARTBEAT, max_msg_size=2**22
        ) as socket:
            self.failure = None
            if self._cursor is None:
                # What is said before a first line is read is not lost to the next leader.
                now = self._clock.now()
                self._cursor = int(now.timestamp() * 1e6)
                await self._keep(now)
                self._kept_at = None
            lines: list[str | bytes] = []
            loop = asyncio.get_running_loop()
            gathered = heard = loop.time()
            while loop.time() - heard < SILENCE:
                with suppress(TimeoutError):
                    left = max(0.01, gathered + GATHER - loop.time())
                    message = await socket.receive(timeout=left)
                    if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                        await self._take(lines)
                        raise ConnectionResetError(f"closed by the server: {message.extra or ''}")
                    lines.append(message.data)
                    heard = loop.time()
                if len(lines) >= LINES_AT_ONCE or loop.time() - gathered >= GATHER:
                    await self._take(lines)
                    lines, gathered = [], loop.time()

    def _url(self) -> URL:
        url = URL(ADDRESS).update_query(wantedCollections=bluesky.POSTS)
        if self._cursor is not None:
            url = url.update_query(cursor=str(max(0, self._cursor - REWIND_US)))
        if self._via:
            via = URL(self._via)
            url = url.with_scheme("ws").with_host(via.host or "").with_port(via.port)
        return url

    def _headers(self) -> dict[str, str]:
        return {"Host": URL(ADDRESS).host or ""} if self._via else {}

    async def _take(self, lines: list[str | bytes]) -> None:
        """Publish what lines give, then remember how far they go."""
        if not lines:
            return
        now = self._clock.now()
        self._renew_sieve()
        accounts = self._accounts()
        seen: list[Seen] = []
        last: StreamEvent | None = None
        for line in lines:
            try:
                event = bluesky.read_line(line)
                found = bluesky.see(
                    event, origin=self._wire.installation, accounts=accounts,
                    sieve=self._sieve, known=self._known, now=now,
                )  # fmt: skip
            except Exception as error:  # whatever anybody writes: the next lines are others'
                metrics.STREAM_EVENTS.labels(bluesky.SLUG, "unreadable").inc()
                log.warning("line not read", stream=bluesky.SLUG, error=str(error)[:200])
                continue
            last = event
            metrics.STREAM_EVENTS.labels(bluesky.SLUG, found.what).inc()
            if found.events:
                seen.append(found)
            if found.mention is not None and found.what == "mention":
                self._known.add(found.mention)
        await self._publish(seen, now)
        if last is not None:
            self._cursor = last.time_us
            metrics.STREAM_LAG.labels(bluesky.SLUG).set(now.timestamp() - last.time_us / 1e6)
            await self._keep(now)

    async def _publish(self, seen: list[Seen], now: datetime) -> None:
        by_topic: dict[str, tuple[Topic, list[Event]]] = {}
        for topic, event in (pair for found in seen for pair in found.events):
            by_topic.setdefault(topic.name, (topic, []))[1].append(event)
        for topic, events in by_topic.values():
            await self._wire.publish_all(topic, events)
            metrics.EVENTS.labels(topic.name).inc(len(events))
        outcomes = [self._outcome(found, now) for found in seen if found.account]
        await self._wire.publish_all(COLLECT_OUTCOMES, [one for one in outcomes if one])

    def _outcome(self, found: Seen, now: datetime) -> JobEnded | None:
        """Tell the scheduler of a post to read again, or of one that is no more."""
        if found.account is None or found.reading is None:
            return None
        post: PostReading = found.reading
        deleted = found.what == "deleted"
        job = hashed_id(SUBJECT, post.native_id, found.what)
        return JobEnded(
            event_id=job,
            origin=self._wire.installation,
            job=job,
            network=bluesky.SLUG,
            operation="readings",
            bucket=SUBJECT,
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
        now = self._clock.now()
        job = hashed_id(SUBJECT, "lost", now.isoformat())
        ended = JobEnded(
            event_id=job, origin=self._wire.installation, job=job, network=bluesky.SLUG,
            operation="mentions", bucket=SUBJECT, subject=SUBJECT, cause="unavailable",
            detail=why, requests=1, slot=now, ended_at=now,
        )  # fmt: skip
        await self._wire.publish(COLLECT_OUTCOMES, ended)

    async def _keep(self, now: datetime) -> None:
        if self._kept_at is not None and (now - self._kept_at).total_seconds() < KEEP_CURSOR:
            return
        self._kept_at = now
        self._revision += 1
        row = Progress(
            event_id=f"{SUBJECT}@{self._cursor}", origin=self._wire.installation,
            subject=SUBJECT, network=bluesky.SLUG, revision=self._revision,
            cursor=str(self._cursor), changed_at=now,
        )  # fmt: skip
        await self._wire.publish(COLLECT_PROGRESS, row)

    def _renew_sieve(self) -> None:
        watches = self._watches()
        state = {name: watch.revision for name, watch in watches.items()}
        if state != self._sieved:
            self._sieve, self._sieved = Sieve(bluesky.SLUG, watches.values()), state
