"""A worker: runs granted jobs, publishes what they saw, then how they ended.

For each job, in this order; a worker killed after any step leaves nothing missing:

1. drop it when it has expired or an older leader granted it; say so
2. ask the network, once
3. publish the events; killed here, the job is run again and gives the same ids
4. publish the outcome; killed here, likewise
5. commit the job's offset (the wire does, when the handler returns)

A worker never waits for a quota and never retries: it says `rate_limited` and goes on.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

import httpx
import structlog
from pydantic import ValidationError

from contracts.event import EARLIEST_MOMENT, LONGEST_ID, Event
from contracts.jobs import JobEnded, JobGranted, PostReading
from contracts.networks import BY_SLUG
from contracts.topics import COLLECT_JOBS, COLLECT_OUTCOMES, Topic
from libs.clock import Clock
from libs.tracing.spans import Traces
from libs.wire.checking import Received
from libs.wire.lane import Pace
from libs.wire.wire import Wire
from services.collector import metrics
from services.collector.planning.quota import JOB_LIFE
from services.collector.planning.schedule import fitting
from services.collector.readers.http import Grow, Room, fetch
from services.collector.readers.reader import (
    LONGEST_DETAIL,
    Answer,
    Credential,
    Failure,
    Parsed,
    Reader,
    asked_no_more,
    failed_parse,
    redacted,
)
from services.collector.readers.tokens import Tokens
from services.collector.readers.traced import fetched
from services.collector.searching.hearing import Hearing

log = structlog.get_logger(__name__)

GROUP = "collector.workers"
LANES = 3
"""Consumers of one process: a slow host holds up its lane's partitions only."""

JOBS_AT_ONCE = 32
LARGEST_OUTCOME = 1_000_000
"""Bytes; the broker refuses a record of more than a mebibyte, and all that follow it."""

FOLLOWED = timedelta(minutes=1)
"""How long an epoch fences after its last job: a leader that is no more grants for less (its
session ends, its jobs expire), and one that never was must not stop the collection."""

MOST_REQUESTS = 4
"""Requests of one try of a job: each field that is refused is another one."""

LONGEST_CURSOR = 8_192
"""Characters that a network may have us give back."""

LONGEST_VALIDATOR = 1_024
"""Signs of what a host gives to be told again: it is kept with all that is known of the subject."""

UNKNOWN_NETWORK = "unknown"
"""Stands in metrics for the networks of a newer version, whatever a job calls them."""

LARGE_BODY = 128 * 1024
"""Bytes; a feed of 800 KB takes more than a second to read, and the group forgets who is silent."""

LARGE_AT_ONCE = 4
"""Large answers held at once, of 5 MB at most: jobs beside one another are a hundred."""


@dataclass(slots=True)
class Found:
    """What a job gave: its events until they are published, and how it ended."""

    events: Sequence[tuple[Topic, Event]]
    ended: JobEnded
    forgotten_at: datetime
    traces: Traces = field(default_factory=dict[str, str | None])
    told: bool = False


