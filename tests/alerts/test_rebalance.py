"""Partitions that change hands: what is committed, for which, and what is said when it fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from contracts.alerts import AlertComposed, AlertRaised, DeciderState
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED, ALERTS_STATE, MENTIONS_MATCHED
from libs.clock import SteppedClock
from libs.deciding.grouping import OPEN
from services.alerts.deciding.deciders import GROUP, Deciders
from services.alerts.deciding.known import Known
from services.alerts.deciding.snapshots import load_snapshots, partition_of
from services.alerts.deciding.sources import Sources
from services.alerts.deciding.watches import Watches
from services.alerts.delivery.attempts import LONGEST_WAIT_SECONDS
from services.alerts.delivery.channel import GuardedChannel, TryLater
from services.alerts.delivery.courier import Courier
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.journal import Journal
from tests.alerts.builders import NOW, match, raised, watched
from tests.alerts.fakes import FakeMail, MemoryWire
from tests.deadlines import turn, until
from tests.events import event
from tests.suites.memory import MemoryConsumer

OURS = partition_of("w1")


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def wire() -> MemoryWire:
    return MemoryWire()


def deciders(wire: MemoryWire, clock: SteppedClock) -> Deciders:
    watches = {"w1": watched(cooldown_minutes=0)}
    return Deciders(wire, Known(clock, Watches(watches)), Sources(NOW))


@asynccontextmanager
async def deciding(wire: MemoryWire, clock: SteppedClock) -> AsyncIterator[Deciders]:
    """Run the deciders of a process."""
    one = deciders(wire, clock)
    one.subscribe()
    await wire.start()
    try:
        yield one
    finally:
        await wire.stop()


def state(**fields: Any) -> DeciderState:
    return event(DeciderState, watch="w1", partition=OURS, saved_at=NOW, **fields)


def alerts(wire: MemoryWire) -> int:
    return len(wire.of(ALERTS_RAISED))


def member(wire: MemoryWire) -> MemoryConsumer:
    return wire.memory.members[f"simulation.{GROUP}"][0]


async def test_what_is_covered_by_a_snapshot_is_committed_and_no_more(wire, clock):
    async with deciding(wire, clock):
        await wire.keep(MENTIONS_MATCHED, match(0), match(1))
        await until(lambda: alerts(wire))
        assert wire.committed(GROUP) == {}
        clock.step(6)
        await until(lambda: wire.committed(GROUP) == {OURS: 2})
        assert wire.of(ALERTS_STATE)[-1].offset == 2
        await wire.keep(MENTIONS_MATCHED, match(2))
        await until(lambda: alerts(wire) == 2)
    assert wire.committed(GROUP) == {OURS: 3}, "what was decided is saved at the end"


async def test_who_takes_over_goes_on_and_tells_nothing_twice(wire, clock):
    async with deciding(wire, clock):
        await wire.keep(MENTIONS_MATCHED, match(0))
        await until(lambda: alerts(wire) == 1)
        other = wire.another()
        async with deciding(other, clock):
            await wire.keep(MENTIONS_MATCHED, match(0), match(1))
            await until(lambda: alerts(wire) == 2)
        await wire.keep(MENTIONS_MATCHED, match(2))
        await until(lambda: alerts(wire) == 3)
    assert len({alert.alert for alert in wire.of(ALERTS_RAISED)}) == 3


async def test_a_decider_that_lost_its_session_takes_nothing_back(wire, clock):
    """It may write an old snapshot after its successor's, and its commit is refused."""
    async with deciding(wire, clock):
        await wire.keep(MENTIONS_MATCHED, match(0))
        await until(lambda: alerts(wire) == 1)
        other = wire.another()
        async with deciding(other, clock):
            await wire.keep(MENTIONS_MATCHED, match(1))
            await until(lambda: alerts(wire) == 2)
            await wire.memory.expel(wire.memory.members[f"simulation.{GROUP}"][0])
            await wire.keep(MENTIONS_MATCHED, match(2))
            await until(lambda: alerts(wire) == 3)
        assert wire.failures() == {}
    saved = await load_snapshots(wire, [OURS])
    assert saved["w1"].offset == 3
    assert wire.committed(GROUP)[OURS] == 3


