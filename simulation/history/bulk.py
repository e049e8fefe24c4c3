"""Many records to Kafka quickly: batches made here, compressed, a few on their way at a time.

A record costs one append to a buffer; what the broker refuses is raised at the end at the latest.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from types import TracebackType
from typing import Any, Self

from aiokafka.partitioner import murmur2

from contracts.topics import Topic
from libs.wire.backends.clients import producer_of
from simulation.history.history import Record

BATCH_BYTES = 1_000_000
"""Below the broker's usual ``message.max.bytes`` even uncompressed."""

BATCHES_ON_THEIR_WAY = 12
"""Batches sent and not yet acknowledged, at most."""


class Bulk:
    """Writes records to the topics of an installation; use it as an asynchronous context.

    Args:
        kafka_url: ``host:port,…``.
        namespace: prefix of the topics' names (the installation, or a test's own).
    """

    def __init__(self, kafka_url: str, namespace: str = "simulation") -> None:
        self._namespace = namespace
        self._producer = producer_of(
            kafka_url,
            client_id="simulation",
            compression_type="zstd",
            max_batch_size=BATCH_BYTES,
            max_request_size=4 * BATCH_BYTES,
        )
        self._open: dict[tuple[str, int], Any] = {}
        self._sent: set[asyncio.Future[Any]] = set()
        self.records = 0

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._producer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send what is left, and wait until the broker has everything."""
        try:
            if kind is None:
                await self.flush()
        finally:
            await self._producer.stop()

    @staticmethod
    def partition(topic: Topic, key: bytes) -> int:
        """The partition of a key: that of every Kafka client."""
        return (murmur2(key) & 0x7FFFFFFF) % topic.partitions

    async def write(self, key: bytes, records: Iterable[Record], at: int) -> int:
        """Add the records of a key, published ``at`` (milliseconds); returns how many."""
        count = 0
        open_batches, topic, place = self._open, None, ("", 0)
        places: dict[str, tuple[str, int]] = {}
        for belongs, value in records:
            if belongs is not topic:
                topic = belongs
                # The hash of the client is pure Python: once a key and topic, not once a change.
                place = places.get(topic.name) or places.setdefault(
                    topic.name, (topic.on(self._namespace), self.partition(topic, key))
                )
            batch = open_batches.get(place) or self._opened(place)
            if batch.append(key=key, value=value, timestamp=at) is None:
                await self._send(*place)
                self._opened(place).append(key=key, value=value, timestamp=at)
            count += 1
        self.records += count
        return count

    def _opened(self, place: tuple[str, int]) -> Any:
        batch = self._open[place] = self._producer.create_batch()
        return batch

    async def flush(self) -> None:
        """Send what is open, wait for all acknowledgements; raises what the broker refused."""
        for name, partition in list(self._open):
            await self._send(name, partition)
        await asyncio.gather(*self._sent)
        self._sent.clear()

    async def _send(self, name: str, partition: int) -> None:
        batch = self._open.pop((name, partition))
        if not batch.record_count():
            return
        batch.close()
        acknowledged: Awaitable[Any] = await self._producer.send_batch(
            batch, name, partition=partition
        )
        self._sent.add(asyncio.ensure_future(acknowledged))
        if len(self._sent) >= BATCHES_ON_THEIR_WAY:
            done, self._sent = await asyncio.wait(self._sent, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
