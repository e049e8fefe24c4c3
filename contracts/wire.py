"""How an event travels: the broker with its one ack policy, publish, consume, dead letter.

What a consumer does with an error is said by its class:

    WireError
    ├── Later        the world is bad (engine away, SMTP down): wait, commit nothing, read again
    ├── Never        the record is bad: whole to the dead letters, then go on
    └── Stopped      too many records are bad: stop the consumer, commit nothing, say so

At least once on the wire: offsets are committed after the handler has returned, never before
(FastStream's default for Kafka is at most once; the policy is set here, once).
"""

import asyncio
import base64
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

import structlog
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from pydantic import ValidationError

from contracts.dead_letters import DeadLetter
from contracts.event import Event, Origin, hashed_id
from contracts.reading import foreign_origin, reason_of
from contracts.topics import BY_NAME, DEAD_LETTERS, Topic

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

REPLAYS_HEADER = "observatoire-replays"
"""How often a record came back from the dead letters; counted by the replay command."""

CEILING_RATIO = 0.20
CEILING_WINDOW = 10_000
BATCH_RECORDS = 5_000
BATCH_WAIT_MS = 200
LONGEST_WAIT = 30.0


class WireError(Exception):
    """What goes wrong between a topic and its reader."""


class Later(WireError):
    """The world is bad: wait and read the same records again."""


class Never(WireError):
    """The record is bad: to the dead letters with this reason, then go on."""


class Stopped(WireError):
    """Too many records are bad: a bad deployment makes lag, not a full dead-letter topic."""


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """An event as it was received: where it stood, and its bytes."""

    event: E
    topic: str
    partition: int
    offset: int


class Ceiling:
    """Tells when the share of bad records among the last ones passes the ceiling.

    Twenty per cent of the last 10,000 records (definitions, "Collecting"); before so many were
    read, the share is of the window, so that a first bad record stops nothing.
    """

    def __init__(self, ratio: float = CEILING_RATIO, window: int = CEILING_WINDOW) -> None:
        self._allowed = ratio * window
        self._window = window
        self._runs: deque[tuple[int, int]] = deque()
        self._read = 0
        self._bad = 0

    def count(self, read: int, bad: int) -> None:
        """Count a batch; raises `Stopped` when more than the allowed share of the window is bad."""
        self._runs.append((read, bad))
        self._read += read
        self._bad += bad
        while self._read - self._runs[0][0] >= self._window:
            old_read, old_bad = self._runs.popleft()
            self._read -= old_read
            self._bad -= old_bad
        if self._bad > self._allowed:
            raise Stopped(
                f"{self._bad} bad records among the last {min(self._read, self._window)}: "
                "the consumer stops and commits nothing; mend the producer or the reader, restart"
            )


class Subscription:
    """A subscription that runs: what it has still to read."""

    def __init__(self, subscriber: Any) -> None:
        self._subscriber = subscriber

    async def lag(self) -> dict[str, int]:
        """Return how many records of each topic (its name on the wire) are not yet read."""
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer
        lags: dict[str, int] = {}
        for partition in consumer.assignment() if consumer else ():
            end = cast("Any", consumer).highwater(partition)
            if end is not None and consumer:
                behind = end - await consumer.position(partition)
                lags[partition.topic] = lags.get(partition.topic, 0) + max(0, behind)
        return lags