async def test_snapshots_are_written_again_before_the_topic_forgets_them(wire, clock):
    """The topic keeps the last of a key: an older one written by somebody else must not be it."""
    async with deciding(wire, clock):
        await wire.keep(MENTIONS_MATCHED, match(0))
        await until(lambda: alerts(wire) == 1)
        clock.step(6)
        await until(lambda: wire.committed(GROUP) == {OURS: 1})
        late = wire.of(ALERTS_STATE)[-1].model_copy(update={"offset": 0, "event_id": "late"})
        await wire.publish(ALERTS_STATE, late)
        clock.step(7 * 3_600)
        await until(lambda: wire.of(ALERTS_STATE)[-1].event_id != "late")
    assert wire.of(ALERTS_STATE)[-1].offset == 1
    assert ALERTS_STATE.config["min.compaction.lag.ms"] == str(12 * 3_600_000)


@pytest.mark.parametrize(
    "poison", [(b"{", b"w1"), (b"{", b"\xff"), (match(0).encode(), b"w1"), (None, b"w9")]
)
async def test_a_snapshot_that_cannot_be_read_keeps_no_decider_from_beginning(wire, clock, poison):
    wire.memory.append(ALERTS_STATE.on("simulation"), *poison, partition=OURS)
    foreign = state(origin="live", offset=9)
    wire.memory.append(ALERTS_STATE.on("simulation"), foreign.encode(), b"w1", partition=OURS)
    with capture_logs() as logs:
        async with deciding(wire, clock):
            await wire.keep(MENTIONS_MATCHED, match(0))
            await until(lambda: alerts(wire) == 1)
    passed = [line for line in logs if line["event"] == "snapshot passed over"]
    assert len(passed) == 2 - (poison[0] is None)


@pytest.mark.parametrize(
    "said",
    [
        {"sightings": "AAAA"},
        {"sightings": "no base64", "offset": 0},
        {"offset": 2**62},
        {"offset": 1},
        {"watch": "w2"},
        {"outgoing": (raised(1).model_copy(update={"origin": "live"}),)},
        {"outgoing": (raised(1).model_copy(update={"watch": "w2"}),)},
    ],
)
async def test_a_snapshot_from_which_nobody_can_go_on_is_passed_over(wire, clock, said):
    """Loaded, it would end each beginning, or silence the watch until its offset has come."""
    assert partition_of("w2") != OURS
    spoilt = state(offset=0, sightings="", outgoing=()).model_copy(update=said)
    wire.memory.append(ALERTS_STATE.on("simulation"), spoilt.encode(), b"w1", partition=OURS)
    with capture_logs() as logs:
        async with deciding(wire, clock):
            await until(lambda: any(line["event"] == "deciding" for line in logs))
            await wire.keep(MENTIONS_MATCHED, match(0))
            await until(lambda: alerts(wire) == 1)
            assert wire.failures() == {}
    passed = [line for line in logs if line["event"] == "snapshot passed over"]
    assert [line["why"].split(":")[0] for line in passed] == [next(iter(said))]


@pytest.mark.parametrize("key", [None, b"w1", b"w2", b"\xff"])
async def test_a_match_of_another_partition_is_told_and_hides_none_of_its_watch(wire, clock, key):
    name, stray = MENTIONS_MATCHED.on("simulation"), (OURS + 1) % MENTIONS_MATCHED.partitions
    with capture_logs() as logs:
        async with deciding(wire, clock):
            for _ in range(5):
                wire.memory.append(name, match(9).encode(), key, partition=stray)
            await until(lambda: sum(line["event"].startswith("match of") for line in logs) == 5)
            await wire.keep(MENTIONS_MATCHED, match(0), match(1))
            await until(lambda: alerts(wire))
    assert wire.failures() == {}


