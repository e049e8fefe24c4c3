"""How an event travels: the broker with its one ack policy, publish, consume, dead letter.

What a consumer does with what is bad:

    Later      the world is bad (engine away, SMTP down): wait, commit nothing, read again
    a record   (libs/wire/judging.py) goes whole to the dead letters, then go on
    Stopped    too many records are bad: stop the consumer, commit nothing, say so

At least once on the wire: offsets are committed after the handler has returned, never before
(FastStream's default for Kafka is at most once; the policy is set here, once).
"""

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast

import structlog
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from contracts.codec import foreign_origin, origins_of
from contracts.dead_letters import DeadLetter
from contracts.event import Event, Origin, hashed_id
from contracts.topics import DEAD_LETTERS, LARGEST_LETTER_BYTES, Topic
from libs.wire.consumer import Consumer
from libs.wire.judging import Judge, Received, Stopped
from libs.wire.subscription import BrokerErrors, Failing, Subscription

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

REPLAYS_HEADER = "observatoire-replays"
"""How often a record came back from the dead letters; counted by the replay command."""

READABLE_KEY_BYTES = 1_000
"""Of a key, what people read in a letter; escaped, a whole one could outgrow the letter."""

BATCH_RECORDS = 5_000
BATCH_WAIT_MS = 200
LONGEST_WAIT = 30.0

IN_HAND_SECONDS = 9.0
"""Left to a batch in hand when the wire stops; what has not ended then is read again."""

FLUSH_SECONDS = 3.0
"""Left to what was published and not acknowledged: nobody waits for it any more, and without a
broker the client would send it for ever, since what an idempotent producer holds never expires."""


def utc_now() -> datetime:
    """Return the machine's time: the clock of whoever has no other."""
    return datetime.now(UTC)


class WireError(Exception):
    """What goes wrong between a topic and its reader."""


class Later(WireError):
    """The world is bad: wait and read the same records again."""


