"""Intake: from topics to ClickHouse, nothing lost, nothing twice, at full speed.

A batch read from the broker goes through these steps, in this order:

    0. read      each record is judged (contracts/codec.py); good ones gather in blocks by table
    1. insert    each block, until ClickHouse acknowledges it; blocks overlap with the reading
    2. bury      bad records to the dead letters, until the broker acknowledges them
    3. commit    the offsets of the whole batch, when `take` returns (libs/wire/wire.py)

Killed after 0, nothing was done: the batch is read again.
Killed after 1, rows are stored and not committed: they are read again, perhaps cut otherwise, and
inserted again; they carry natural keys, so that no figure changes.
Killed after 2, the dead letters are written again under the same event id: whoever lists or replays
them counts them once.
Killed after 3, nothing is left to do.

Work of every step may be thrown away at a rebalance, for the same reasons.

A tombstone of a compacted topic erases: all that tables keep of its account is deleted, in its
place among the inserts. What the topic of erasures names is passed over (erasing.py beside).

A block that ClickHouse refuses (the second fence: types, constraints) is cut in halves until the
rows at fault stand alone; they are bad records like the others. When ClickHouse is away, nothing
is committed and the batch is read again later. When too many records are bad, the consumer stops
and commits nothing: a bad deployment makes lag, not a full dead-letter topic.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

import structlog
from aiokafka import TopicPartition

from contracts.codec import Reader
from contracts.topics import POSTS_OBSERVED
from libs.wire.judging import CEILING_RATIO, CEILING_WINDOW, Ceiling, Stopped
from libs.wire.subscription import Subscription
from libs.wire.wire import Later, Wire
from services.scorer import metrics
from services.scorer.erasing import Spare
from services.scorer.rows import STORED, Stored
from services.scorer.sink import BlockRefused, Sink

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

    RawRecord = ConsumerRecord[bytes, bytes]

log = structlog.get_logger(__name__)

GROUP = "scorer"
BATCH_RECORDS = 10_000
"""Most records read, stored and committed together."""

MEMBERS = 2
"""Members of the group in one process: one judges records while the other's are inserted."""

BLOCK_RECORDS = 10_000
"""Most rows of one insert."""

SLICE_RECORDS = 1_500
"""Records judged before the event loop may send and receive again (a few milliseconds)."""

OVERLAPPING = 2
"""Inserts under way at once."""

SESSION_MS = 10_000

Ends = Mapping[TopicPartition, int]
"""Offsets at which partitions end at some instant."""

FETCH: dict[str, int | bool] = {
    # About a batch: what is left of a fetch would make a small, dear insert of its own.
    "fetch_max_bytes": 6 * 1024 * 1024,
    "max_partition_fetch_bytes": 2 * 1024 * 1024,
    "fetch_max_wait_ms": 100,
    # A member learns at its heartbeat that another has joined or gone: at the client's three
    # seconds, the second member of a scorer that starts waits as long for its share.
    "heartbeat_interval_ms": 500,
}


@dataclass(slots=True)
class Table:
    """A topic with the reader of its records and the ceiling of its bad ones."""

    stored: Stored
    reader: Reader
    ceiling: Ceiling
    counted: dict[int, int] = field(default_factory=dict[int, int])
    """By partition, the offset the ceiling has counted up to: what is read again counts once."""


@dataclass(slots=True)
class Batch:
    """What a batch has become so far."""

    bad: "list[tuple[RawRecord, str]]" = field(default_factory=list["tuple[RawRecord, str]"])
    inserts: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])


