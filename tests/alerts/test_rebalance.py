"""Partitions that change hands: what is committed, for which, and what is said when it fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from contracts.alerts import AlertRaised, DeciderState
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED, ALERTS_STATE, MENTIONS_MATCHED
from contracts.watches import Watched
from libs.clock import SteppedClock
from services.alerts import courier as courier_module
from services.alerts import deciders as deciders_module
from services.alerts.accounts import Accounts
from services.alerts.channel import TryLater
from services.alerts.courier import Courier
from services.alerts.deciders import Deciders, partition_of
from services.alerts.errands import Errand
from services.alerts.sources import Sources
from services.alerts.watches import Watches
from tests.alerts.builders import NOW, match, raised, watched
from tests.alerts.fakes import FakeConsumer, FakeWire, record
from tests.deadlines import until

OURS = TopicPartition(MENTIONS_MATCHED.on("simulation"), partition_of("w1"))
OTHER = TopicPartition(OURS.topic, (OURS.partition + 1) % MENTIONS_MATCHED.partitions)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def wire() -> FakeWire:
    return FakeWire()


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, DeciderState]:
    """The snapshots that a decider finds."""
    found: dict[str, DeciderState] = {}

    async def load(*_: object) -> dict[str, DeciderState]:
        return found

    monkeypatch.setattr(deciders_module, "load_snapshots", load)
    return found


def deciding(wire: FakeWire, clock: SteppedClock) -> Deciders:
    watches: dict[str, Watched] = {"w1": watched(cooldown_minutes=0)}
    return Deciders(wire, Watches(watches), Accounts(), Sources(NOW), str, clock)


@asynccontextmanager
async def running(
    work: Callable[[], Coroutine[Any, Any, None]],
) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(work())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def polled(consumer: FakeConsumer) -> None:
    """Wait until what was given before has been taken."""
    polls = consumer.polls
    await until(lambda: consumer.queue.empty() and consumer.polls > polls + 2)


def matches(*offsets: int) -> dict[TopicPartition, list[Any]]:
    return {
        OURS: [
            record(MENTIONS_MATCHED, OURS.partition, offset, match(offset).encode())
            for offset in offsets
        ]
    }


async def test_a_quiet_decider_commits_nothing_of_what_it_lost(
    wire: FakeWire, clock: SteppedClock, saved: dict[str, DeciderState]
) -> None:
    deciders, consumer = deciding(wire, clock), wire.consumed
    await deciders.start()
    async with running(deciders.run):
        await consumer.assign(OURS)
        consumer.queue.put_nowait(matches(0, 1))
        await polled(consumer)
        assert consumer.commits == []
        await consumer.revoke()
        assert consumer.commits == [{OURS: 2}]
        assert wire.of(ALERTS_STATE)[-1].offset == 2

        await consumer.assign(OTHER)
        for _ in range(3):
            clock.step(6)
            await polled(consumer)
        await deciders.stop()
    assert consumer.commits == [{OURS: 2}]


async def test_what_was_fetched_before_partitions_moved_is_read_again(
    wire: FakeWire, clock: SteppedClock, saved: dict[str, DeciderState]
) -> None:
    deciders, consumer = deciding(wire, clock), wire.consumed
    fetched, answer = asyncio.Event(), asyncio.Event()
    getmany = consumer.getmany

    async def slow(**_: Any) -> dict[TopicPartition, list[Any]]:
        consumer.getmany = getmany  # type: ignore[method-assign]
        fetched.set()
        await answer.wait()
        return matches(5, 6)

    consumer.getmany = slow  # type: ignore[method-assign]
    await deciders.start()
    async with running(deciders.run):
        await consumer.assign(OURS)
        await asyncio.wait_for(fetched.wait(), 30)
        await consumer.revoke()
        await consumer.assign(OURS)
        answer.set()
        await polled(consumer)
        await deciders.stop()
    assert consumer.seeks == [(OURS, 5)]
    assert consumer.commits == []
    assert wire.of(ALERTS_RAISED) == []


async def test_a_commit_that_another_member_forbids_is_no_failure(
    wire: FakeWire, clock: SteppedClock, saved: dict[str, DeciderState]
) -> None:
    deciders, consumer = deciding(wire, clock), wire.consumed

    async def refused(_: object) -> None:
        raise CommitFailedError

    await deciders.start()
    async with running(deciders.run) as task:
        await consumer.assign(OURS)
        consumer.queue.put_nowait(matches(0))
        await polled(consumer)
        consumer.commit = refused  # type: ignore[method-assign]
        await consumer.revoke(lost=True)
        await consumer.assign(OTHER)
        await polled(consumer)
        assert not task.done()


@pytest.mark.parametrize("at", ["another partition's snapshot", "what was decided is not taken"])
async def test_a_decider_that_cannot_begin_after_its_snapshots_says_so(
    wire: FakeWire, clock: SteppedClock, saved: dict[str, DeciderState], at: str
) -> None:
    state = DeciderState(
        event_id="s1",
        origin="simulation",
        watch="w1",
        partition=OURS.partition,
        offset=3,
        saved_at=NOW,
        outgoing=(raised(1),),
    )
    saved["w1"] = state
    wire.fails = ValueError("not of this installation")
    deciders, consumer = deciding(wire, clock), wire.consumed
    await deciders.start()
    async with running(deciders.run) as task:
        await consumer.assign(OURS if at.startswith("what") else OTHER)
        with pytest.raises(ValueError if at.startswith("what") else KeyError):
            await asyncio.wait_for(task, 30)


class Post:
    """A channel that is away until told otherwise."""

    scheme, parallel, pace = "mailto", 8, 0.0

    def shown(self, address: str) -> str:
        return address

    def message_id(self, message: str, address: str) -> str:
        return message


class KnownNothing:
    """A log of deliveries that is empty."""

    def __init__(self, *_: object) -> None: ...

    def __contains__(self, _: str) -> bool:
        return False

    def add(self, delivery: str, at_ms: int) -> None: ...

    def reopen(self) -> None: ...

    async def cover(self, _: int) -> None: ...


async def test_a_courier_commits_what_is_delivered_and_nothing_after_what_waits(
    wire: FakeWire, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier_module, "Journal", KnownNothing)
    away = {"a2"}

    async def errands(alert: AlertRaised) -> list[Errand]:
        async def send() -> None:
            if alert.alert in away:
                raise TryLater("451: away")

        return [
            Errand(
                delivery=alert.alert,
                message=alert.alert,
                watch="w1",
                address="mailto:a@essai.example",
                origin="simulation",
                send=send,
            )
        ]

    courier = Courier(wire, ALERTS_RAISED, AlertRaised, Post(), errands, clock)  # type: ignore[arg-type]
    consumer = wire.consumed
    held = TopicPartition(ALERTS_RAISED.on("simulation"), 0)
    other = TopicPartition(held.topic, 1)
    alerts = [raised(1).model_copy(update={"alert": f"a{number}"}) for number in range(4)]
    await courier.start()
    async with running(courier.run):
        await consumer.assign(held)
        consumer.queue.put_nowait(
            {held: [record(ALERTS_RAISED, 0, n, a.encode()) for n, a in enumerate(alerts)]}
        )
        await until(lambda: len(wire.of(ALERTS_DELIVERED)) == 3)
        await consumer.revoke()
        assert consumer.commits == [{held: 2}]

        await consumer.assign(other)
        for _ in range(3):
            clock.step_to(clock.now() + timedelta(seconds=90))
            await polled(consumer)
        await courier.stop()
    assert consumer.commits == [{held: 2}]
    assert {line.alert for line in wire.of(ALERTS_DELIVERED)} == {"a0", "a1", "a3"}


@pytest.mark.parametrize("mended", [True, False])
async def test_a_fault_of_ours_delays_a_message_and_is_told_while_it_does(
    wire: FakeWire, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, mended: bool
) -> None:
    monkeypatch.setattr(courier_module, "Journal", KnownNothing)
    faults = [RuntimeError("a bug")]

    async def errands(alert: AlertRaised) -> list[Errand]:
        async def send() -> None:
            if faults:
                raise faults[0]

        words = (alert.alert, alert.alert, "w1", "mailto:a@essai.example", "simulation", send)
        return [Errand(*words)]  # type: ignore[arg-type]

    courier = Courier(wire, ALERTS_RAISED, AlertRaised, Post(), errands, clock)  # type: ignore[arg-type]
    held = TopicPartition(ALERTS_RAISED.on("simulation"), 0)
    await courier.start()
    async with running(courier.run):
        await wire.consumed.assign(held)
        wire.consumed.queue.put_nowait({held: [record(ALERTS_RAISED, 0, 0, raised(1).encode())]})
        await until(lambda: clock.next_due is not None)
        (said,) = courier.failures().values()
        assert said == "1 wait: internal error: RuntimeError"
        assert wire.of(ALERTS_DELIVERED) == []
        clock.step(60)
        await until(lambda: clock.next_due is not None)
        assert courier.failures()
        if mended:
            faults.clear()
            clock.step(60)
        else:
            clock.step(25 * 3_600)
        await until(lambda: wire.of(ALERTS_DELIVERED) != [])
        (line,) = wire.of(ALERTS_DELIVERED)
        told = ("delivered", None) if mended else ("failed", "internal error: RuntimeError")
        assert (line.outcome, line.why, line.attempts) == (*told, 3)
        await until(lambda: not courier.failures())
        await courier.stop()
