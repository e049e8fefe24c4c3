"""Whether the scorer caught up after a stop: what it read since, looked for in the engine.

When it is stopped, its offset in each partition is kept. Later the records from there to its new
offsets are read again, without a consumer group, some at each look, and their ids are looked for
among the stored observations: a missing one was lost, one found more than once counts twice.
(Older observations, such as the history that a demonstration writes meanwhile, are left out.)
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
from aiokafka import TopicPartition

from contracts.topics import ACCOUNTS_OBSERVED, POSTS_OBSERVED
from libs.wire.backends.consumer import KafkaConsumer
from libs.wire.read_to_end import read_between
from libs.wire.waiting import committed_offsets
from services.api.figures.queries import Figures
from services.api.figures.views import STORED_OBSERVATIONS
from services.api.operations.broker import Broker

OBSERVED = (*ACCOUNTS_OBSERVED.parts, *POSTS_OBSERVED.parts)
IN_HAND = timedelta(minutes=1)
"""How much older than the stop an observation may be that the scorer had in hand."""

LOOKED_AT_ONCE = 2_000
SECONDS_A_LOOK = 1.0


class _Named(msgspec.Struct):
    event_id: str
    observed_at: datetime


_name_of = msgspec.json.Decoder(_Named).decode


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of records since a stop.

    `read` by the scorer, of which `looked_at` here so far; `waiting` for it. Of the observations
    of that time, `found` stored, `lost`, `twice`. `refused` are no events.
    """

    read: int
    looked_at: int
    waiting: int
    found: int
    lost: int
    twice: int
    refused: int

    @property
    def whole(self) -> bool:
        """Whether all that the scorer has read was looked at."""
        return self.looked_at >= self.read


class CatchingUp:
    """A stop of the scorer, and what became since of the records it had to read.

    The broker's errors are the caller's.
    """

    def __init__(
        self,
        namespace: str,
        group: str,
        *,
        at_once: int = LOOKED_AT_ONCE,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names = {topic.on(namespace) for topic in OBSERVED}
        self.group = group
        self._at_once = at_once
        self._timer = timer
        self._one_at_a_time = asyncio.Lock()
        self._begun: dict[TopicPartition, int] = {}
        self._seen: dict[TopicPartition, int] = {}
        self._ids: set[str] = set()
        self._refused = 0
        self.stopped_at: datetime | None = None

    async def begin(self, broker: Broker, now: datetime) -> None:
        """Keep where the scorer is; `now` is the moment of its stop (UTC)."""
        async with self._one_at_a_time:
            self._begun = await self._committed(broker)
            self._seen, self._ids, self._refused = dict(self._begun), set(), 0
            self.stopped_at = now

    async def look(self, broker: Broker, figures: Figures) -> Proof | None:
        """Read on what the scorer has read since, and look for it; None before the first stop.

        Raises `EngineUnavailable`.
        """
        if self.stopped_at is None:
            return None
        async with self._one_at_a_time:
            committed = await self._committed(broker)
            newest = await broker.consumer.end_offsets(list(committed)) if committed else {}
            await self._read(broker.consumer, committed, self.stopped_at - IN_HAND)
            stored = await self._stored(figures, self.stopped_at - IN_HAND)
        return Proof(
            read=sum(end - self._begun.get(part, 0) for part, end in committed.items()),
            looked_at=sum(seen - self._begun.get(part, 0) for part, seen in self._seen.items()),
            waiting=sum(newest[part] - end for part, end in committed.items()),
            found=len(stored),
            lost=len(self._ids - stored.keys()),
            twice=stored.total() - len(stored),
            refused=self._refused,
        )

    async def _stored(self, figures: Figures, since: datetime) -> Counter[str]:
        if not self._ids:
            return Counter()
        rows = await figures.read(
            STORED_OBSERVATIONS, since=since.astimezone(UTC).isoformat(timespec="seconds")
        )
        return Counter(row.event_id for row in rows if row.event_id in self._ids)

    async def _committed(self, broker: Broker) -> dict[TopicPartition, int]:
        found = await committed_offsets(broker.admin, self.group)
        return {part: at for part, at in found.items() if part.topic in self._names}

    async def _read(
        self, consumer: KafkaConsumer, ends: Mapping[TopicPartition, int], since: datetime
    ) -> None:
        """Read on to the ends, as far as a look may take."""
        starts = {part: self._seen.get(part, 0) for part in ends}
        until = self._timer() + SECONDS_A_LOOK
        async with aclosing(read_between(consumer, starts, ends, self._at_once)) as batches:
            async for part, records in batches:
                self._take([record.value for record in records], since)
                self._seen[part] = min(ends[part], await consumer.position(part))
                if self._timer() >= until:
                    break
            else:
                self._seen.update(ends)
        # The connection lasts: it would read ahead.
        cast("Any", consumer).unsubscribe()

    def _take(self, values: Iterable[bytes | None], since: datetime) -> None:
        for value in values:
            try:
                named = _name_of(value or b"")
            except (msgspec.DecodeError, ValueError):
                self._refused += 1
                continue
            if named.observed_at >= since:
                self._ids.add(named.event_id)
