"""Delivery: each message to each recipient until accepted or refused, then logged.

One courier a channel and topic, with a group of its own, so that a broken Slack never delays a
mail; within one, every message waits for its own retry and its own host only. In this order; after
each step, what a crash leaves:

1. the other side accepts    → sent once more, with the same id and Message-ID (the one repeat)
2. the delivery is logged    → read again, found in the log, not sent
3. the offset is committed   → nothing
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from contracts.event import Event
from contracts.topics import ALERTS_DELIVERED, Topic
from libs.clock import Clock
from libs.wire.giving_back import Batches, give_back, until_done
from libs.wire.watermark import Watermark
from libs.wire.wire import Wire
from services.alerts.channel import GiveUp, GuardedChannel, TryLater
from services.alerts.errands import Errand
from services.alerts.journal import Journal
from services.alerts.metrics import DELIVERED, RETRIED, SILENCED, TOLD_AFTER, WAITING
from services.alerts.redaction import RedactedError
from services.alerts.slots import Slots

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT = 60.0

POLL_MS = 200
COMMIT_EVERY = timedelta(seconds=1)

LAST_WORDS = 8.0
"""Seconds for which messages being handed over are waited for when partitions are given up.

With the 5 that a consumer takes at most to leave, less than a process has to stop (`STOP_SECONDS`).
"""


class Courier(ConsumerRebalanceListener, Generic[E]):
    """Delivers the events of one topic on one channel; `errands` says what each asks for.

    `first_wait` is the mean of the first wait before a retry, in seconds; it doubles each time.
    """

    def __init__(
        self,
        wire: Wire,
        topic: Topic,
        event: type[E],
        channel: GuardedChannel,
        errands: Callable[[E], Awaitable[list[Errand]]],
        clock: Clock,
        *,
        session_timeout_ms: int = 10_000,
        first_wait: float = 1.0,
    ) -> None:
        self.group = f"alerts-{channel.scheme}-{topic.name.split('.')[0]}"
        self._wire = wire
        self._channel = channel
        self._errands = errands
        self._clock = clock
        self._first_wait = first_wait
        self._judge = wire.judge(event, self.group)
        self._journal = Journal(wire.kafka_url, wire.namespace)
        self._watermark: Watermark[TopicPartition] = Watermark()
        self._committed: dict[TopicPartition, int] = {}
        self._committed_at = clock.now()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: set[str] = set()
        self._faults: dict[str, str] = {}
        self._handing_over: set[asyncio.Task[None] | None] = set()
        self._slots = Slots(channel.parallel, channel.pace, clock)
        self._lock = asyncio.Lock()
        self._assigned = asyncio.Event()
        self._generation = 0
        self._stopping = False
        self._topic = topic.on(wire.namespace)
        self._consumer = wire.consumer(self.group, session_timeout_ms)

    async def start(self) -> None:
        """Join the group; partitions come while `run` polls."""
        self._consumer.subscribe([self._topic], listener=self)
        await self._consumer.start()

    async def stop(self) -> None:
        """Finish what is being handed over, commit, leave."""
        self._stopping = True
        async with self._lock:
            await self._settle()
        await self._consumer.stop()

    async def run(self) -> None:
        """Deliver until stopped; raises `libs.wire.wire.Stopped` when too many records are bad."""
        while not self._stopping:
            await self._assigned.wait()
            generation = self._generation
            self._hold_back(self._slots.full)
            batches = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=500)
            async with self._lock:
                if self._stopping:
                    return
                if generation == self._generation and self._assigned.is_set():
                    await self._take(batches)
                else:
                    give_back(self._consumer, batches)
                if self._clock.now() - self._committed_at >= COMMIT_EVERY:
                    await self._commit()

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Finish what is being handed over, commit, forget the rest."""
        async with self._lock:
            self._assigned.clear()
            self._generation += 1
            await self._settle()

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Begin; the log is read anew, since others may have delivered."""
        async with self._lock:
            self._journal.reopen()
            self._committed = {}
            self._generation += 1
            self._assigned.set()

    def failures(self) -> dict[str, str]:
        """Return what keeps messages from going by a fault of ours, while they wait."""
        if not self._faults:
            return {}
        return {
            f"{self.group} messages": f"{len(self._faults)} wait: {[*self._faults.values()][-1]}"
        }

    def _hold_back(self, full: bool) -> None:
        partitions = self._consumer.assignment()
        (self._consumer.pause if full else self._consumer.resume)(*partitions)

    async def _take(self, batches: Batches) -> None:
        for partition, records in batches.items():
            times = [record.timestamp for record in records]
            await self._journal.cover(min(times))
            for received in await self._judge.read(records):
                errands = await self._errands(received.event)
                due = [errand for errand in errands if not self._known(errand)]
                self._watermark.add(partition, received.offset, len(due))
                for errand in due:
                    self._send_off(errand, partition, received.offset, max(times))
            # A last record that was bad is passed over too.
            self._watermark.add(partition, records[-1].offset, 0)

    def _known(self, errand: Errand) -> bool:
        """Tell whether a message was delivered, or is on its way from an earlier record."""
        return errand.delivery in self._journal or errand.delivery in self._under_way

    def _send_off(
        self, errand: Errand, partition: TopicPartition, offset: int, record_ms: int
    ) -> None:
        task = asyncio.create_task(self._carry(errand, partition, offset, record_ms))
        self._tasks.add(task)
        self._under_way.add(errand.delivery)
        self._slots.enter(self._channel.host_of(errand.address))
        WAITING.labels(self._channel.scheme).inc()
        task.add_done_callback(lambda task: self._ended(task, errand))

    def _ended(self, task: asyncio.Task[None], errand: Errand) -> None:
        self._tasks.discard(task)
        self._under_way.discard(errand.delivery)
        self._slots.leave(self._channel.host_of(errand.address))
        self._faults.pop(errand.delivery, None)
        self._handing_over.discard(task)
        WAITING.labels(self._channel.scheme).dec()
        if not task.cancelled() and (error := task.exception()):
            # Its offset is not committed, nor any after it: it is read again, and sent once more.
            log.error(
                "delivery not logged, to be repeated at the next start",
                group=self.group,
                alert=errand.message,
                error=repr(error),
            )

    async def _carry(
        self, errand: Errand, partition: TopicPartition, offset: int, record_ms: int
    ) -> None:
        if errand.silence:
            SILENCED.labels(errand.silence.value).inc()
            outcome, why, attempts = "silent", errand.silence.value, 0
        else:
            outcome, why, attempts = await self._attempt(errand)
        now = self._clock.now()
        line = errand.delivered(self._channel, outcome, why, attempts, now)
        await until_done(lambda: self._wire.publish(ALERTS_DELIVERED, line))
        self._journal.add(errand.delivery, record_ms)
        self._watermark.done(partition, offset)
        DELIVERED.labels(self._channel.scheme, outcome).inc()
        if outcome == "delivered" and errand.news_at:
            TOLD_AFTER.labels(self._channel.scheme).observe((now - errand.news_at).total_seconds())

    async def _attempt(self, errand: Errand) -> tuple[str, str | None, int]:
        """Try until accepted, refused, or a day has passed; return outcome, why, attempts."""
        began, attempts = self._clock.now(), 0
        shown = self._channel.shown(errand.address)
        host = self._channel.host_of(errand.address)
        while True:
            attempts += 1
            try:
                async with self._slots.turn(host, errand.address):
                    self._handing_over.add(asyncio.current_task())
                    await errand.send()
                self._slots.note(host, failing=False)
                return "delivered", None, attempts
            except TryLater as error:
                self._handing_over.discard(asyncio.current_task())
                self._slots.note(host, failing=True)
                why, after = str(error), error.after
                if error.ours:
                    self._faults[errand.delivery] = why
            except GiveUp as error:
                log.warning("not delivered", to=shown, alert=errand.message, why=str(error))
                return "failed", str(error), attempts
            except Exception as error:
                # A fault of ours, which a release may mend: to a person, never none.
                self._handing_over.discard(asyncio.current_task())
                kind = error.kind if isinstance(error, RedactedError) else type(error).__name__
                why, after = f"internal error: {kind}", None
                self._faults[errand.delivery] = why
                if attempts == 1:
                    log.exception("not delivered yet", to=shown, alert=errand.message)
            if self._clock.now() - began > GIVE_UP_AFTER:
                return "failed", why, attempts
            RETRIED.labels(self._channel.scheme, why.split(":")[0][:40]).inc()
            log.info("again later", to=shown, alert=errand.message, why=why, attempt=attempts)
            longest = min(LONGEST_WAIT, self._first_wait * 2**attempts)
            await self._clock.sleep(random.uniform(0, longest) if after is None else after)

    async def _settle(self) -> None:
        """Let what is being handed over finish, drop what waits, commit, forget."""
        for task in self._tasks - self._handing_over:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in self._tasks:
            task.cancel()
        await self._commit()
        self._watermark.clear()
        self._committed = {}

    async def _commit(self) -> None:
        self._committed_at = self._clock.now()
        positions = self._watermark.positions()
        if not positions or positions == self._committed:
            return
        try:
            await self._consumer.commit(positions)
            self._committed = positions
        except KafkaError as error:  # what is read again is found in the log
            log.warning("not committed", group=self.group, error=repr(error))
