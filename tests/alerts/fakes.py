"""A wire whose consumer and topics are in memory: what is committed, and for what, is seen."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition

from contracts.event import Event
from contracts.topics import Topic
from libs.wire.wire import Wire

Record = ConsumerRecord[bytes, bytes]


def record(topic: Topic, partition: int, offset: int, value: bytes, timestamp: int = 0) -> Record:
    """Return a record as a consumer gives it."""
    return cast(
        "Record",
        ConsumerRecord(
            *(topic.on("simulation"), partition, offset, timestamp, 0, b"k", value, None, 1, 1, ())
        ),
    )


class FakeConsumer:
    """Gives what a test queues; keeps what is committed and where it is told to read again."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[dict[TopicPartition, list[Record]]] = asyncio.Queue()
        self.held: set[TopicPartition] = set()
        self.commits: list[dict[TopicPartition, int]] = []
        self.seeks: list[tuple[TopicPartition, int]] = []
        self.polls = 0
        self.listener: ConsumerRebalanceListener | None = None

    def subscribe(self, topics: Sequence[str], listener: ConsumerRebalanceListener) -> None:
        self.listener = listener

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def assignment(self) -> set[TopicPartition]:
        return self.held

    def pause(self, *_: TopicPartition) -> None: ...

    def resume(self, *_: TopicPartition) -> None: ...

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.seeks.append((partition, offset))

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        assert set(positions) <= self.held, "committed for a partition that is not held"
        self.commits.append(dict(positions))

    async def getmany(self, **_: Any) -> dict[TopicPartition, list[Record]]:
        self.polls += 1
        try:
            return await asyncio.wait_for(self.queue.get(), 0.01)
        except TimeoutError:
            return {}

    async def assign(self, *partitions: TopicPartition) -> None:
        """Give partitions, as the coordinator does: an error of the listener is logged, no more."""
        assert self.listener is not None
        self.held = set(partitions)
        with suppress(Exception):
            await self.listener.on_partitions_assigned(list(partitions))

    async def revoke(self, *, lost: bool = False) -> None:
        """Take all partitions back; when they are lost, somebody else holds them already."""
        assert self.listener is not None
        held = list(self.held)
        if lost:
            self.held = set()
        await self.listener.on_partitions_revoked(held)
        self.held = set()


class FakeWire(Wire):
    """Keeps what is published; its one consumer is `consumed`."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:1", "simulation")
        self.kept: list[tuple[Topic, Event]] = []
        self.consumed = FakeConsumer()
        self.fails: Exception | None = None

    def consumer(self, group: str, session_ms: int, **settings: Any) -> AIOKafkaConsumer:
        return cast("AIOKafkaConsumer", self.consumed)

    async def publish(self, topic: Topic, event: Event, **_: Any) -> None:
        await self.publish_all(topic, [event])

    async def publish_all(self, topic: Topic, events: Iterable[Event], **_: Any) -> None:
        if self.fails:
            raise self.fails
        self.kept += [(topic, event) for event in events]

    def of(self, topic: Topic) -> list[Any]:
        """Return what was published to a topic."""
        return [event for one, event in self.kept if one is topic]
