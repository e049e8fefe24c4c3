"""The recent past of a topic and what follows, whole: all partitions, without a group."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from contracts.codec import reason_of
from contracts.event import Event
from contracts.topics import Topic
from libs.wire.consumer import Consumer

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)


def partitions_of(topic: Topic, namespace: str) -> list[TopicPartition]:
    """Return the partitions of a topic as they are named on the wire."""
    return [TopicPartition(topic.on(namespace), number) for number in range(topic.partitions)]


async def seek_to_time(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition], since_ms: int
) -> dict[TopicPartition, int]:
    """Stand where records of that time begin; return the ends, of partitions with some to read.

    `since_ms` is in the time of the records themselves (Unix milliseconds).
    """
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    ends = await consumer.end_offsets(partitions)
    starts = {p: at.offset if (at := found.get(p)) else ends[p] for p in partitions}
    for partition, offset in starts.items():
        consumer.seek(partition, offset)
    return {partition: end for partition, end in ends.items() if starts[partition] < end}


class Tail(Generic[E]):
    """Gives every event of a topic since a moment to `take`, then those to come.

    `start` returns when what was there is read. A record that cannot be read is logged and
    skipped: whoever consumes the topic with a group keeps it as a dead letter.
    """

    def __init__(
        self,
        kafka_url: str,
        namespace: str,
        topic: Topic,
        event: type[E],
        take: Callable[[E], None],
        since_ms: int,
    ) -> None:
        self._partitions = partitions_of(topic, namespace)
        self._event = event
        self._take = take
        self._since_ms = since_ms
        self._ready = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._consumer = Consumer(
            bootstrap_servers=kafka_url.removeprefix("kafka://").split(","),
            enable_auto_commit=False,
        )

    async def start(self) -> None:
        """Connect and read up to the ends; raises what reading raises."""
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        ends = await seek_to_time(self._consumer, self._partitions, self._since_ms)
        self._reading = asyncio.create_task(self._read(ends))
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({self._reading, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._reading.done():
            self._reading.result()

    async def stop(self) -> None:
        """Stop reading and disconnect."""
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    @property
    def failed(self) -> str | None:
        """Say why the topic is no longer read, None while it is."""
        if self._reading and self._reading.done() and not self._reading.cancelled():
            return repr(self._reading.exception())
        return None

    async def _read(self, ends: dict[TopicPartition, int]) -> None:
        while True:
            if not ends:
                self._ready.set()
            batches = await self._consumer.getmany(timeout_ms=200)
            for records in batches.values():
                for record in records:
                    self._give(record.value)
            for partition in list(ends):
                if await self._consumer.position(partition) >= ends[partition]:
                    del ends[partition]

    def _give(self, value: bytes | None) -> None:
        try:
            event = self._event.read(value or b"")
        except ValidationError as error:
            log.error("unreadable record", topic=self._partitions[0].topic, why=reason_of(error))
        else:
            self._take(event)