async def test_a_decider_that_cannot_begin_says_so_until_it_can(wire, clock):
    begun = state(offset=0, outgoing=(raised(1),))
    await wire.publish(ALERTS_STATE, begun)
    wire.memory.fails = ValueError("a bug")
    async with deciding(wire, clock):
        await until(lambda: wire.failures().get(GROUP) == "ValueError: a bug")
        wire.memory.fails = None
        await until(lambda: alerts(wire) == 1)
        await until(lambda: wire.failures() == {})


Send = Callable[[AlertRaised], Awaitable[None]]


@asynccontextmanager
async def delivering(
    wire: MemoryWire, clock: SteppedClock, send: Send, update: Send | None = None, **fields: Any
) -> AsyncIterator[Courier]:
    """Run a courier whose alerts are addressed to `a@group`; `update` tells several as one."""

    async def composed(one: AlertComposed) -> None:
        await (send if update is None or one.thread == one.message else update)(one.told)

    async def deliveries(alert: AlertRaised, _: float) -> list[Delivery]:
        return [
            Delivery(
                id=alert.alert,
                message=alert.alert,
                watch="w1",
                address=f"mailto:a@{alert.group}",
                origin="simulation",
                send=lambda: send(alert),
                due_at=alert.raised_at,
                alert=alert if update else None,
                tell=composed if update else None,
                **fields,
            )
        ]

    courier = Courier(
        wire, cast(GuardedChannel, FakeMail()), {ALERTS_RAISED: deliveries}, Journal(wire), clock
    )
    courier.subscribe()
    await wire.start()
    try:
        yield courier
    finally:
        await wire.stop()


def alert(number: int, group: str = "essai.example") -> AlertRaised:
    return raised(1).model_copy(update={"alert": f"a{number}", "group": group})


def told(wire: MemoryWire) -> set[str]:
    return {line.alert for line in wire.of(ALERTS_DELIVERED)}


async def test_a_courier_commits_what_is_delivered_and_nothing_after_what_waits(wire, clock):
    away = {"a2"}

    async def send(alert: AlertRaised) -> None:
        if alert.alert in away:
            raise TryLater("451: away")

    await wire.keep(ALERTS_RAISED, *map(alert, range(4)))
    async with delivering(wire, clock, send):
        await until(lambda: told(wire) == {"a0", "a1", "a3"})
    assert wire.committed("alerts-mailto") == {OURS: 2}

    away.clear()
    async with delivering(wire.another(), clock, send):
        await until(lambda: told(wire) == {"a0", "a1", "a2", "a3"})
    assert wire.committed("alerts-mailto") == {OURS: 4}
    assert len(wire.of(ALERTS_DELIVERED)) == 4, "what the log holds is not sent again"


async def test_a_restart_begins_no_new_day_for_a_message(wire, clock):
    tries: list[str] = []

    async def send(one: AlertRaised) -> None:
        tries.append(one.alert)
        raise RuntimeError("a bug")

    old = alert(1).model_copy(update={"raised_at": clock.now() - timedelta(hours=25)})
    await wire.keep(ALERTS_RAISED, old)
    async with delivering(wire, clock, send):
        await until(lambda: wire.of(ALERTS_DELIVERED) != [])
    assert [line.outcome for line in wire.of(ALERTS_DELIVERED)] == ["failed"]
    assert tries == ["a1"]


async def test_a_message_is_tried_as_often_as_its_day_allows(wire):
    """The wait after the 1,024th try had no value as a float: the message was never told."""
    tries = 0

    class Quick(SteppedClock):
        async def sleep(self, seconds: float) -> None:
            assert 0 <= seconds <= LONGEST_WAIT_SECONDS
            await turn()

    async def send(_: AlertRaised) -> None:
        nonlocal tries
        tries += 1
        if tries < 1_100:
            raise TryLater("451: away")

    await wire.keep(ALERTS_RAISED, alert(1))
    async with delivering(wire, Quick(NOW), send):
        await until(lambda: [line.attempts for line in wire.of(ALERTS_DELIVERED)] == [1_100])


