"""How an event travels: publish, consume in a lane, keep what is bad as a dead letter.

At least once on the wire: offsets are committed after the work is done, never before. What a
consumer does with errors and with bad records is said in libs/wire/lane.py.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self, TypeAlias, TypeVar

import structlog
from aiokafka.errors import MessageSizeTooLargeError

from contracts.dead_letters import DeadLetter
from contracts.event import Event, Installation, Origin, hashed_id
from contracts.topics import DEAD_LETTERS, Topic
from libs.pulse import Pulse
from libs.tracing.spans import NO_TRACES, OFF, Span, Traces, Tracing, headers_of
from libs.wire.backends.kafka import FLUSH_SECONDS, KafkaLog
from libs.wire.backends.log import Bad, Batches, Log
from libs.wire.checking import Received, RecordCheck
from libs.wire.codec import foreign_origin, origins_of
from libs.wire.lane import Lane, Pace
from libs.wire.work import Work, exponential_pause

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

REPLAYS_HEADER = "observatoire-replays"
"""How often a record came back from the dead letters; counted by the replay command."""

READABLE_KEY_BYTES = 1_000
"""Of a key, what people read in a dead letter; escaped, a whole one could outgrow it."""

WHOLE_BYTES = 3_000_000
"""Key and value that a dead letter holds (a third longer in base64) and the broker takes."""

BROKER_BYTES = 1_048_588
"""The largest batch that brokers take by default; what a batch of one record adds to it is less
than `OVERHEAD_BYTES`."""

OVERHEAD_BYTES = 512

SESSION_MS = 10_000
REBALANCE_MS = 30_000
"""For which the broker waits for members that finish a batch; one that died is out sooner."""

BATCHES, EVENTS = Pace(), Pace(max_records=500)

Handler = Callable[[Batches], Awaitable[None]]

_Record: TypeAlias = tuple[str, bytes, bytes, Span]
"""Where it goes by its name on the wire, value, key, and the span that ends when it is there."""


def utc_now() -> datetime:
    """Return the machine's time: the clock of whoever has no other."""
    return datetime.now(UTC)


def refusal(topic: Topic | None, key: bytes, value: bytes) -> str | None:
    """Say why the broker would refuse a record as too large; None when it would not.

    Of a topic that this version does not know, the broker's default is taken.
    """
    most = ((topic and topic.largest_bytes) or BROKER_BYTES) - OVERHEAD_BYTES
    size = len(key) + len(value)
    return f"{size} bytes, {most} at most" if size > most else None