class Wire:
    """The broker of an installation: every event passes through here, in and out.

    Topic names carry the installation, and readers refuse events of the other kind. Create it,
    add subscriptions, then `start`. `namespace` replaces the installation in the names of topics
    and groups, to keep tests apart on one broker.
    """

    def __init__(
        self,
        kafka_url: str,
        installation: Literal["live", "simulation"],
        *,
        namespace: str | None = None,
        client_id: str = "observatoire",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.installation: Literal["live", "simulation"] = installation
        self.namespace = namespace or installation
        self.kafka_url = kafka_url.removeprefix("kafka://")
        self.stopped: dict[str, str] = {}
        self._sleep = sleep
        self._client_id = client_id
        self._broker = KafkaBroker(
            self.kafka_url.split(","),
            client_id=client_id,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            # One batch at a time goes to a partition: at 16 KB, the client's default, a thousand
            # records of one key took a hundred round trips.
            max_batch_size=512 * 1024,
            logger=None,
        )

    @property
    def broker(self) -> KafkaBroker:
        """Return the FastStream broker; its ack policy is set and is not to be undone."""
        return self._broker

    async def start(self) -> None:
        """Connect, and start the subscriptions."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish what is in hand, then disconnect."""
        await self._broker.stop()

    async def publish(self, topic: Topic, event: Event) -> None:
        """Publish an event and wait until the broker has it."""
        self._check(topic, event)
        await self._broker.publish(event.encode(), topic.on(self.namespace), key=event.key.encode())

    async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
        """Publish many events, side by side, and wait until the broker has them all."""
        acknowledged: list[Awaitable[Any]] = []
        for event in events:
            self._check(topic, event)
            acknowledged.append(
                await self._broker.publish(
                    event.encode(),
                    topic.on(self.namespace),
                    key=event.key.encode(),
                    no_confirm=True,
                )
            )
        await asyncio.gather(*acknowledged)

    async def dead_letter(
        self, record: "ConsumerRecord[bytes, bytes]", reason: str, consumer: str
    ) -> None:
        """Keep a record that could not be used: whole, with its reason and origin."""
        await self.dead_letters([(record, reason)], consumer)

    async def dead_letters(
        self, records: Sequence[tuple["ConsumerRecord[bytes, bytes]", str]], consumer: str
    ) -> None:
        """Keep records that could not be used; returns when the broker has them all."""
        await self.publish_all(
            DEAD_LETTERS, [self._dead_letter(record, why, consumer) for record, why in records]
        )

    def subscribe_raw(
        self,
        topics: Sequence[Topic],
        group: str,
        handler: Callable[[Sequence["ConsumerRecord[bytes, bytes]"]], Awaitable[None]],
        *,
        max_records: int = BATCH_RECORDS,
        wait_ms: int = BATCH_WAIT_MS,
        **consumer_settings: Any,
    ) -> Subscription:
        """Give `handler` batches of records as they are on the wire; commit when it returns.

        A batch may span topics and partitions. `Later` waits (exponential, full jitter, at most
        30 s) and reads the batch again; `Stopped` stops this subscription and commits nothing.
        """
        waits = 0

        async def consume(message: KafkaMessage) -> None:
            nonlocal waits
            records = cast("Sequence[ConsumerRecord[bytes, bytes]]", message.raw_message)
            try:
                await handler(records)
                waits = 0
            except Later as error:
                waits += 1
                log.warning("reading again later", group=group, error=str(error), attempt=waits)
                await self._sleep(random.uniform(0, min(LONGEST_WAIT, 0.1 * 2**waits)))
                raise
            except Stopped as error:
                self.stopped[group] = str(error)
                log.error("consumer stopped", group=group, error=str(error))
                asyncio.get_running_loop().call_soon(
                    lambda: setattr(self, "_stopping", asyncio.ensure_future(subscriber.stop()))
                )
                raise

        async def parse(records: Any, original: Any) -> Any:
            message = await original(records[:1])
            message.raw_message = records
            return message

        async def decode(message: Any) -> Any:
            return message.raw_message

        subscriber: Any = self._broker.subscriber(
            *[topic.on(self.namespace) for topic in topics],
            group_id=f"{self.namespace}.{group}",
            batch=True,
            max_records=max_records,
            batch_timeout_ms=wait_ms,
            auto_offset_reset="earliest",
            parser=parse,
            decoder=decode,
            **consumer_settings,
        )
        subscriber(consume)
        return Subscription(subscriber)

    def subscribe(
        self,
        topic: Topic,
        event: type[E],
        group: str,
        handler: Callable[[Sequence[Received[E]]], Awaitable[None]],
        *,
        max_records: int = 500,
        wait_ms: int = BATCH_WAIT_MS,
        **consumer_settings: Any,
    ) -> None:
        """Give `handler` batches of events; bad records go to the dead letters.

        The handler sees only records that could be read, of this installation's origin. It must
        be idempotent: a batch may come again.
        """
        ceiling = Ceiling()

        async def read(records: Sequence["ConsumerRecord[bytes, bytes]"]) -> None:
            good: list[Received[E]] = []
            bad: list[tuple[ConsumerRecord[bytes, bytes], str]] = []
            for record in records:
                try:
                    good.append(self._read(record, event))
                except Never as error:
                    bad.append((record, str(error)))
            ceiling.count(len(records), len(bad))
            if bad:
                await self.dead_letters(bad, group)
            if good:
                await handler(good)

        self.subscribe_raw(
            [topic], group, read, max_records=max_records, wait_ms=wait_ms, **consumer_settings
        )

    def refuses(self, origin: Origin) -> bool:
        """Tell whether an event of this origin has no place in this installation."""
        return origin not in (self.installation, "declared")

    def _read(self, record: "ConsumerRecord[bytes, bytes]", event: type[E]) -> Received[E]:
        """Read one record; raises `Never` with the field that is bad."""
        try:
            read = event.read(record.value or b"")
        except ValidationError as error:
            raise Never(reason_of(error)) from error
        if self.refuses(read.origin):
            raise Never(foreign_origin(read.origin, self.installation))
        return Received(read, record.topic, record.partition, record.offset)

    def _dead_letter(
        self, record: "ConsumerRecord[bytes, bytes]", reason: str, consumer: str
    ) -> DeadLetter:
        replays = dict(record.headers or ()).get(REPLAYS_HEADER, b"0")
        return DeadLetter(
            event_id=hashed_id(record.topic, str(record.partition), str(record.offset), consumer),
            origin=self.installation,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            record_key=record.key.decode(errors="replace") if record.key else None,
            value=base64.b64encode(record.value or b"").decode(),
            reason=reason[:2_000],
            consumer=consumer,
            replays=int(replays),
            failed_at=datetime.now(UTC),
        )

    def _check(self, topic: Topic, event: Event) -> None:
        if not isinstance(event, topic.event):
            raise TypeError(
                f"{topic.name} carries {topic.event.__name__}, not {type(event).__name__}"
            )
        if self.refuses(event.origin):
            raise ValueError(foreign_origin(event.origin, self.installation))


def topic_of(wire_name: str) -> Topic:
    """Return the topic of a name on the wire (its first word is the installation)."""
    return BY_NAME[wire_name.split(".", 1)[1]]