class Intake:
    """Reads every topic that ClickHouse stores (see the module)."""

    def __init__(
        self,
        wire: Wire,
        sink: Sink,
        *,
        stored: Sequence[Stored] = STORED,
        group: str = GROUP,
        batch_records: int = BATCH_RECORDS,
        block_records: int = BLOCK_RECORDS,
        ceiling_ratio: float = CEILING_RATIO,
        ceiling_window: int = CEILING_WINDOW,
        instance: str | None = None,
        members: int = MEMBERS,
        spare: Spare | None = None,
    ) -> None:
        """Read `stored` as so many `members` of `group`.

        `instance` names the process in the group, stable through restarts: one that was killed is
        replaced at once by the next of its name, not after the session's end. `spare` keeps out
        what was erased.
        """
        self._wire = wire
        self._sink = sink
        self._group = group
        self._batch_records = batch_records
        self._names = [f"{instance}.{number}" if instance else None for number in range(members)]
        self._block_records = block_records
        # Small beside the ceiling's window, which counts slice by slice.
        self._slice_records = max(1, min(SLICE_RECORDS, ceiling_window // 5))
        self._tables = {
            each.topic.on(wire.namespace): Table(
                each,
                Reader(each.topic.event, wire.installation),
                Ceiling(ceiling_ratio, ceiling_window),
            )
            for each in stored
        }
        self._spare = spare or Spare()
        self._under_way: set[asyncio.Future[None]] = set()
        self.waiting: str | None = None
        self._stopped: Stopped | None = None
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> None:
        """Ask the wire for the records; they come once it has started."""
        self._subscriptions = [
            self._wire.subscribe_raw(
                [table.stored.topic for table in self._tables.values()],
                self._group,
                self.take,
                max_records=self._batch_records,
                wait_ms=200,
                **FETCH,
                group_instance_id=name,
            )
            for name in self._names
        ]

    def failures(self) -> dict[str, str]:
        """Return what keeps records from being stored: too many bad ones, or the engine away."""
        if (failed := self._wire.failures().get(self._group)) is not None:
            return {"intake": failed}
        return {"intake": self.waiting} if self.waiting else {}

    async def measure_lag(self) -> None:
        """Write the lag of each topic into the metrics."""
        lags: Counter[str] = Counter()
        for subscription in self._subscriptions:
            lags.update(await subscription.lag())
        for name, behind in lags.items():
            metrics.LAG.labels(name).set(behind)

    def leads(self) -> bool:
        """Tell whether, of all scorers, this one does what one alone must: it reads one place."""
        name = POSTS_OBSERVED.on(self._wire.namespace)
        return any(each.holds(name, 0) for each in self._subscriptions)

    async def ends(self) -> Ends:
        """Return how far each partition that is stored reaches now."""
        partitions = [
            TopicPartition(name, number)
            for name, table in self._tables.items()
            for number in range(table.stored.topic.partitions)
        ]
        async with self._looking() as consumer:
            return await consumer.end_offsets(partitions)

    async def behind(self, ends: Ends) -> int:
        """Return how many records before these ends are not stored yet, by whichever scorer."""
        async with self._looking() as consumer:
            first = await consumer.beginning_offsets(list(ends))
            # What is no longer kept is not behind.
            stored = {each: await consumer.committed(each) or 0 for each in ends}
            return sum(max(0, end - max(stored[at], first[at])) for at, end in ends.items())

    @asynccontextmanager
    async def _looking(self) -> AsyncGenerator[Any]:
        """Give a consumer that looks at offsets and reads nothing."""
        consumer = self._wire.consumer(self._group, SESSION_MS)
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def settle(self) -> None:
        """Return when the batches that are under way now have ended."""
        if under_way := set(self._under_way):
            await asyncio.wait(under_way)

    async def take(self, records: "Sequence[RawRecord]") -> None:
        """Store a batch (steps 0 to 2). Raises `Later` or `Stopped`: nothing is committed then."""
        if self._stopped is not None:
            raise self._stopped
        ended = asyncio.get_running_loop().create_future()
        self._under_way.add(ended)
        try:
            await self._take(records)
        finally:
            self._under_way.discard(ended)
            ended.set_result(None)

    async def _take(self, records: "Sequence[RawRecord]") -> None:
        batch = Batch()
        try:
            for name, group in groupby(records, attrgetter("topic")):
                await self._take_topic(self._tables[name], list(group), batch)
            await asyncio.gather(*batch.inserts)
        except Later as error:
            self.waiting = str(error)
            metrics.WAITING.set(1)
            raise
        except Stopped as error:
            self._stopped = error
            raise
        finally:
            await _end(batch.inserts)
        self.waiting = None
        metrics.WAITING.set(0)
        await self._bury(batch)
        metrics.BATCH.observe(len(records))

    async def _take_topic(self, table: Table, records: "list[RawRecord]", batch: Batch) -> None:
        """Read the records of one topic; in a compacted one, a tombstone erases its account."""
        if not table.stored.topic.compacted:
            await self._read(table, records, batch)
            return
        for erased, group in groupby(records, lambda record: record.value is None):
            if not erased:
                await self._read(table, list(group), batch)
                continue
            await asyncio.gather(*batch.inserts)
            accounts = [record.key.decode(errors="replace") for record in group if record.key]
            await self._sink.erase(accounts)
            log.info("accounts erased", count=len(accounts))

    async def _read(self, table: Table, records: "list[RawRecord]", batch: Batch) -> None:
        """Judge the records of one topic, and begin to insert each block as it is full."""
        block: list[bytes] = []
        sources: list[RawRecord] = []
        for part in _slices(records, self._slice_records):
            good, bad = table.reader.read_all([record.value for record in part])
            self._count(table, part, len(bad))
            batch.bad += [(part[index], reason) for index, reason in bad]
            block += good
            sources += _without(part, [index for index, _ in bad])
            if len(block) >= self._block_records:
                await self._begin(table, block, sources, batch)
                block, sources = [], []
            await asyncio.sleep(0)
        if block:
            await self._begin(table, block, sources, batch)

    def _count(self, table: Table, part: "Sequence[RawRecord]", bad: int) -> None:
        """Count what was not counted before; raises `Stopped` above the ceiling."""
        partition, last = part[-1].partition, part[-1].offset
        if last > table.counted.get(partition, -1):
            table.counted[partition] = last
            table.ceiling.count(len(part), bad)

    async def _begin(
        self, table: Table, block: list[bytes], sources: "list[RawRecord]", batch: Batch
    ) -> None:
        """Begin an insert, once few enough are under way."""
        under_way = [task for task in batch.inserts if not task.done()]
        if len(under_way) >= OVERLAPPING:
            await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        for task in batch.inserts:
            if task.done():
                task.result()
        block, sources = self._spare(table.stored.topic, block, sources)
        if not block:
            return
        rows = table.stored.rows(block)
        insert = self._insert(table, rows, sources, batch)
        batch.inserts.append(asyncio.create_task(insert))

    async def _insert(
        self,
        table: Table,
        rows: Sequence[bytes],
        sources: "Sequence[RawRecord]",
        batch: Batch,
    ) -> None:
        """Insert rows; where the engine refuses them, find those at fault by halves."""
        began = time.perf_counter()
        try:
            await self._sink.insert(table.stored.table, rows)
        except BlockRefused as refused:
            if len(rows) == 1:
                table.ceiling.count(0, 1)
                batch.bad.append((sources[0], refused.reason))
                return
            middle = len(rows) // 2
            await self._insert(table, rows[:middle], sources[:middle], batch)
            await self._insert(table, rows[middle:], sources[middle:], batch)
            return
        metrics.INSERT_SECONDS.observe(time.perf_counter() - began)
        metrics.STORED.labels(table.stored.table).inc(len(rows))
        metrics.ACKNOWLEDGED.set_to_current_time()

    async def _bury(self, batch: Batch) -> None:
        if not batch.bad:
            return
        await self._wire.dead_letters(batch.bad, self._group)
        for name, count in Counter(record.topic for record, _ in batch.bad).items():
            metrics.BAD.labels(name).inc(count)
        first, reason = batch.bad[0]
        log.warning(
            "dead letters",
            count=len(batch.bad),
            first=f"{first.topic}/{first.partition}/{first.offset}",
            reason=reason,
        )


def _slices(records: "list[RawRecord]", size: int) -> "Iterable[list[RawRecord]]":
    """Cut records of one topic in slices of one partition each."""
    for _, group in groupby(records, attrgetter("partition")):
        whole = list(group)
        for start in range(0, len(whole), size):
            yield whole[start : start + size]


def _without(records: "list[RawRecord]", indexes: list[int]) -> "list[RawRecord]":
    if not indexes:
        return records
    dropped = set(indexes)
    return [record for index, record in enumerate(records) if index not in dropped]


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel what has not ended: a batch leaves nothing behind that runs."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*cast("Sequence[Any]", tasks), return_exceptions=True)
