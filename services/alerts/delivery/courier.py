"""Delivery: each message to each recipient until accepted or refused, then logged.

One courier a channel, with a group of its own, so that a broken Slack never delays a mail; within
one, every message waits for its own retry and its own host only. In this order; after each step,
what a crash leaves:

1. the other side accepts    → sent once more, with the same id and Message-ID (the one repeat)
2. the delivery is logged    → read again, found in the log, not sent
3. the offset is committed   → nothing
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

import structlog
from aiokafka import TopicPartition
from structlog.contextvars import bind_contextvars

from contracts.alerts import AlertDelivered, AlertRaised, Silence
from contracts.topics import ALERTS_DELIVERED, MESSAGES_DUE, Topic
from libs.background import with_jitter
from libs.clock import Clock
from libs.deciding.grouping import Incident, update_id
from libs.tracing.spans import Span
from libs.wire.backends.log import Batches
from libs.wire.lane import Lane, Pace
from libs.wire.offsets import Watermark
from libs.wire.wire import SESSION_MS, Wire
from libs.wire.work import Work, until_done
from services.alerts.deciding.traced import trace_of
from services.alerts.delivery.channel import GiveUp, GuardedChannel, TryLater
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.incidents import Incidents
from services.alerts.delivery.journal import Journal
from services.alerts.delivery.redaction import RedactedError
from services.alerts.delivery.slots import Slots
from services.alerts.delivery.telling import Thread
from services.alerts.metrics import DELIVERED, RETRIED, SILENCED, TOLD_AFTER, WAITING

log = structlog.get_logger(__name__)

Deliveries = Callable[[Any, float], Awaitable[list[Delivery]]]
"""What an event of a topic asks for, that was read before a moment of the loop's time."""

GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT = 60.0

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
        self._first_wait = first_wait
        self._watermark: Watermark[TopicPartition] = Watermark()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: set[str] = set()
        self._records: dict[str, Record] = {}
        self._faults: dict[str, str] = {}
        self._handing_over: set[asyncio.Task[None] | None] = set()
        self._slots = Slots(channel.parallel, channel.pace, clock)
        self._places: Sequence[TopicPartition] = ()
        self._incidents = Incidents(clock, self._update)

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
        if not self._faults:
            return {}
        return {
            f"{self.group} messages": f"{len(self._faults)} wait: {[*self._faults.values()][-1]}"
        }

    def full(self) -> Collection[TopicPartition]:
        """Return all partitions while too many messages are under way, to hosts that answer."""
        return self._places if self._slots.full else ()

    def done(self) -> Mapping[TopicPartition, int]:
        """Return up to where every message is accepted or given up, and logged."""
        return self._watermark.positions()

    async def assigned(self, partitions: Sequence[TopicPartition], generation: int) -> None:
        """Begin; the log is read anew, since others may have delivered."""
        self._places = partitions
        self._watermark.clear()
        self._drop_held()
        self._journal.reopen()

    async def revoked(self) -> None:
        """Let what is being handed over finish, drop what waits."""
        self._drop_held()
        for task in self._tasks - self._handing_over:
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
        for place, records in batches.items():
            times = [record.timestamp for record in records]
            await self._journal.cover(min(times))
            for received in await self._checks[place.topic].read({place: records}):
                deliveries = await self._deliveries[place.topic](received.event, read_at)
                due = [delivery for delivery in deliveries if not self._known(delivery)]
                events = [
                    delivery for delivery in deliveries if delivery.alert and not delivery.silence
                ]
                self._watermark.add(place, received.offset, len(due) + len(events))
                record = Record(place, received.offset, max(times), received.trace)
                for delivery in deliveries:
                    self._begin(delivery, record, known=delivery not in due)
            # A last record that was bad is passed over too.
            self._watermark.add(place, records[-1].offset, 0)

    def _begin(self, delivery: Delivery, record: Record, *, known: bool) -> None:
        """Send off what is to be told now; what is of an event that is open waits for its update.

        The record is read again by whoever takes over while the event is open.
        """
        if delivery.alert is None or delivery.silence:
            if not known:
                self._send_off(self._carry(delivery, record), [delivery])
            return
        release = partial(self._watermark.done, record.place, record.offset)
        if known:
            self._incidents.recall(delivery.address, delivery.alert, release)
            return
        with self._wire.tracing.go_on("group", record.trace, channel=self._channel.scheme) as span:
            opened = self._incidents.begin(delivery, delivery.alert, release)
            span.note(held=opened is None)
        record = record._replace(trace=span.context)
        if opened is None:
            self._records[delivery.id] = record
            self._under_way.add(delivery.id)
            return
        task = self._send_off(self._carry(delivery, record), [delivery])
        task.add_done_callback(lambda _: opened.told.set())

    async def _update(
        self, deliveries: list[Delivery], told: AlertRaised | None, incident: Incident
    ) -> None:
        """Tell alerts that waited as one message, by a task of its own.

        It goes on where partitions are given up while it is handed over, as any other.
        """
        await asyncio.wait(
            {self._send_off(self._carry_all(deliveries, told, incident), deliveries)}
        )

    async def _carry_all(
        self, deliveries: list[Delivery], told: AlertRaised | None, incident: Incident
    ) -> None:
        """Tell several as one message, and log each; none is sent without news."""
        records = [self._records[delivery.id] for delivery in deliveries]
        last = deliveries[-1]
        spans = self._telling(told or last.alert, records)
        silence = self._silenced(last, told) if told else Silence.MERGED
        outcome, why, attempts, message = "silent", silence and silence.value, 0, None
        if told is not None and last.tell is not None and silence is None:
            message = update_id(incident.thread, [e.alert for e in deliveries if e.alert])
            thread = Thread(message, incident.thread)
            bears = next(
                (e for e in deliveries if e.alert and e.alert.alert == told.alert and e.tell), last
            )
            tell = bears.tell or last.tell
            update = replace(bears, message=message, send=lambda: tell(told, thread))
            outcome, why, attempts = await self._attempt(update)
        now = self._clock.now()
        lines = [
            delivery.log_line(self._channel, outcome, why, attempts, now, message)
            for delivery in deliveries
        ]
        await self._settle(deliveries, records, lines, spans)
        if silence:
            SILENCED.labels(silence.value).inc(len(deliveries))

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
        self._slots.enter(self._channel.host_of(deliveries[-1].address))
        WAITING.labels(self._channel.scheme).inc()
        task.add_done_callback(lambda task: self._ended(task, deliveries))
        return task

    def _ended(self, task: asyncio.Task[None], deliveries: Sequence[Delivery]) -> None:
        self._tasks.discard(task)
        self._handing_over.discard(task)
        for delivery in deliveries:
            self._under_way.discard(delivery.id)
            self._records.pop(delivery.id, None)
        self._slots.leave(self._channel.host_of(deliveries[-1].address))
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
        spans = self._telling(delivery.alert, [record])
        if delivery.silence:
            SILENCED.labels(delivery.silence.value).inc()
            outcome, why, attempts = "silent", delivery.silence.value, 0
        else:
            outcome, why, attempts = await self._attempt(delivery)
        now = self._clock.now()
        line = delivery.log_line(self._channel, outcome, why, attempts, now)
        await self._settle([delivery], [record], [line], spans)
        if outcome == "delivered" and delivery.due_at:
            TOLD_AFTER.labels(self._channel.scheme).observe((now - delivery.due_at).total_seconds())

    async def _settle(
        self,
        deliveries: Sequence[Delivery],
        records: Sequence[Record],
        lines: Sequence[AlertDelivered],
        spans: Sequence[Span],
    ) -> None:
        """Log what became of deliveries that one message tells, and have their records passed."""
        for line, span in zip(lines, spans, strict=True):
            span.note(outcome=line.outcome, why=line.why or "", attempts=line.attempts)
            span.end()
        traces = {line.event_id: span.context for line, span in zip(lines, spans, strict=True)}
        if lines[-1].outcome == "failed":
            others = deliveries[-1].others()
            await until_done(lambda: self._wire.publish_all(MESSAGES_DUE, others))
        await until_done(lambda: self._wire.publish_all(ALERTS_DELIVERED, lines, traces))
        for delivery, record, line in zip(deliveries, records, lines, strict=True):
            self._journal.add(delivery.id, record.at_ms)
            self._watermark.done(record.place, record.offset)
            DELIVERED.labels(self._channel.scheme, line.outcome).inc()
            log.info(
                line.outcome, to=line.recipient, alert=delivery.message, why=line.why,
                attempts=line.attempts, message_id=line.message_id,
            )  # fmt: skip

    async def _attempt(self, delivery: Delivery) -> tuple[str, str | None, int]:
        """Try until accepted, refused, or a day has passed; return outcome, why, attempts.

        The day is that of the message: a restart begins no other.
        """
        try:
            return await self._attempts(delivery)
        finally:
            self._faults.pop(delivery.id, None)

    async def _attempts(self, delivery: Delivery) -> tuple[str, str | None, int]:
        now, attempts = self._clock.now(), 0
        began = min(delivery.due_at or now, now)
        shown = self._channel.shown(delivery.address)
        host = self._channel.host_of(delivery.address)
        while True:
            attempts += 1
            try:
                async with self._slots.turn(host, delivery.address):
                    self._handing_over.add(asyncio.current_task())
                    await delivery.send()
                self._slots.note(host, failing=False)
                return "delivered", None, attempts
            except TryLater as error:
                self._handing_over.discard(asyncio.current_task())
                self._slots.note(host, failing=True)
                why, after = str(error), error.after
                if error.ours:
                    self._faults[delivery.id] = why
            except GiveUp as error:
                log.warning("not delivered", to=shown, alert=delivery.message, why=str(error))
                return "failed", str(error), attempts
            except Exception as error:
                # A fault of ours, which a release may mend: to a person, never none.
                self._handing_over.discard(asyncio.current_task())
                kind = error.kind if isinstance(error, RedactedError) else type(error).__name__
                why, after = f"internal error: {kind}", None
                self._faults[delivery.id] = why
                if attempts == 1:
                    log.exception("not delivered yet", to=shown, alert=delivery.message)
            if self._clock.now() - began > GIVE_UP_AFTER:
                return "failed", why, attempts
            RETRIED.labels(self._channel.scheme, why.split(":")[0][:40]).inc()
            log.info("again later", to=shown, alert=delivery.message, why=why, attempt=attempts)
            if after is None:
                after = with_jitter(attempts, self._first_wait, LONGEST_WAIT)
            await self._clock.sleep(after)
