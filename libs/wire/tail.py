"""A topic read whole, then followed: all partitions, without a consumer group."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from contracts.event import Event
from contracts.topics import Topic
from libs.wire.backends.log import Bad, Record
from libs.wire.codec import validated
from libs.wire.metrics import BAD_RECORDS
from libs.wire.read_to_end import POLL_MS, partitions_of, starts_of
from libs.wire.wire import Wire

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

CATCH_UP_LOOKS = 0.01
RECORDS_AT_ONCE = 500
"""Read before others have their turn in the loop: those of a poll are given without a pause, which
`catch_up` counts on."""

AGAIN_SECONDS = 1.0
"""Until a broker that refused is asked again."""


class UnreadableError(ValueError):
    """A record is bad, and this is why."""


class Tail(Generic[E]):
    """Gives the events of a topic to `take`, from the beginning or a moment, then those to come.

    `start` returns when what was there is read. A record that cannot be read, one of another
    installation, and one that `take` fails at are passed over, told in the log and counted: what
    one record holds keeps no process from starting.
    """

    def __init__(
        self,
        wire: Wire,
        topic: Topic,
        event: type[E],
        take: Callable[[E], None],
        since_ms: int | None = None,
        on_bad: Callable[[Bad], None] | None = None,
    ) -> None:
        """Prepare; `since_ms` is in the time of the records themselves (Unix milliseconds).

        `on_bad` hears of what is passed over.
        """
        self.topic = topic
        self.ready = asyncio.Event()
        self._wire = wire
        self._event = event
        self._take = take
        self._since_ms = since_ms
        self._on_bad = on_bad
        self._partitions = partitions_of(topic, wire.namespace)
        self._consumer = wire.log.consumer()
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and read up to the ends; raises `KafkaError` without a broker."""
        try:
            await self._consumer.start()
            starts = await starts_of(self._consumer, self._partitions, self._since_ms)
            ends = await self._consumer.end_offsets(self._partitions)
            self._consumer.assign(self._partitions)
            for place, offset in starts.items():
                self._consumer.seek(place, offset)
            left = {place: end for place, end in ends.items() if starts[place] < end}
            self._reading = asyncio.create_task(self._read(left))
            waiting = asyncio.create_task(self.ready.wait())
            await asyncio.wait({self._reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if self._reading.done():
                self._reading.result()
        except BaseException:
            await self.stop()
            raise

    async def catch_up(self) -> None:
        """Return once what the topic holds now is taken; raises `KafkaError`."""
        ends = await self._consumer.end_offsets(self._partitions)
        for place, end in ends.items():
            while await self._consumer.position(place) < end:  # noqa: ASYNC110 — in the client
                await asyncio.sleep(CATCH_UP_LOOKS)

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

    async def _read(self, left: dict[TopicPartition, int]) -> None:
        while True:
            if not left:
                self.ready.set()
            try:
                batches = await self._consumer.poll(POLL_MS, RECORDS_AT_ONCE)
            except KafkaError as error:
                log.error("broker refuses", topic=self.topic.name, error=repr(error))
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            for place, records in batches.items():
                for record in records:
                    self._give(place, record)
            for place in [p for p, end in left.items() if await self._consumer.position(p) >= end]:
                del left[place]
            await asyncio.sleep(0)

    def _give(self, place: TopicPartition, record: Record) -> None:
        try:
            self.receive(record)
        except UnreadableError as error:
            self._pass_over(place, record, str(error))
        except Exception as error:
            self._pass_over(place, record, f"{type(error).__name__}: {error}")

    def receive(self, record: Record) -> None:
        """Take a record; whatever it raises, the record is passed over and told."""
        self._take(self.read(record))

    def read(self, record: Record) -> E:
        """Return the event of a record; raises `UnreadableError`."""
        judged = validated(self._event, record.value, self._wire.installation)
        if isinstance(judged, str):
            raise UnreadableError(judged)
        return judged

    def _pass_over(self, place: TopicPartition, record: Record, why: str) -> None:
        BAD_RECORDS.labels("table", self.topic.name).inc()
        at = f"{place.topic}/{place.partition}/{record.offset}"
        log.error("record passed over", record=at, why=why)
        if self._on_bad:
            self._on_bad((place, record, why))


def key_of(record: Record) -> str:
    """Return a record's key; what is no UTF-8 is no key of ours, and made to be read."""
    return (record.key or b"").decode(errors="replace")
