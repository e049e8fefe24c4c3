"""Compacted topics as tables: read whole, without a group, ready only then, woken on change."""

import asyncio
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from pydantic import ValidationError

from contracts.codec import foreign_origin, origins_of, reason_of
from contracts.event import Event
from contracts.topics import Topic
from libs.wire.consumer import Consumer

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)


class Table(Generic[E]):
    """The latest event of each key of a compacted topic.

    `rows` holds it, by key. `started` has run up to the ends that the partitions had when it
    began; until then the table is not `ready`. An older `revision` than the one held is ignored;
    a tombstone removes the row. A record that cannot be read leaves the row as it was.
    """

    def __init__(
        self,
        kafka_url: str,
        namespace: str,
        topic: Topic,
        event: type[E],
        *,
        on_change: Callable[[str, E | None], None] | None = None,
        installation: Literal["live", "simulation"] | None = None,
        on_bad: "Callable[[ConsumerRecord[bytes, bytes], str], None] | None" = None,
    ) -> None:
        """Prepare; `installation` refuses rows of the other kind, `on_bad` hears what is refused.

        (Told anew at each start: the row is in the topic until another of its key.)
        """
        self.rows: dict[str, E] = {}
        self.ready = asyncio.Event()
        self._topic = topic
        self._event = event
        self._name = topic.on(namespace)
        self._on_change = on_change
        self._installation: Literal["live", "simulation"] | None = installation
        self._on_bad = on_bad
        self._changed = asyncio.Event()
        self._consumer = Consumer(
            bootstrap_servers=kafka_url.removeprefix("kafka://").split(","),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and begin to read; returns when the table is ready, raises when it cannot be."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        await self._consumer.start()
        partitions = [
            TopicPartition(self._name, number) for number in range(self._topic.partitions)
        ]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_beginning(*partitions)
        ends = await self._consumer.end_offsets(partitions)
        self._reading = asyncio.create_task(self._read({p: e for p, e in ends.items() if e}))
        waiting = asyncio.create_task(self.ready.wait())
        await asyncio.wait({self._reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._reading.done():
            self._reading.result()

    async def stop(self) -> None:
        """Stop reading and disconnect."""
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    async def change(self) -> None:
        """Wait until some row has changed since the last call."""
        await self._changed.wait()
        self._changed.clear()

    @property
    def failed(self) -> str | None:
        """Say why the table is no longer read, or None while it is."""
        if self._reading and self._reading.done() and not self._reading.cancelled():
            return repr(self._reading.exception())
        return None

    async def _read(self, ends: dict[TopicPartition, int]) -> None:
        while True:
            if not ends:
                self.ready.set()
            batches = await self._consumer.getmany(timeout_ms=200)
            for partition, records in batches.items():
                for record in records:
                    self._take(record)
                if partition in ends and records[-1].offset + 1 >= ends[partition]:
                    del ends[partition]
            for partition in [p for p in ends if p not in batches]:
                if await self._consumer.position(partition) >= ends[partition]:
                    del ends[partition]

    def _take(self, record: ConsumerRecord[bytes, bytes]) -> None:
        key = (record.key or b"").decode(errors="replace")
        if record.value is None:
            self.rows.pop(key, None)
            self._tell(key, None)
            return
        event = self._read_row(record.value)
        if isinstance(event, str):
            log.error("unreadable row", topic=self._name, key=key, reason=event)
            if self._on_bad:
                self._on_bad(record, event)
            return
        held = self.rows.get(key)
        if held is not None and getattr(event, "revision", 0) < getattr(held, "revision", 0):
            return
        self.rows[key] = event
        self._tell(key, event)

    def _read_row(self, value: bytes) -> E | str:
        """Return what a row says, or why it is refused."""
        try:
            event = self._event.read(value)
        except ValidationError as error:
            return reason_of(error)
        if self._installation and event.origin not in origins_of(self._installation):
            return foreign_origin(event.origin, self._installation)
        return event

    def _tell(self, key: str, event: E | None) -> None:
        self._changed.set()
        if self._on_change:
            self._on_change(key, event)
