"""A log in memory: topics, groups, rebalances, without a broker; nothing is kept.

It behaves as the broker does where the wire can see it: tests/suites/log.py runs on both. Members
of a group are given partitions in turn; who joins or leaves has all of them revoked first. It
compacts nothing and forgets nothing.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, MessageSizeTooLargeError
from aiokafka.partitioner import murmur2

from contracts.topics import BY_NAME
from libs.wire.backends.log import Batches, Headers, Places
from tests.deadlines import turn

SMALLEST_LIMIT = 1_048_588
"""What brokers take by default, bytes."""


class MemoryRecord(NamedTuple):
    """A record that is kept."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Where records of a time begin."""

    offset: int
    timestamp: int


class MemoryLog:
    """Topics by name on the wire, with as many partitions as the registry says."""

    def __init__(self, now_ms: Callable[[], int] = lambda: int(time.time() * 1000)) -> None:
        self.records: defaultdict[TopicPartition, list[MemoryRecord]] = defaultdict(list)
        self.committed: defaultdict[str, dict[TopicPartition, int]] = defaultdict(dict)
        self.commits: list[tuple[str, dict[TopicPartition, int]]] = []
        self.members: defaultdict[str, list[MemoryConsumer]] = defaultdict(list)
        self.generations: defaultdict[str, int] = defaultdict(int)
        self.fails: Exception | None = None
        """Raised by whatever is sent, while it is set."""
        self._now_ms = now_ms
        self._moving: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._news = asyncio.Event()

    async def start(self) -> None:
        """Do nothing: there is nobody to connect to."""

    async def stop(self) -> None:
        """Do nothing."""

    async def ping(self) -> None:
        """Answer, unless the log fails."""
        if self.fails:
            raise self.fails

    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, headers: Headers = ()
    ) -> Awaitable[object]:
        """Keep a record."""
        acknowledged: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if self.fails:
            acknowledged.set_exception(self.fails)
        elif len(value or b"") + len(key or b"") > (_topic(topic).largest_bytes or SMALLEST_LIMIT):
            acknowledged.set_exception(MessageSizeTooLargeError())
        else:
            acknowledged.set_result(self.append(topic, value, key, headers=headers))
        return acknowledged

    def append(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None = None,
        *,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Headers = (),
    ) -> MemoryRecord:
        """Keep a record, in the partition of its key where none is told."""
        number: int = (murmur2(key or b"") & 0x7FFFFFFF) % _topic(topic).partitions
        place = TopicPartition(topic, number if partition is None else partition)
        kept = self.records[place]
        at = self._now_ms() if timestamp_ms is None else timestamp_ms
        kept.append(MemoryRecord(len(kept), at, key, value, headers))
        self.wake()
        return kept[-1]

    def values(self, topic: str) -> list[bytes | None]:
        """Return the values of a topic, partition by partition."""
        places = sorted(place for place in self.records if place.topic == topic)
        return [record.value for place in places for record in self.records[place]]

    def consumer(self, group: str | None = None, **settings: Any) -> "MemoryConsumer":
        """Return a consumer, not started."""
        return MemoryConsumer(self, group, settings.get("partition_assignment_strategy"))

    async def expel(self, member: "MemoryConsumer") -> None:
        """Take a member's partitions as its session ends: it learns of it when others hold them."""
        group = member.group or ""
        self.members[group].remove(member)
        lost, member.held = member.held, set()
        await self.rebalance(group)
        if member.listener:
            await _told(member.listener.on_partitions_revoked(sorted(lost)))
        self.members[group].append(member)
        await self.rebalance(group)

    async def rebalance(self, group: str) -> None:
        """Take back all partitions of a group, then give them out anew."""
        async with self._moving[group]:
            members = self.members[group]
            for member in members:
                if member.held and member.listener:
                    await _told(member.listener.on_partitions_revoked(sorted(member.held)))
                member.held = set()
            self.generations[group] += 1
            for member, share in zip(members, _shares(members), strict=True):
                member.begin(share, self.generations[group])
                if member.listener:
                    await _told(member.listener.on_partitions_assigned(sorted(share)))
            self.wake()

    def wake(self) -> None:
        """Have whoever waits for records look again."""
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, seconds: float) -> None:
        """Wait for records, or for so long."""
        # Not `wait_for`, which takes a cancellation for news where both come at once (Python 3.11).
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._news.wait()