class Wire:
    """The log of an installation: every event passes through here, in and out.

    Topic names carry the installation, and readers refuse events of the other kind. Create it,
    add subscriptions, then `start`. `namespace` replaces the installation in the names of topics
    and groups, to keep tests apart on one broker. `now` is the installation's clock: it dates what
    the wire itself writes. `pause` says how many seconds a so-many-th try waits, `seconds` is the
    time by which rounds of lanes last.
    """

    def __init__(
        self,
        kafka_url: str,
        installation: Installation,
        *,
        namespace: str | None = None,
        client_id: str = "observatoire",
        now: Callable[[], datetime] = utc_now,
        pause: Callable[[int], float] = exponential_pause,
        log: Log | None = None,
        tracing: Tracing = OFF,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self.installation: Installation = installation
        self.namespace = namespace or installation
        self.kafka_url = kafka_url
        self.log: Log = log or KafkaLog(self.kafka_url, client_id)
        self.lanes: list[Lane] = []
        self._seconds = seconds
        self.broker = Pulse({"broker": self.ping}, seconds=seconds)
        self._now = now
        self.pause = pause
        self.tracing = tracing

    def failures(self) -> dict[str, str]:
        """Say whether the broker answers, which groups read nothing more or the same again."""
        told = self.broker.failures()
        for lane in self.lanes:
            told |= lane.failures()
        return told

    def unready(self) -> dict[str, str]:
        """Say whether the broker answers, and which groups have stopped at too many bad records.

        (A deployment that refuses everything must not roll out.)
        """
        stopped = {lane.group: str(lane.stopped) for lane in self.lanes if lane.stopped}
        return self.broker.failures() | stopped

    def stalled(self) -> dict[str, str]:
        """Say which lanes end no round any more, though the broker answers."""
        return self.broker.stalled({lane.group: lane.rounds_at for lane in self.lanes})

    async def ping(self) -> None:
        """Return once the broker answers; raises `OSError` when it cannot."""
        await self.log.ping()

    async def start(self) -> None:
        """Connect, and start the lanes; raises `KafkaError` without a broker."""
        await self.log.start()
        self.broker.start()
        await asyncio.gather(*(lane.start() for lane in self.lanes))

    async def stop(self) -> None:
        """Finish what is in hand, all lanes at once, then disconnect: soon, even without a broker.

        One that cannot stop well keeps nothing else from it; its error leaves last.
        """
        await self.broker.stop()
        stops = (lane.stop() for lane in self.lanes)
        ends = await asyncio.gather(*stops, return_exceptions=True)
        await self.log.stop()
        await asyncio.to_thread(self.tracing.close)
        for end in ends:
            if end is not None:
                raise end

    async def __aenter__(self) -> Self:
        """Start, for a few publications."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def publish(self, topic: Topic, event: Event, traces: Traces = NO_TRACES) -> None:
        """Publish an event and wait until the broker has it (see `publish_all`)."""
        await self.publish_all(topic, [event], traces)

    async def publish_all(
        self, topic: Topic, events: Iterable[Event], traces: Traces = NO_TRACES
    ) -> None:
        """Publish many events, side by side, and wait until the broker has them all.

        Each record carries on the trace of its event, where `traces` has one.
        Raises the broker's error on one of them, once it has said what became of the others or
        after `FLUSH_SECONDS`; and `MessageSizeTooLargeError` before any is sent where one is larger
        than the broker takes: refused by it, it would leave a gap in the numbers of the producer,
        which is refused from then on.
        """
        records: list[_Record] = []
        for event in events:
            name = self.place(topic, event)
            value, key = event.encode(), event.key.encode()
            if why := refusal(topic, key, value):
                raise MessageSizeTooLargeError(f"{topic.name} {event.key}: {why}")
            trace = traces.get(event.event_id) if traces else None
            going = self.tracing.go_on(f"publish {topic.name}", trace, "producer")
            records.append((name, value, key, going))
        try:
            await self._send(records)
        finally:
            for *_, going in records:
                going.end()

    async def _send(self, records: Sequence[_Record]) -> None:
        """Hand records over side by side; every answer of the broker is awaited, or given up."""
        handed: list[asyncio.Future[object]] = []
        try:
            for name, value, key, going in records:
                sent = await self.log.send(name, value, key, headers_of(going.context))
                handed.append(asyncio.ensure_future(sent))
            await asyncio.gather(*handed)
        except Exception:
            if handed:  # what a replaced producer held is perhaps never answered
                await asyncio.wait(handed, timeout=FLUSH_SECONDS)
            raise
        finally:
            for one in handed:
                if not one.cancel() and not one.cancelled():
                    one.exception()  # seen: the first of them leaves here

    async def dead_letters(self, records: Sequence[Bad], consumer: str) -> None:
        """Keep records that could not be used; returns when the broker has them all."""
        await self.publish_all(DEAD_LETTERS, [self.dead_letter(one, consumer) for one in records])

    def dead_letter(self, bad: Bad, consumer: str) -> DeadLetter:
        """Return what is kept of a record: all of it, or what the broker takes and its size."""
        place, record, reason = bad
        replays = dict(record.headers or ()).get(REPLAYS_HEADER) or b""  # a header may be null
        key, value = record.key, record.value or b""
        whole = len(value) + len(key or b"")
        if whole > WHOLE_BYTES:
            key = key and key[: WHOLE_BYTES // 2]
            value = value[: WHOLE_BYTES - len(key or b"")]
        return DeadLetter(
            event_id=hashed_id(place.topic, str(place.partition), str(record.offset), consumer),
            origin=self.installation,
            topic=place.topic,
            partition=place.partition,
            offset=record.offset,
            record_key=None if key is None else key[:READABLE_KEY_BYTES].decode(errors="replace"),
            record_key_base64=None if key is None else base64.b64encode(key).decode(),
            value=base64.b64encode(value).decode(),
            cut_from=whole if whole > WHOLE_BYTES else None,
            reason=reason[:2_000],
            consumer=consumer,
            replays=int(replays) if replays.isdigit() and len(replays) < 10 else 0,
            failed_at=self._now(),
        )

    def lane(
        self,
        topics: Sequence[Topic],
        group: str,
        work: Work,
        *,
        pace: Pace = BATCHES,
        session_ms: int = SESSION_MS,
        **consumer_settings: Any,
    ) -> Lane:
        """Have `work` done with the records of topics, all their parts, in a group.

        It begins with `start`.
        """
        settings = {"session_timeout_ms": session_ms} | consumer_settings
        settings.setdefault("rebalance_timeout_ms", REBALANCE_MS)
        settings.setdefault("heartbeat_interval_ms", max(100, session_ms // 4))
        lane = Lane(
            self.log.consumer(f"{self.namespace}.{group}", **settings),
            list(dict.fromkeys(part.on(self.namespace) for each in topics for part in each.parts)),
            group,
            work,
            self.dead_letters,
            pace,
            self.pause,
            self._seconds,
        )
        self.lanes.append(lane)
        return lane

    def subscribe_raw(
        self, topics: Sequence[Topic], group: str, handler: Handler, **settings: Any
    ) -> Lane:
        """Give `handler` the records as they are on the wire; commit when it returns.

        `settings` are those of `lane`.
        """
        return self.lane(topics, group, _Handling(handler), **settings)

    def subscribe(
        self,
        topic: Topic,
        event: type[E],
        group: str,
        handler: Callable[[Sequence[Received[E]]], Awaitable[None]],
        *,
        pace: Pace = EVENTS,
        **settings: Any,
    ) -> Lane:
        """Give `handler` batches of events; bad records go to the dead letters.

        The handler sees only records that could be read, of this installation's origin. It must
        be idempotent: a batch may come again.
        """
        check = self.check(event, group)

        async def read(batches: Batches) -> None:
            if good := await check.read(batches):
                await handler(good)

        return self.subscribe_raw([topic], group, read, pace=pace, **settings)

    def refuses(self, origin: Origin) -> bool:
        """Tell whether an event of this origin has no place in this installation."""
        return origin not in origins_of(self.installation)

    def check(self, event: type[E], group: str) -> RecordCheck[E]:
        """Return the check of the records of one event for one group."""
        return RecordCheck(
            event, self.installation, group, lambda bad: self.dead_letters(bad, consumer=group)
        )

    def place(self, topic: Topic, event: Event) -> str:
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


class _Handling(Work):
    """The work of a handler that is done with records when it returns."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def handle(self, batches: Batches) -> None:
        await self._handler(batches)