async def test_a_host_that_hangs_keeps_no_other_from_its_messages(wire, clock):
    hanging = asyncio.Event()

    async def send(alert: AlertRaised) -> None:
        if alert.group == "dead.example":
            await hanging.wait()

    dead = [alert(number, "dead.example") for number in range(FakeMail.parallel + 5)]
    await wire.keep(ALERTS_RAISED, *dead, alert(100))
    async with delivering(wire, clock, send):
        await until(lambda: told(wire) == {"a100"})
        hanging.set()
        await until(lambda: len(told(wire)) == len(dead) + 1)


@pytest.mark.parametrize("mended", [True, False])
async def test_a_fault_of_ours_delays_a_message_and_is_told_while_it_does(wire, clock, mended):
    faults = [RuntimeError("a bug")]

    async def send(_: AlertRaised) -> None:
        if faults:
            raise faults[0]

    await wire.keep(ALERTS_RAISED, alert(1))
    async with delivering(wire, clock, send) as courier:
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
        said = ("delivered", None) if mended else ("failed", "internal error: RuntimeError")
        assert (line.outcome, line.why, line.attempts) == (*said, 3)
        await until(lambda: not courier.failures())


async def two_of_one_incident(wire: MemoryWire, clock: SteppedClock) -> None:
    """Have a first alert told, a second wait for its update, and the update be due."""
    await until(lambda: told(wire) == {"a1"})
    await wire.keep(ALERTS_RAISED, of_one_incident(2))
    await until(lambda: clock.next_due is not None)
    clock.step_to(NOW + OPEN)


def of_one_incident(number: int) -> AlertRaised:
    return raised(number).model_copy(update={"alert": f"a{number}", "raised_at": NOW})


async def nothing(_: AlertRaised) -> None:
    return None


async def test_a_fault_of_an_update_is_told_no_more_once_it_is_mended(wire, clock):
    """It stayed for good, and kept the process from being ready."""
    faults = [RuntimeError("a bug")]

    async def update(_: AlertRaised) -> None:
        if faults:
            raise faults[0]

    await wire.keep(ALERTS_RAISED, of_one_incident(1))
    async with delivering(wire, clock, nothing, update) as courier:
        await two_of_one_incident(wire, clock)
        await until(courier.failures)
        faults.clear()
        await until(lambda: clock.next_due is not None)
        clock.step(60)
        await until(lambda: told(wire) == {"a1", "a2"})
        assert courier.failures() == {}
        await until(lambda: wire.committed("alerts-mailto") == {OURS: 2})


async def test_an_update_that_is_being_handed_over_is_let_finish(wire, clock):
    """Cut short at a deployment, what the other side had accepted was sent once more."""
    begun, accepted = asyncio.Event(), asyncio.Event()

    async def update(_: AlertRaised) -> None:
        begun.set()
        await accepted.wait()

    await wire.keep(ALERTS_RAISED, of_one_incident(1))
    async with delivering(wire, clock, nothing, update):
        await two_of_one_incident(wire, clock)
        await asyncio.wait_for(begun.wait(), 10)
        stopping = asyncio.create_task(wire.stop())
        await turn(20)
        accepted.set()
        await stopping
        assert told(wire) == {"a1", "a2"}


async def test_an_update_that_nobody_knows_to_silence_is_told(wire, clock):
    """The error ended the task of the incident: all that waited for it was told to nobody."""

    def unknown_zone(_: AlertRaised) -> None:
        raise KeyError("Mars/Phobos")

    await wire.keep(ALERTS_RAISED, of_one_incident(1))
    async with delivering(wire, clock, nothing, nothing, silenced=unknown_zone):
        await two_of_one_incident(wire, clock)
        await until(lambda: told(wire) == {"a1", "a2"})
