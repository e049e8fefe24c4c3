"""Delivery: each message to each recipient until accepted or refused, then logged.

One courier a channel, with a group of its own, so that a broken Slack never delays a mail; within
one, every message waits for its own retry and its own host only. In this order; after each step,
what a crash leaves:

1. what alerts say is composed → handed over as it was composed, whatever came since
2. the other side accepts      → sent once more, with the same id and Message-ID (the one repeat)
3. the delivery is logged      → read again, found in the log, not sent
4. the offset is committed     → nothing
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import structlog
from aiokafka import TopicPartition
from structlog.contextvars import bind_contextvars

from contracts.alerts import AlertComposed, AlertRaised, Silence
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED, MESSAGES_DUE, Topic
from libs.clock import Clock
from libs.deciding.grouping import OPEN, Incident, Message
from libs.tracing.spans import Span
from libs.wire.backends.log import Batches
from libs.wire.lane import Lane, Pace
from libs.wire.offsets import Watermark
from libs.wire.read_to_end import ends_of
from libs.wire.wire import SESSION_MS, Wire
from libs.wire.work import Work, until_done
from services.alerts.deciding.snapshots import partition_of
from services.alerts.deciding.traced import trace_of
from services.alerts.delivery.attempts import Attempts, Ended
from services.alerts.delivery.channel import GuardedChannel
from services.alerts.delivery.composing import Composer
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.incidents import Incidents, Open
from services.alerts.delivery.journal import Journal
from services.alerts.metrics import DELIVERED, SILENCED, TOLD_AFTER, WAITING

log = structlog.get_logger(__name__)

Deliveries = Callable[[Any, float], Awaitable[list[Delivery]]]
"""What an event of a topic asks for, that was read before a moment of the loop's time."""

COMMIT_SECONDS = 1.0

LAST_WORDS = 8.0
"""Seconds for which messages being handed over are waited for when partitions are given up.

With the 5 that a consumer takes at most to leave, less than a process has to stop (`STOP_SECONDS`).
"""


class Record(NamedTuple):
    """Where an alert was read, the time of its record (Unix milliseconds), and its trace."""

    place: TopicPartition
    offset: int
    at_ms: int
    trace: str | None = None


