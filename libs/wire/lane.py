"""The lane: one member of a consumer group, from its assignment to its last commit.

A lane polls and gives its work what came: whole batches, records as the broker keeps them. It
alone commits, and only what the work says is done. Every step of a work is called under one lock:
never two at once, never while partitions change hands.

What a record comes to, whatever is in it:

    used            the work has done with it, its offset is committed: at least once
    a dead letter   its check refused it (checking.py), or it alone fails the work again and again
    told            `failures` says why, as long as a partition waits for it

and what an error of the work asks for:

    Later           what it needs is away (engine): its partitions wait, paused, and are read again
    KafkaError      the same, and told
    Stopped         too many records are bad: the lane stops, commits nothing more, is told
    any other       a fault of ours: as `Later`; after `patience` tries the records of
                    the partition are given one by one, and one that fails alone is a dead letter,
                    under the same ceiling

So nothing that a record holds ends the process, and no record holds its partition for good. A work
that is stateful has no single partition to wait for: it forgets all, begins again from what is
committed. A record at which it alone fails is left out from then on, when it has begun again; its
offset is committed with the next of its partition.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from libs.wire.backends.log import Bad, Batches, Consumer, Record
from libs.wire.checking import Ceiling, Stopped, tell_bad
from libs.wire.suspects import Suspects
from libs.wire.work import Later, Work, exponential_pause

log = structlog.get_logger(__name__)

IN_HAND_SECONDS = 9.0
"""Left to a batch in hand when a lane stops; what has not ended then is read again."""

GIVE_UP_SECONDS = 20.0
"""Left to it when partitions change hands: less than the broker waits (`REBALANCE_MS`)."""

IN_HAND_TOLD = 60.0
"""Seconds for which a step of a work is in hand before that is told."""

ROOM_SECONDS = 10.0
PATIENCE = 20
"""Tries of a partition before its records are given one by one: some five minutes."""

_WORLD = (Later, KafkaError, OSError, TimeoutError)


@dataclass(slots=True)
class Held:
    """A partition that waits before it is read again."""

    tries: int
    until: float
    error: Exception


@dataclass(frozen=True, slots=True)
class Pace:
    """How a lane reads: a batch of so many records, or what came within `wait_ms`.

    Offsets are committed at once, or every so many seconds; `patience` is how often a partition is
    tried before its records are given one by one.
    """

    max_records: int = 5_000
    wait_ms: int = 200
    commit_seconds: float = 0.0
    patience: int = PATIENCE


class Lane(ConsumerRebalanceListener):
    """A member of a group that does one work (see the module)."""

    def __init__(
        self,
        consumer: Consumer,
        topics: Sequence[str],
        group: str,
        work: Work,
        keep: Callable[[Sequence[Bad], str], Awaitable[None]],
        pace: Pace,
        pause: Callable[[int], float] = exponential_pause,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """Prepare; `keep` takes dead letters, `pause` says how long a try waits."""
        self.group = group
        self._seconds = seconds
        self._round_began = seconds()
        self._consumer = consumer
        self._topics = list(topics)
        self._work = work
        self._keep = keep
        self._pace = pace
        self._pause = pause
        self._ceiling = Ceiling()
        self._lock = asyncio.Lock()
        self._ready = asyncio.Event()
        self._leaving = asyncio.Event()
        self._term = 0
        self._begun: int | None = None
        self._wanted_back = False
        self._partitions: list[TopicPartition] = []
        self._first: dict[TopicPartition, int] = {}
        self._handled: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._committed_at = float("-inf")
        self._held: dict[TopicPartition, Held] = {}
        self._trouble: Held | None = None
        self._suspects = Suspects()
        self._in_hand_since: float | None = None
        self._running: asyncio.Task[None] | None = None
        self.stopped: Stopped | None = None

    async def start(self) -> None:
        """Join the group and begin to read; raises `KafkaError` without a broker."""
        self._consumer.subscribe(self._topics, listener=self)
        await self._consumer.start()
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Finish the batch in hand, soon; commit, leave the group."""
        self._leaving.set()
        self._wanted_back = True
        await self._take_over(IN_HAND_SECONDS)
        try:
            await self._cancel()
            if self.stopped is None:
                await self._give_up()
        finally:
            self._lock.release()
        await self._consumer.stop()

    def failures(self) -> dict[str, str]:
        """Say why records are not read, or read again and again."""
        if self.stopped:
            return {self.group: str(self.stopped)}
        held = [one for one in (self._trouble, *self._held.values()) if one]
        told = [one.error for one in held if not isinstance(one.error, Later)]
        if told:
            return {self.group: f"{type(told[0]).__name__}: {told[0]}"}
        began = self._in_hand_since
        lasted = 0.0 if began is None else self._seconds() - began
        return {self.group: f"a step in hand for {lasted:.0f} s"} if lasted > IN_HAND_TOLD else {}

    @property
    def rounds_at(self) -> float | None:
        """When the last round began; None while there is none to make (no partitions, stopped)."""
        idle = self.stopped or self._leaving.is_set() or not self._ready.is_set()
        return None if idle else self._round_began

    def holds(self, topic: str, partition: int) -> bool:
        """Tell whether a partition of a topic (its name on the wire) is read here."""
        return self._ready.is_set() and TopicPartition(topic, partition) in self._partitions

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Give up everything: the protocol is an eager one."""
        self._wanted_back = True
        await self._take_over(GIVE_UP_SECONDS)
        try:
            if not self._leaving.is_set():
                await self._give_up()
                if self._running and self._running.done() and self.stopped is None:
                    self._running = asyncio.create_task(self._run())
        finally:
            self._lock.release()

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Have `_run` begin anew with what is given."""
        self._term += 1
        self._wanted_back = False
        self._partitions = sorted(assigned)
        self._round_began = self._seconds()
        self._ready.set()

    async def _take_over(self, seconds: float) -> None:
        """Take the lock; what is in hand has so long to end, and is read again where it does not.

        A stateful work that is cut short forgets all: what it knows is of half a batch.
        """
        try:
            await asyncio.wait_for(self._lock.acquire(), seconds)
        except TimeoutError:
            log.warning("batch in hand left", group=self.group)
            await self._cancel()
            await self._lock.acquire()
            if self._work.stateful and self._begun == self._term:
                self._work.dropped()
                self._forget()

    async def _cancel(self) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _give_up(self) -> None:
        """Let the work finish and save; commit what it has done."""
        if self._begun == self._term:
            try:
                await self._work.revoked()
            except Exception:
                log.exception("partitions not given up well", group=self.group)
            await self._commit(at_once=True)
        self._ready.clear()
        self._term += 1
        self._forget()
        self._suspects.clear()

    def _forget(self) -> None:
        self._begun = self._trouble = None
        for known in (self._first, self._handled, self._committed, self._held):
            known.clear()

    async def _run(self) -> None:
        while not self._leaving.is_set():
            self._round_began = self._seconds()
            try:
                await self._round()
            except Stopped as error:
                self.stopped = error
                log.error("consumer stopped", group=self.group, error=str(error))
                await self._consumer.stop()
                return
            except Exception as error:
                await self._rest(error)

    async def _rest(self, error: Exception) -> None:
        """Tell an error that is of no partition, and wait."""
        tries = self._trouble.tries + 1 if self._trouble else 1
        self._trouble = Held(tries, 0.0, error)
        if isinstance(error, KafkaError):
            log.error("broker refuses", group=self.group, error=repr(error), attempt=tries)
        else:
            log.error("lane begins again", group=self.group, attempt=tries, exc_info=error)
        try:
            await asyncio.wait_for(self._leaving.wait(), self._pause(tries))
        except TimeoutError:
            return

    async def _round(self) -> None:
        await self._ready.wait()
        term = self._term
        if self._begun != term:
            async with self._in_hand():
                if term == self._term:
                    await self._work.assigned(self._partitions, self._consumer.generation)
                    self._begun = term
                return
        self._hold_back(everything=not await self._work.room(ROOM_SECONDS))
        batches = await self._consumer.poll(self._pace.wait_ms, self._pace.max_records)
        async with self._in_hand():
            if term != self._term:
                self._seek({place: records[0].offset for place, records in batches.items()})
                return
            if batches or self._work.idle:
                await self._take(batches)
            if await self._commit():
                await self._work.committed()
            self._trouble = None

    @asynccontextmanager
    async def _in_hand(self) -> AsyncGenerator[None]:
        """Hold the lock for a step of the work, and know since when."""
        async with self._lock:
            self._in_hand_since = self._seconds()
            try:
                yield
            finally:
                self._in_hand_since = None

    def _hold_back(self, *, everything: bool) -> None:
        """Pause the partitions that wait or are full, each by itself; resume the others.

        (Polled they are all the same: a member that does not poll loses its place.)
        """
        if everything:
            self._consumer.pause(*self._consumer.assignment())
            return
        now = asyncio.get_running_loop().time()
        full = {each for each, held in self._held.items() if held.until > now}
        full.update(self._work.full())
        for place in self._consumer.assignment():
            (self._consumer.pause if place in full else self._consumer.resume)(place)

    async def _take(self, batches: Batches) -> None:
        failed: set[TopicPartition] = set()
        batches = self._suspects.without(batches)
        for some in self._parts(batches):
            part = {each: records for each, records in some.items() if each not in failed}
            if self._wanted_back or (batches and not part):
                continue  # what is left is read again, here or by another member
            for place, records in part.items():
                self._first.setdefault(place, records[0].offset)
            tries = max((self._held[each].tries for each in part if each in self._held), default=0)
            try:
                if self._work.stateful and self._suspects.tries >= self._pace.patience:
                    await self._one_by_one_again(part)
                elif tries >= self._pace.patience:
                    await self._one_by_one(*next(iter(part.items())))
                else:
                    await self._work.handle(part)
            except Stopped:
                raise
            except Exception as error:
                if self._work.stateful:
                    if not isinstance(error, _WORLD):
                        self._suspects.failed(part)
                    self._begin_again()
                    raise
                self._wait(part, tries + 1, error)
                failed.update(part)
                continue
            for place, records in part.items():
                self._handled[place] = records[-1].offset + 1
                self._held.pop(place, None)
            self._suspects.passed(self._handled)

    def _parts(self, batches: Batches) -> Iterator[Batches]:
        """Cut what was polled in parts of `max_records`, unless the work takes it whole.

        Once a partition has failed, none may fail for another's records.
        """
        if self._work.whole or not batches:
            yield batches
            return
        part: dict[TopicPartition, Sequence[Record]] = {}
        room = self._pace.max_records
        for place, records in batches.items():
            taken = 0
            while taken < len(records):
                part[place] = records[taken : taken + room]
                taken += len(part[place])
                room -= len(part[place])
                if room == 0 or self._held:
                    yield part
                    part, room = {}, self._pace.max_records
        if part:
            yield part

    async def _one_by_one(self, place: TopicPartition, records: Sequence[Record]) -> None:
        """Find the record that the work fails at; it is a dead letter."""
        for record in records:
            try:
                await self._work.handle({place: [record]})
            except (Stopped, *_WORLD):
                raise
            except Exception as error:
                await self._dead_letter(place, record, error)
            self._handled[place] = record.offset + 1

    async def _one_by_one_again(self, part: Batches) -> None:
        """Find the record that a stateful work fails at; it is a dead letter, left out from then.

        Raises what it raised: its state is of half a record.
        """
        for place, records in part.items():
            for record in records:
                if self._work.idle:
                    await self._work.handle({})  # what fails without it is no fault of the record
                try:
                    await self._work.handle({place: [record]})
                except (Stopped, *_WORLD):
                    raise
                except Exception as error:
                    await self._dead_letter(place, record, error)
                    self._suspects.leave_out(place, record.offset)
                    raise

    async def _dead_letter(self, place: TopicPartition, record: Record, error: Exception) -> None:
        bad = [(place, record, f"handler failed: {type(error).__name__}: {error}")]
        self._ceiling.count(place, [record], [0])
        await self._keep(bad, self.group)
        tell_bad(bad, self.group)

    def _wait(self, part: Batches, tries: int, error: Exception) -> None:
        """Hold partitions back, each by itself; they are read again from what is handled."""
        if isinstance(error, Later):
            log.warning("reading again later", group=self.group, error=str(error), attempt=tries)
        else:
            log.error("handler failed", group=self.group, attempt=tries, exc_info=error)
        now = asyncio.get_running_loop().time()
        for place in part:
            self._held[place] = Held(tries, now + self._pause(tries), error)
        self._seek({each: self._handled.get(each, self._first[each]) for each in part})

    def _begin_again(self) -> None:
        """Forget what is half done: the work begins from what is committed."""
        self._work.dropped()
        self._seek({at: self._committed.get(at, first) for at, first in self._first.items()})
        self._forget()

    def _seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        held = set(self._consumer.assignment())
        for place, offset in offsets.items():
            if place in held:
                self._consumer.seek(place, offset)

    async def _commit(self, *, at_once: bool = False) -> bool:
        """Commit what is done and was not; return whether all is: not refused, nor put off."""
        done = self._work.done()
        positions = {
            place: at
            for place, at in (self._handled if done is None else done).items()
            if self._committed.get(place) != at
        }
        now = asyncio.get_running_loop().time()
        if not positions:
            return True
        if now - self._committed_at < self._pace.commit_seconds and not at_once:
            return False
        self._committed_at = now
        try:
            await self._consumer.commit(positions)
        except KafkaError as error:  # read again; another member may hold them by now
            log.warning("not committed", group=self.group, error=repr(error))
            return False
        self._committed.update(positions)
        return True