class Wire:
    """The broker of an installation: every event passes through here, in and out.

    Topic names carry the installation, and readers refuse events of the other kind. Create it,
    add subscriptions, then `start`. `namespace` replaces the installation in the names of topics
    and groups, to keep tests apart on one broker. `now` is the installation's clock: it dates what
    the wire itself writes.
    """

    def __init__(
        self,
        kafka_url: str,
        installation: Literal["live", "simulation"],
        *,
        namespace: str | None = None,
        client_id: str = "observatoire",
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.installation: Literal["live", "simulation"] = installation
        self.namespace = namespace or installation
        self.kafka_url = kafka_url.removeprefix("kafka://")
        self.stopped: dict[str, str] = {}
        self._failing: dict[Subscription, Failing] = {}
        self._leaving = asyncio.Event()
        self._now = now
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
            max_request_size=LARGEST_LETTER_BYTES,
            graceful_timeout=IN_HAND_SECONDS,
            logger=BrokerErrors(client_id),
        )

    @property
    def broker(self) -> KafkaBroker:
        """Return the FastStream broker; its ack policy is set and is not to be undone."""
        return self._broker

    def failures(self) -> dict[str, str]:
        """Say which groups read nothing more, or the same batch again and again, and why."""
        failing = {one.group: one.why for one in self._failing.values() if one.ours}
        return failing | self.stopped

    async def start(self) -> None:
        """Connect, and start the subscriptions."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish what is in hand, then disconnect: soon, even without a broker."""
        self._leaving.set()
        reading = asyncio.gather(*(one.stop() for one in self._broker.subscribers))
        await self._end(reading, IN_HAND_SECONDS + 1)
        await self._end(asyncio.ensure_future(self._broker.stop()), FLUSH_SECONDS)

    async def _end(self, stopping: "asyncio.Future[Any]", seconds: float) -> None:
        """Wait for an end so many seconds; the client may raise, or cancel, its own."""
        try:
            ended, _ = await asyncio.wait({stopping}, timeout=seconds)
        finally:
            stopping.cancel()
        if not ended or stopping.cancelled() or stopping.exception() is not None:
            log.warning("wire left without its broker's word", client=self._client_id)

    async def __aenter__(self) -> Self:
        """Start, for a few publications."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def publish(self, topic: Topic, event: Event) -> None:
        """Publish an event and wait until the broker has it."""
        name = self._place(topic, event)
        await self._broker.publish(event.encode(), name, key=event.key.encode())

    async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
        """Publish many events, side by side, and wait until the broker has them all."""
        acknowledged: list[Awaitable[Any]] = []
        for event in events:
            name = self._place(topic, event)
            acknowledged.append(
                await self._broker.publish(
                    event.encode(), name, key=event.key.encode(), no_confirm=True
                )
            )
        await asyncio.gather(*acknowledged)

    async def dead_letters(
        self, records: Sequence[tuple["ConsumerRecord[bytes, bytes]", str]], consumer: str
    ) -> None:
        """Keep records that could not be used, whole; returns when the broker has them all."""
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
                self._failing.pop(subscription, None)
            except Later as error:
                waits += 1
                log.warning("reading again later", group=group, error=str(error), attempt=waits)
                await self._rest(waits)
                raise
            except Stopped as error:
                self.stopped[group] = str(error)
                log.error("consumer stopped", group=group, error=str(error))
                asyncio.get_running_loop().call_soon(
                    lambda: setattr(self, "_stopping", asyncio.ensure_future(subscriber.stop()))
                )
                raise
            except Exception as error:
                # A fault of ours. The records are good or bad as before: read again, and told
                # until a batch passes, since only somebody who reads the log can mend it.
                waits += 1
                self._failing[subscription] = Failing(
                    group,
                    f"{type(error).__name__}: {error}",
                    subscription,
                    frozenset((record.topic, record.partition) for record in records),
                )
                log.exception("handler failed", group=group, attempt=waits)
                await self._rest(waits)
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
        subscription = Subscription(subscriber)
        return subscription

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
        judge = self.judge(event, group)

        async def read(records: Sequence["ConsumerRecord[bytes, bytes]"]) -> None:
            if good := await judge.read(records):
                await handler(good)

        self.subscribe_raw(
            [topic], group, read, max_records=max_records, wait_ms=wait_ms, **consumer_settings
        )

    def refuses(self, origin: Origin) -> bool:
        """Tell whether an event of this origin has no place in this installation."""
        return origin not in origins_of(self.installation)

    def judge(self, event: type[E], group: str) -> Judge[E]:
        """Return the judge of the records of one event for one group."""
        return Judge(
            event, self.installation, group, lambda bad: self.dead_letters(bad, consumer=group)
        )

    def consumer(self, group: str, session_ms: int, **settings: Any) -> Consumer:
        """Return a consumer, not started, for who says itself what is done and may be committed."""
        return Consumer(
            bootstrap_servers=self.kafka_url.split(","),
            group_id=f"{self.namespace}.{group}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=max(100, session_ms // 4),
            **settings,
        )

    async def _rest(self, waits: int) -> None:
        """Wait before reading again; no longer than until the wire stops."""
        resting = {
            asyncio.ensure_future(self._sleep(_pause(waits))),
            asyncio.ensure_future(self._leaving.wait()),
        }
        try:
            await asyncio.wait(resting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in resting:
                one.cancel()

    def _dead_letter(
        self, record: "ConsumerRecord[bytes, bytes]", reason: str, consumer: str
    ) -> DeadLetter:
        replays = dict(record.headers or ()).get(REPLAYS_HEADER) or b""  # a header may be null
        return DeadLetter(
            event_id=hashed_id(record.topic, str(record.partition), str(record.offset), consumer),
            origin=self.installation,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            record_key=None
            if record.key is None
            else record.key[:READABLE_KEY_BYTES].decode(errors="replace"),
            record_key_base64=None if record.key is None else base64.b64encode(record.key).decode(),
            value=base64.b64encode(record.value or b"").decode(),
            reason=reason[:2_000],
            consumer=consumer,
            replays=int(replays) if replays.isdigit() and len(replays) < 10 else 0,
            failed_at=self._now(),
        )

    def _place(self, topic: Topic, event: Event) -> str:
        """Return the topic, by its name on the wire, of an event that may go there.

        An event of a network is on the part that its terms allow: chosen here, for all who publish.
        """
        if not isinstance(event, topic.event):
            raise TypeError(
                f"{topic.name} carries {topic.event.__name__}, not {type(event).__name__}"
            )
        if self.refuses(event.origin):
            raise ValueError(foreign_origin(event.origin, self.installation))
        return topic.for_network(getattr(event, "network", "")).on(self.namespace)


def _pause(waits: int) -> float:
    """Return the seconds to wait before reading again: exponential, full jitter."""
    return random.uniform(0, min(LONGEST_WAIT, 0.1 * 2**waits))