class Worker:
    """Runs jobs. `credentials` by name, as the buckets call them (`network:name`).

    `owned` gives those of accounts that their owners connected, by bucket too. `hearing` says what
    of that which a search found is kept.
    """

    def __init__(
        self,
        wire: Wire,
        http: httpx.AsyncClient,
        clock: Clock,
        reader_of: Callable[[str], Reader],
        credentials: Mapping[str, Credential],
        owned: Callable[[str], Credential | None] = lambda _: None,
        hearing: Hearing | None = None,
    ) -> None:
        self._owned = owned
        self._hearing = hearing
        self._tokens = Tokens(http, clock)
        self._wire = wire
        self._http = http
        self._clock = clock
        self._reader_of = reader_of
        self._credentials = credentials
        self._epoch = 0
        self._followed_until = EARLIEST_MOMENT
        self._found: dict[tuple[str, int], Found] = {}
        self._beside = ThreadPoolExecutor(1, "large answers")
        self._room = Room(LARGE_AT_ONCE)

    def subscribe(self, lanes: int = LANES, session_ms: int = 10_000) -> None:
        """Take jobs from the wire."""
        for _ in range(lanes):
            self._wire.subscribe(
                COLLECT_JOBS,
                JobGranted,
                GROUP,
                self.handle,
                pace=Pace(JOBS_AT_ONCE, 50),
                session_ms=session_ms,
            )

    async def handle(self, received: Sequence[Received[JobGranted]]) -> None:
        """Run a batch of jobs side by side; returns when all have said how they ended.

        A batch that this process reads again (a job beside could not publish) asks nothing twice.
        One that another process reads, since this one was killed or gave its partition up before
        it was done, is asked there once more: each grant is one request's worth.
        """
        now = self._clock.now()
        self._found = {key: one for key, one in self._found.items() if one.forgotten_at > now}
        self._follow((one.event.epoch for one in received), now)
        grants = {(one.event.job, one.event.epoch): one.event for one in received}
        runs = [self.run(job) for job in grants.values()]
        # All are waited for, whoever fails: one still under way would be asked again.
        for outcome in await asyncio.gather(*runs, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def run(self, job: JobGranted) -> JobEnded:
        """Run a job and publish what it gave; returns how it ended."""
        grant = (job.job, job.epoch)
        found = self._found.get(grant)
        if found is None:
            found = self._found[grant] = await self._find(job)
        if not found.told:
            await self._tell(job, found)
            found.told, found.events = True, ()
        return found.ended

    async def _find(self, job: JobGranted) -> Found:
        # One that says it lives for years is no job of ours, and would be kept for as long.
        forgotten_at = min(job.expires_at, self._clock.now() + JOB_LIFE)
        dropped = self._dropped(job)
        if dropped:
            metrics.DROPPED.labels(dropped).inc()
            ended = self._ended(job, Parsed("expired", detail=dropped), requests=0)
            return Found((), ended, forgotten_at)
        since = time.time_ns()
        parsed, requests = await self.look(job)
        if parsed.speakers and self._hearing is not None:
            # A matcher that is made anew takes seconds: other jobs go on meanwhile.
            loop, heard = asyncio.get_running_loop(), self._hearing.heard
            parsed = await loop.run_in_executor(self._beside, heard, job, parsed)
        try:
            ended = self._ended(job, parsed, requests)
            if (size := len(ended.encode())) > LARGEST_OUTCOME:
                raise ValueError(f"an outcome of {size} bytes")
        except ValueError as error:
            # An answer that was read, and says of itself what no outcome can (a name without end).
            parsed = self._not_understood(job, error)
            ended = self._ended(job, parsed, requests)
        events = (event for _, event in parsed.events)
        said = {"network": job.network, "operation": job.operation, "job": job.job}
        traces = fetched(self._wire.tracing, events, since, **said)
        return Found(parsed.events, ended, forgotten_at, traces)

    async def _tell(self, job: JobGranted, found: Found) -> None:
        for topic, group in groupby(sorted(found.events, key=_topic_name), key=itemgetter(0)):
            batch = [event for _, event in group]
            await self._wire.publish_all(topic, batch, found.traces)
            metrics.EVENTS.labels(topic.name).inc(len(batch))
        await self._wire.publish(COLLECT_OUTCOMES, found.ended)
        known = job.network if job.network in BY_SLUG else UNKNOWN_NETWORK
        metrics.JOB_SECONDS.labels(known).observe(
            max(0.0, (found.ended.ended_at - job.granted_at).total_seconds())
        )

    async def look(self, job: JobGranted) -> tuple[Parsed, int]:
        """Ask the network and read its answer; publishes nothing. Returns the requests made too.

        A reader that breaks on an answer is an outcome too: no job may stop the others.
        """
        if job.network not in BY_SLUG:
            # Of a newer version: it is asked again, and told as long as it is.
            return failed_parse(job, Failure("unavailable", "a network unknown to this version")), 0
        credential, requests = self._credential(job), 0
        try:
            reader = self._reader_of(job.network)
            parsed, requests = await self._ask(reader, job, credential)
            if parsed.renew:
                parsed, again = await self._ask(reader, job, credential)
                requests += again
        except Exception as error:
            parsed = self._not_understood(job, error)
        metrics.REQUESTS.labels(job.network, job.operation, parsed.cause).inc(max(1, requests))
        for why, count in parsed.skipped.items():
            metrics.SKIPPED.labels(job.network, why).inc(count)
        return parsed, requests

    def _credential(self, job: JobGranted) -> Credential | None:
        return self._credentials.get(job.bucket) or self._owned(job.bucket)

    async def _ask(
        self, reader: Reader, job: JobGranted, credential: Credential | None
    ) -> tuple[Parsed, int]:
        """Ask once; a large answer is held while there is room for it, until it is read."""
        async with self._room.for_one() as grow:
            return await self._answered(reader, job, credential, grow)

    async def _answered(
        self, reader: Reader, job: JobGranted, credential: Credential | None, grow: Grow
    ) -> tuple[Parsed, int]:
        """Ask with the token of now; one that has ended is forgotten."""
        if credential is not None:
            held = await self._tokens.current(reader, credential)
            if isinstance(held, Failure):
                return failed_parse(job, held), 0
            credential = held
        request, requests = reader.request(job, credential), 0
        refused: list[str] = []
        while True:
            answer = await fetch(self._http, request, self._clock, grow)
            if isinstance(answer, Failure):
                return failed_parse(job, answer), requests + 1
            requests += answer.requests
            narrower = reader.narrowed(request, answer)
            if narrower is None or requests >= MOST_REQUESTS:
                break
            # One field that is refused empties not the answer; its counter says that we may not.
            metrics.SKIPPED.labels(job.network, "refused field").inc()
            refused += asked_no_more(request, narrower)
            request = narrower
        parsed = replace(await self._read(reader, job, answer), refused_fields=tuple(refused))
        if parsed.renew and credential is not None:
            self._tokens.forget(credential)
        return parsed, requests

    async def _read(self, reader: Reader, job: JobGranted, answer: Answer) -> Parsed:
        """Read an answer; a large one beside the loop, which must say meanwhile that we live.

        One large one at a time, on one thread: what some take (a feed that is nested without end)
        is a hundred MB, which another thread would take anew.
        """
        if len(answer.body) < LARGE_BODY:
            return reader.read(job, answer)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._beside, reader.read, job, answer)

    def _not_understood(self, job: JobGranted, error: Exception) -> Parsed:
        log.error("answer not understood", network=job.network, operation=job.operation,
                  job=job.job, error=self._safe(job, _brief(error)))  # fmt: skip
        return failed_parse(job, Failure("unavailable", f"not understood: {_brief(error)}"))

    def _follow(self, epochs: Iterable[int], now: datetime) -> None:
        """Follow the latest leader; one of whom nothing was heard for a while leads no more."""
        if now >= self._followed_until:
            self._epoch = 0
        if (latest := max(epochs, default=0)) >= self._epoch:
            self._epoch, self._followed_until = latest, now + FOLLOWED

    def _dropped(self, job: JobGranted) -> str | None:
        if job.epoch < self._epoch:
            return "fenced"
        return "expired" if self._clock.now() >= job.expires_at else None

    def _ended(self, job: JobGranted, parsed: Parsed, requests: int) -> JobEnded:
        detail = self._safe(job, parsed.detail)[:LONGEST_DETAIL] if parsed.detail else None
        told: dict[str, Any] = parsed.outcome() | {
            "detail": detail,
            "gone": {name: self._safe(job, why) for name, why in parsed.gone.items()},
            "renamed": _names(parsed.renamed),
            "native_ids": _names(parsed.native_ids),
            "etag": _short(parsed.etag),
            "last_modified": _short(parsed.last_modified),
            "readings": {subject: newest_kept(found) for subject, found in parsed.readings.items()},
        }
        if len(parsed.next_cursor or "") > LONGEST_CURSOR:
            raise ValueError(f"a cursor of {len(parsed.next_cursor or '')} signs")
        return JobEnded(
            event_id=job.job,
            origin=job.origin,
            job=job.job,
            network=job.network,
            operation=job.operation,
            bucket=job.bucket,
            subject=job.subjects[0].subject,
            subjects=tuple(subject.subject for subject in job.subjects),
            requests=requests,
            page=job.page,
            slot=job.slot,
            observed=len(parsed.events),
            ended_at=self._clock.now(),
            **told,
        )

    def _safe(self, job: JobGranted, text: str) -> str:
        known = [credential.token for credential in self._credentials.values()]
        if (owned := self._owned(job.bucket)) is not None:
            known.append(owned.token)
        return redacted(text, (*known, *self._tokens.secrets))


def newest_kept(found: Iterable[PostReading]) -> tuple[PostReading, ...]:
    """Return the newest of the posts read, as many as an outcome has room for."""
    newest = sorted(found, key=attrgetter("published_at"), reverse=True)
    kept = fitting(post.native_id for post in newest)
    return tuple(post for post in newest if post.native_id in kept)


def _names(found: Mapping[str, str]) -> dict[str, str]:
    """Leave out what is no name: of a batch, one says nothing of the others."""
    return {subject: name for subject, name in found.items() if 0 < len(name) <= LONGEST_ID}


def _short(validator: str | None) -> str | None:
    """Return what a host wants to hear again; None where it is no such thing."""
    return validator if validator and len(validator) <= LONGEST_VALIDATOR else None


def _topic_name(pair: tuple[Topic, Event]) -> str:
    return pair[0].name


def _brief(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return f"{type(error).__name__}: {error}"[:200]