class Courier(Work):
    """Delivers the events of several topics on one channel.

    `deliveries` says by topic what each event asks for. `first_wait` is the mean of the first wait
    before a retry, in seconds; it doubles each time.
    """

    def __init__(
        self,
        wire: Wire,
        channel: GuardedChannel,
        deliveries: Mapping[Topic, Deliveries],
        journal: Journal,
        clock: Clock,
        *,
        first_wait: float = 1.0,
    ) -> None:
        """Prepare; `journal` may be shared by all couriers of a process."""
        self.group = f"alerts-{channel.scheme}"
        self._wire = wire
        self._channel = channel
        self._topics = list(deliveries)
        self._deliveries = {topic.on(wire.namespace): make for topic, make in deliveries.items()}
        self._checks = {
            topic.on(wire.namespace): wire.check(topic.event, self.group) for topic in deliveries
        }
        self._journal = journal
        self._clock = clock
        self._watermark: Watermark[TopicPartition] = Watermark()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: set[str] = set()
        self._records: dict[str, Record] = {}
        self._attempts = Attempts(channel, clock, first_wait)
        self._places: Sequence[TopicPartition] = ()
        self._incidents = Incidents(clock, self._update)
        self._composer = Composer(wire, journal, clock, channel.scheme)
        self._opened_again = False
        self._read_to: dict[TopicPartition, int] = {}
        self._again: set[str] = set()
        self._moved = asyncio.Event()

    def subscribe(self, session_ms: int = SESSION_MS) -> Lane:
        """Ask the wire for what is to be delivered; it comes once it has started."""
        return self._wire.lane(
            self._topics,
            self.group,
            self,
            pace=Pace(500, commit_seconds=COMMIT_SECONDS),
            session_ms=session_ms,
        )

    def failures(self) -> dict[str, str]:
        """Return what keeps messages from going by a fault of ours, while they wait."""
        faults = [*self._attempts.faults.values()]
        return {f"{self.group} messages": f"{len(faults)} wait: {faults[-1]}"} if faults else {}

    def full(self) -> Collection[TopicPartition]:
        """Return all partitions while too many messages are under way, to hosts that answer."""
        return self._places if self._attempts.slots.full else ()

    def done(self) -> Mapping[TopicPartition, int]:
        """Return up to where every message is accepted or given up, and logged."""
        return self._watermark.positions()

    async def assigned(self, partitions: Sequence[TopicPartition], generation: int) -> None:
        """Begin; the log is read anew, since others may have delivered."""
        self._places = partitions
        self._watermark.clear()
        self._read_to.clear()
        self._drop_held()
        self._journal.reopen()
        self._opened_again = self._attempts.ending = False

    async def revoked(self) -> None:
        """Let what is being handed over finish, drop what waits."""
        self._drop_held()
        self._attempts.ending = True
        for task in self._tasks - self._attempts.handing_over:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in self._tasks:
            task.cancel()

    def _drop_held(self) -> None:
        """Forget what waits for an update: read again, it is neither told nor under way."""
        for delivery in self._incidents.clear():
            self._under_way.discard(delivery.id)
            self._records.pop(delivery.id, None)

    async def handle(self, batches: Batches) -> None:
        """Send off what is not delivered yet."""
        read_at = asyncio.get_running_loop().time()
        await self._know(min(one.timestamp for records in batches.values() for one in records))
        # All are known before the first is sent off: a watch that is not may have all read again.
        made = {
            place: [
                (received, await self._deliveries[place.topic](received.event, read_at))
                for received in await self._checks[place.topic].read({place: records})
            ]
            for place, records in batches.items()
        }
        for place, records in batches.items():
            newest = max(record.timestamp for record in records)
            for received, deliveries in made[place]:
                due = [delivery for delivery in deliveries if not self._known(delivery)]
                self._watermark.add(place, received.offset, len(due))
                record = Record(place, received.offset, newest, received.trace)
                for delivery in due:
                    self._begin(delivery, record)
            # A last record that was bad is passed over too.
            self._watermark.add(place, records[-1].offset, 0)
            self._read_to[place] = records[-1].offset + 1
        self._move()

    async def _know(self, oldest_ms: int) -> None:
        """Know what others made of records of this time and later, and which incidents are open."""
        if self._opened_again:
            await self._journal.cover(oldest_ms)
            return
        await self._journal.cover(oldest_ms - int(OPEN.total_seconds() * 1_000))
        mine = [
            (incident, composed, place)
            for incident, composed in self._composer.open_incidents()
            if (place := self._place_of(composed[-1].told)) in self._places
        ]
        ends = await ends_of(self._wire.log, {place for *_, place in mine})
        for incident, composed, place in mine:
            opened = self._incidents.open(incident, composed[0].recipient)
            settled = self._settled(opened, composed, (place, ends[place]))
            self._incidents.watch_over(settled, opened)
        self._opened_again = True

    def _place_of(self, alert: AlertRaised) -> TopicPartition:
        return TopicPartition(ALERTS_RAISED.on(self._wire.namespace), partition_of(alert.key))

    async def _settled(
        self, opened: Open, composed: Sequence[AlertComposed], until: tuple[TopicPartition, int]
    ) -> None:
        """Count what messages of an incident told, once it is known which were accepted.

        Those that nobody logged are handed over again as their alerts are read, all of them here
        and before `until`; one that is not under way by then never will be: its watch has gone.
        """
        place, end = until
        for one in composed:
            while not self._journal.accepted(one) and not self._journal.logged(one.deliveries):
                read = self._read_to.get(place, 0) >= end
                if read and self._under_way.isdisjoint(one.deliveries):
                    break
                await self._moved.wait()
            if self._journal.accepted(one):
                message = Message(one.told, frozenset(one.subjects))
                opened.incident.accepted(message, one.composed_at)
        opened.begun.set()

    def _move(self) -> None:
        """Have those who wait look again."""
        self._moved.set()
        self._moved = asyncio.Event()

    def _begin(self, delivery: Delivery, record: Record) -> None:
        """Send off what is to be told now; what is of an event that is open waits for its update.

        The record is read again by whoever takes over before it is logged.
        """
        if delivery.alert is None or delivery.silence:
            self._send_off(self._carry(delivery, record), [delivery])
            return
        if composed := self._journal.composed(delivery.id):
            self._send_off(self._carry_again(delivery, composed, record), [delivery])
            return
        with self._wire.tracing.go_on("group", record.trace, channel=self._channel.scheme) as span:
            opened = self._incidents.begin(delivery, delivery.alert)
            span.note(held=opened is None)
        record = record._replace(trace=span.context)
        self._records[delivery.id] = record
        if opened is None:
            self._under_way.add(delivery.id)
            return
        message = Message.of(delivery.alert)
        carry = self._carry_all([delivery], message, opened.incident)
        task = self._send_off(carry, [delivery])
        task.add_done_callback(lambda task: self._incidents.begun(opened, task))

    async def _update(
        self, deliveries: list[Delivery], message: Message | None, incident: Incident
    ) -> None:
        """Tell alerts that waited as one message, by a task of its own.

        It goes on where partitions are given up while it is handed over, as any other.
        """
        await asyncio.wait(
            {self._send_off(self._carry_all(deliveries, message, incident), deliveries)}
        )

    async def _carry_all(
        self, deliveries: list[Delivery], message: Message | None, incident: Incident
    ) -> None:
        """Tell alerts as one message, and log each; none is sent without news."""
        records = [self._records[delivery.id] for delivery in deliveries]
        last = deliveries[-1]
        spans = self._telling(message.told if message else last.alert, records)
        silence = self._silenced(last, message.told) if message else Silence.MERGED
        if message is None or silence:
            ended = Ended("silent", silence.value if silence else None)
            await self._settle(deliveries, records, ended, spans)
            return
        composed = await self._composer.compose(deliveries, message, incident, spans[0].context)
        ended = await self._attempt(last, composed)
        await self._settle(deliveries, records, ended, spans, composed)
        if ended.outcome == "delivered":
            incident.accepted(message, composed.composed_at)

    async def _carry_again(
        self, delivery: Delivery, composed: AlertComposed, record: Record
    ) -> None:
        """Hand over once more what was composed and not logged, by its first alert that is read.

        The others of the message wait for what becomes of it.
        """
        spans, name = self._telling(delivery.alert, [record]), composed.event_id
        while name in self._again and not self._journal.accepted(composed):
            await self._moved.wait()
        if self._journal.accepted(composed):
            ended = Ended("delivered", attempts=1)
            await self._settle([delivery], [record], ended, spans, composed)
            return
        self._again.add(name)
        try:
            ended = await self._attempt(delivery, composed)
            await self._settle([delivery], [record], ended, spans, composed)
        finally:
            self._again.discard(name)
            self._move()

    def _silenced(self, delivery: Delivery, told: AlertRaised) -> Silence | None:
        """Return why an update is not told; a fault in finding out silences nobody."""
        try:
            return delivery.silenced(told)
        except Exception:
            log.exception("told, silent or not", group=self.group, alert=delivery.message)
            return None

    def _known(self, delivery: Delivery) -> bool:
        """Tell whether a message was delivered, or is on its way from an earlier record."""
        return delivery.id in self._journal or delivery.id in self._under_way

    def _send_off(
        self, carry: Coroutine[Any, Any, None], deliveries: Sequence[Delivery]
    ) -> asyncio.Task[None]:
        """Begin to carry one message; it tells deliveries to one address, or several at once."""
        task = asyncio.create_task(carry)
        self._tasks.add(task)
        self._under_way.update(delivery.id for delivery in deliveries)
        self._attempts.slots.enter(self._channel.host_of(deliveries[-1].address))
        WAITING.labels(self._channel.scheme).inc()
        task.add_done_callback(lambda task: self._ended(task, deliveries))
        return task

    def _ended(self, task: asyncio.Task[None], deliveries: Sequence[Delivery]) -> None:
        self._move()
        self._tasks.discard(task)
        self._attempts.handing_over.discard(task)
        for delivery in deliveries:
            self._under_way.discard(delivery.id)
            self._records.pop(delivery.id, None)
        self._attempts.slots.leave(self._channel.host_of(deliveries[-1].address))
        WAITING.labels(self._channel.scheme).dec()
        if not task.cancelled() and (error := task.exception()):
            # Its offset is not committed, nor any after it: it is read again, and sent once more.
            log.error(
                "delivery not logged, to be repeated at the next start",
                group=self.group,
                alert=deliveries[-1].message,
                error=repr(error),
            )

    def _telling(self, alert: AlertRaised | None, records: Sequence[Record]) -> Sequence[Span]:
        """Begin the spans of what this task tells, and name its trace in what it logs."""
        bind_contextvars(trace=trace_of(alert))
        go_on, scheme = self._wire.tracing.go_on, self._channel.scheme
        return [go_on("deliver", record.trace, "client", channel=scheme) for record in records]

    async def _carry(self, delivery: Delivery, record: Record) -> None:
        """Tell a message of the api, or log why an alert is not told."""
        spans = self._telling(delivery.alert, [record])
        silence = delivery.silence
        ended = Ended("silent", silence.value) if silence else await self._attempt(delivery)
        await self._settle([delivery], [record], ended, spans)

    async def _settle(
        self,
        deliveries: Sequence[Delivery],
        records: Sequence[Record],
        ended: Ended,
        spans: Sequence[Span],
        composed: AlertComposed | None = None,
    ) -> None:
        """Log what became of deliveries that one message tells, and have their records passed."""
        now, message = self._clock.now(), composed and composed.message
        lines = [one.log_line(self._channel, *ended, now, message) for one in deliveries]
        for line, span in zip(lines, spans, strict=True):
            span.note(outcome=line.outcome, why=line.why or "", attempts=line.attempts)
            span.end()
        traces = {line.event_id: span.context for line, span in zip(lines, spans, strict=True)}
        if ended.outcome == "failed":
            others = deliveries[-1].others()
            await until_done(lambda: self._wire.publish_all(MESSAGES_DUE, others))
        await until_done(lambda: self._wire.publish_all(ALERTS_DELIVERED, lines, traces))
        accepted = ended.outcome == "delivered"
        for delivery, record, line in zip(deliveries, records, lines, strict=True):
            self._journal.add(delivery.id, record.at_ms, accepted=accepted)
            self._watermark.done(record.place, record.offset)
            DELIVERED.labels(self._channel.scheme, line.outcome).inc()
            log.info(
                line.outcome, to=line.recipient, alert=delivery.message, why=line.why,
                attempts=line.attempts, message_id=line.message_id,
            )  # fmt: skip
        if ended.outcome == "silent":
            SILENCED.labels(ended.why or "").inc(len(deliveries))
        due = deliveries[0].due_at
        if accepted and due and (composed is None or composed.thread == composed.message):
            TOLD_AFTER.labels(self._channel.scheme).observe((now - due).total_seconds())

    async def _attempt(self, delivery: Delivery, composed: AlertComposed | None = None) -> Ended:
        """Hand over what was composed of alerts, or a message of the api as it stands."""
        send, tell = delivery.send, delivery.tell
        if composed and tell:
            send = partial(tell, composed)
        if send is None:
            raise ValueError(f"{delivery.message} says nothing")
        return await self._attempts.make(delivery, send)
