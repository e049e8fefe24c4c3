"""Intake: from topics to ClickHouse, nothing lost, nothing twice, at full speed.

What the lane brings goes through these steps, in this order:

    0. read          each record is checked (libs/wire/codec.py); good ones gather by table
    1. insert        each block, until ClickHouse acknowledges it
    2. dead letters  the bad records of the block, until the broker acknowledges them
    3. commit        the lane commits what is behind no block that is under way

Two blocks are inserted while the next records are read; no more is read until one has ended.

Killed after 0, nothing was done: the records are read again.
Killed after 1, rows are stored and not committed: they are read again, perhaps cut otherwise, and
inserted again; they carry natural keys, so that no figure changes.
Killed after 2, the dead letters are written again under the same event id: whoever lists or replays
them counts them once.
Killed after 3, nothing is left to do.

What the topic of erasures names is passed over (erasing.py beside).

A block that ClickHouse refuses (the second fence: types, constraints) is cut in halves until the
rows at fault stand alone; they are bad records like the others. When ClickHouse is away, the block
waits and nothing behind it is committed. When too many records are bad, the lane stops and commits
no more: a bad deployment makes lag, not a full dead-letter topic.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from aiokafka import TopicPartition

from contracts.dead_letters import CEILING_RATIO
from contracts.topics import POSTS_OBSERVED
from libs.settings import INTAKE_BATCH, INTAKE_BLOCK
from libs.wire.backends.log import Bad, Batches, Consumer, Record
from libs.wire.checking import CEILING_WINDOW, Ceiling, tell_bad
from libs.wire.codec import Reader
from libs.wire.lane import Lane, Pace
from libs.wire.offsets import Watermark
from libs.wire.wire import Wire
from libs.wire.work import Later, Work, until_done
from services.scorer import metrics
from services.scorer.intake.erasing import Suppressor
from services.scorer.intake.rows import STORED, Stored
from services.scorer.intake.sink import BlockRefused, EngineSink

log = structlog.get_logger(__name__)

GROUP = "scorer"
SLICE_RECORDS = 1_500
"""Records checked before the event loop may send and receive again (a few milliseconds)."""

OVERLAPPING = 2
"""Blocks inserted at once."""

COMMIT_SECONDS = 0.1
LAST_SECONDS = 5.0
"""Left to the blocks under way when partitions are given up."""

FETCH: dict[str, int | bool] = {
    # About a batch: what is left of a fetch would make a small, dear insert of its own.
    "fetch_max_bytes": 26 * 1024 * 1024,
    "max_partition_fetch_bytes": 8 * 1024 * 1024,
    "fetch_max_wait_ms": 100,
    # A member learns at its heartbeat that another has joined or gone: at the client's three
    # seconds, the second scorer that starts waits as long for its share.
    "heartbeat_interval_ms": 500,
}

Ends = Mapping[TopicPartition, int]
"""How far topics reach: the offset behind the last record, by partition."""


@dataclass(slots=True)
class Table:
    """A topic with the reader of its records and the ceiling of its bad ones."""

    stored: Stored
    reader: Reader
    ceiling: Ceiling


@dataclass(slots=True)
class Block:
    """Records of one table that go in together, with places and first offsets; and bad ones."""

    table: Table
    rows: list[bytes] = field(default_factory=list[bytes])
    sources: list[Record] = field(default_factory=list["Record"])
    places: list[TopicPartition] = field(default_factory=list[TopicPartition])
    bad: list[Bad] = field(default_factory=list[Bad])
    first: list[tuple[TopicPartition, int]] = field(
        default_factory=list[tuple[TopicPartition, int]]
    )


class Intake(Work):
    """Reads every topic that ClickHouse stores (see the module)."""

    idle = True
    stateful = True
    whole = True

    def __init__(
        self,
        wire: Wire,
        sink: EngineSink,
        *,
        stored: Sequence[Stored] = STORED,
        batch_records: int = INTAKE_BATCH,
        block_records: int = INTAKE_BLOCK,
        ceiling_ratio: float = CEILING_RATIO,
        ceiling_window: int = CEILING_WINDOW,
        instance: str | None = None,
        suppressor: Suppressor | None = None,
    ) -> None:
        """Prepare; `instance` names the process in the group, stable through restarts.

        One that was killed is replaced at once by the next of its name, not after the session's
        end. `suppressor` keeps out what was erased.
        """
        self._wire = wire
        self._sink = sink
        self._batch_records = batch_records
        self._instance = instance
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
        self._suppressor = suppressor or Suppressor()
        self._marks: Watermark[TopicPartition] = Watermark()
        self._under_way: set[asyncio.Task[None]] = set()
        self._inserting = asyncio.Semaphore(OVERLAPPING)
        self._failed: BaseException | None = None
        self._lane: Lane | None = None
        self.waiting: str | None = None

    def subscribe(self) -> None:
        """Ask the wire for the records; they come once it has started."""
        self._lane = self._wire.lane(
            [table.stored.topic for table in self._tables.values()],
            GROUP,
            self,
            pace=Pace(self._batch_records, 100, COMMIT_SECONDS),
            **FETCH,
            group_instance_id=f"{self._instance}.0" if self._instance else None,
        )

    def failures(self) -> dict[str, str]:
        """Return what keeps records from being stored: too many bad ones, or the engine away."""
        if self._lane and (failed := self._lane.failures().get(GROUP)) is not None:
            return {"intake": failed}
        return {"intake": self.waiting} if self.waiting else {}

    def leads(self) -> bool:
        """Tell whether, of all scorers, this one does what one alone must: it reads one place."""
        name = POSTS_OBSERVED.on(self._wire.namespace)
        return self._lane is not None and self._lane.holds(name, 0)

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
    async def _looking(self) -> AsyncGenerator[Consumer]:
        """Give a consumer that looks at offsets and reads nothing."""
        consumer = self._wire.log.consumer(f"{self._wire.namespace}.{GROUP}")
        try:
            await consumer.start()
            yield consumer
        finally:
            await consumer.stop()

    async def settle(self) -> None:
        """Return when the blocks that are under way now have ended."""
        if under_way := set(self._under_way):
            await asyncio.wait(under_way)

    async def room(self, seconds: float) -> bool:
        """Wait so long until a block may begin; tell whether it may."""
        deadline = time.monotonic() + seconds
        while len(self._under_way) >= OVERLAPPING and time.monotonic() < deadline:
            left = deadline - time.monotonic()
            await asyncio.wait(self._under_way, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        return len(self._under_way) < OVERLAPPING

    async def handle(self, batches: Batches) -> None:
        """Check records (step 0), and begin to store them; raises `Stopped`."""
        if self._failed is not None:
            raise self._failed
        blocks: dict[str, Block] = {}
        for place, records in batches.items():
            await self._read(place, records, blocks)
        for block in blocks.values():
            self._begin(block)
        if batches:
            metrics.BATCH.observe(sum(map(len, batches.values())))

    def done(self) -> Mapping[TopicPartition, int]:
        """Return up to where all is stored, or kept as a dead letter."""
        return self._marks.positions()

    async def revoked(self) -> None:
        """Let the blocks under way end, unless the engine is away; drop what does not."""
        if self._under_way and not self.waiting:
            await asyncio.wait(self._under_way, timeout=LAST_SECONDS)
        self.dropped()

    def dropped(self) -> None:
        """Leave nothing behind that runs."""
        for task in self._under_way:
            task.cancel()

    async def assigned(self, partitions: Sequence[TopicPartition], generation: int) -> None:
        """Begin with nothing under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self._marks.clear()
        self._failed = None

    async def _read(
        self, place: TopicPartition, records: Sequence[Record], blocks: dict[str, Block]
    ) -> None:
        """Check the records of a partition, and begin to insert each block as it is full."""
        table = self._tables[place.topic]
        size = self._slice_records
        for part in (records[start : start + size] for start in range(0, len(records), size)):
            good, bad = table.reader.read_all([record.value for record in part])
            table.ceiling.count(place, part, [index for index, _ in bad])
            block = blocks.setdefault(place.topic, Block(table))
            block.first.append((place, part[0].offset))
            self._marks.add(place, part[0].offset, 1)
            self._marks.add(place, part[-1].offset, 0)
            block.rows += good
            block.sources += _without(part, [index for index, _ in bad])
            block.places += [place] * len(good)
            block.bad += [(place, part[index], reason) for index, reason in bad]
            if len(block.rows) >= self._block_records:
                self._begin(blocks.pop(place.topic))
            await asyncio.sleep(0)

    def _begin(self, block: Block) -> None:
        task = asyncio.create_task(self._store(block))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed = self._failed or error

    async def _store(self, block: Block) -> None:
        """Take a block through steps 1 and 2."""
        async with self._inserting:
            rows, sources = self._rows(block)
            if rows:
                since, table = time.time_ns(), block.table.stored.table
                await self._insert(block, rows, sources)
                stored = (block.sources[at] for at in sources)
                self._wire.tracing.each(f"store {table}", stored, since)
        if block.bad:
            await until_done(lambda: self._wire.dead_letters(block.bad, GROUP))
            tell_bad(block.bad, GROUP)
        for place, offset in block.first:
            self._marks.done(place, offset)

    def _rows(self, block: Block) -> tuple[Sequence[bytes], Sequence[int]]:
        """Return the rows of a block that are to be stored, and the place of each in it.

        A record of which no row can be made is bad like any other: the lane, which hears of a block
        long after it gave it, could not say which one it was.
        """
        topic, rows_of = block.table.stored.topic, block.table.stored.rows
        everywhere = range(len(block.rows))
        try:
            left, sources = self._suppressor(topic, block.rows, everywhere)
            return rows_of(left), sources
        except Exception:
            log.exception("a record of a block fails", table=block.table.stored.table)
        rows: list[bytes] = []
        places: list[int] = []
        for at in everywhere:
            try:
                left, kept = self._suppressor(topic, [block.rows[at]], [at])
                rows += rows_of(left)
            except Exception as error:
                self._bad(block, at, f"no row: {type(error).__name__}: {error}")
            else:
                places += kept
        return rows, places

    def _bad(self, block: Block, at: int, reason: str) -> None:
        block.table.ceiling.add_bad()
        block.bad.append((block.places[at], block.sources[at], reason))

    async def _insert(self, block: Block, rows: Sequence[bytes], sources: Sequence[int]) -> None:
        """Insert rows; where the engine refuses them, find those at fault by halves.

        `sources` are the places of the rows in the block.
        """
        began = time.perf_counter()
        table = block.table.stored.table
        try:
            await self._acknowledged(table, rows)
        except BlockRefused as refused:
            if len(rows) == 1:
                self._bad(block, sources[0], refused.reason)
                return
            middle = len(rows) // 2
            await self._insert(block, rows[:middle], sources[:middle])
            await self._insert(block, rows[middle:], sources[middle:])
            return
        metrics.INSERT_SECONDS.observe(time.perf_counter() - began)
        metrics.STORED.labels(table).inc(len(rows))
        metrics.ACKNOWLEDGED.set_to_current_time()

    async def _acknowledged(self, table: str, rows: Sequence[bytes]) -> None:
        """Insert until the engine acknowledges; while it is away, the block waits."""
        tries = 0
        while True:
            try:
                await self._sink.insert(table, rows)
            except Later as error:
                tries += 1
                self.waiting = str(error)
                metrics.WAITING.set(1)
                log.warning("inserting again later", error=self.waiting, attempt=tries)
                await asyncio.sleep(self._wire.pause(tries))
            else:
                self.waiting = None
                metrics.WAITING.set(0)
                return


def _without(records: Sequence[Record], indexes: Collection[int]) -> Sequence[Record]:
    if not indexes:
        return records
    dropped = set(indexes)
    return [record for index, record in enumerate(records) if index not in dropped]