class MemoryConsumer:
    """A consumer of a log in memory (see `libs.wire.backends.log.Consumer`)."""

    def __init__(self, log: MemoryLog, group: str | None, strategy: Any) -> None:
        self.group = group
        self.strategy = strategy[0] if strategy else None
        self.topics: list[str] = []
        self.held: set[TopicPartition] = set()
        self.listener: ConsumerRebalanceListener | None = None
        self.generation = 0
        self._log = log
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()

    async def start(self) -> None:
        if self.topics and self.group:
            self._log.members[self.group].append(self)
            await self._log.rebalance(self.group)

    async def stop(self) -> None:
        members = self._log.members[self.group or ""]
        if self in members:
            if self.held and self.listener:
                await _told(self.listener.on_partitions_revoked(sorted(self.held)))
            self.held = set()
            members.remove(self)
            await self._log.rebalance(self.group or "")

    def subscribe(self, topics: list[str], *, listener: ConsumerRebalanceListener) -> None:
        self.topics, self.listener = topics, listener

    def assign(self, partitions: list[TopicPartition]) -> None:
        self.begin(partitions, 0)

    def begin(self, partitions: Iterable[TopicPartition], generation: int) -> None:
        """Hold partitions, from where the group is."""
        self.held, self.generation = set(partitions), generation
        self._paused.clear()
        committed = self._log.committed[self.group] if self.group else {}
        self._positions = {each: committed.get(each, 0) for each in self.held}

    def assignment(self) -> set[TopicPartition]:
        return set(self.held)

    async def poll(self, timeout_ms: int, max_records: int | None = None) -> Batches:
        deadline = time.monotonic() + timeout_ms / 1000
        while True:
            taken = self._take(max_records or 1_000_000)
            left = deadline - time.monotonic()
            if taken or left <= 0:
                await turn()
                return taken
            await self._log.news(left)

    def _take(self, most: int) -> dict[TopicPartition, list[MemoryRecord]]:
        taken: dict[TopicPartition, list[MemoryRecord]] = {}
        for each in sorted(self.held - self._paused):
            at = self._positions[each]
            if most > 0 and (records := self._log.records[each][at : at + most]):
                taken[each] = records
                most -= len(records)
                self._positions[each] = records[-1].offset + 1
        return taken

    def pause(self, *partitions: TopicPartition) -> None:
        self._check(partitions)
        self._paused.update(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self._check(partitions)
        self._paused.difference_update(partitions)
        self._log.wake()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._check([partition])
        self._positions[partition] = offset

    async def position(self, partition: TopicPartition) -> int:
        self._check([partition])
        return self._positions[partition]

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.topics and not offsets.keys() <= self.held:
            raise CommitFailedError
        self._log.committed[self.group or ""].update(offsets)
        self._log.commits.append((self.group or "", dict(offsets)))

    async def committed(self, partition: TopicPartition) -> int | None:
        return self._log.committed[self.group or ""].get(partition)

    async def beginning_offsets(self, partitions: Places) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {each: len(self._log.records[each]) for each in partitions}

    async def offsets_for_times(
        self, timestamps: dict[TopicPartition, int]
    ) -> dict[TopicPartition, Found | None]:
        """Return the first record of that time or later, by partition."""
        found: dict[TopicPartition, Found | None] = {}
        for each, since in timestamps.items():
            kept = self._log.records[each]
            first = next((record for record in kept if record.timestamp >= since), None)
            found[each] = Found(first.offset, first.timestamp) if first else None
        return found

    def _check(self, partitions: Iterable[TopicPartition]) -> None:
        for each in partitions:
            if each not in self.held:
                raise IllegalStateError(f"No current assignment for partition {each}")


def _shares(members: list[MemoryConsumer]) -> list[list[TopicPartition]]:
    """Return the partitions of each member: in turn, or all to the first where the members say so.

    (Their own strategy, such as the scheduler's, is one that gives all to one.)
    """
    topics = sorted({topic for member in members for topic in member.topics})
    places = [TopicPartition(name, n) for name in topics for n in range(_topic(name).partitions)]
    if members and members[0].strategy:
        return [places, *([] for _ in members[1:])]
    return [places[rank :: len(members)] for rank in range(len(members))]


def _topic(name: str) -> Any:
    """Return the topic of a name on the wire (its first word is the namespace)."""
    return BY_NAME[name.split(".", 1)[1]]


async def _told(answer: Any) -> None:
    if asyncio.iscoroutine(answer):
        await answer
