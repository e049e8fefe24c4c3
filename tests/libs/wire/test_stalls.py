"""What is a stall of a lane, what makes its process unready, and what is only told."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.topics import ACCOUNTS_OBSERVED
from libs.pulse import STALLED_SECONDS
from libs.wire.backends.log import Batches
from libs.wire.lane import Pace
from libs.wire.wire import Wire
from tests.deadlines import until
from tests.libs.test_pulse import Seconds
from tests.suites.log import Kept, observed
from tests.suites.memory import MemoryLog


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def wire(seconds) -> AsyncIterator[Wire]:
    wire = Wire("nowhere:1", "simulation", log=MemoryLog(), pause=lambda _: 0.01, seconds=seconds)
    yield wire
    await wire.stop()


async def test_a_step_that_never_ends_is_a_stall(wire, seconds):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handle(_: Batches) -> None:
        begun.set()
        await go_on.wait()

    wire.subscribe_raw([ACCOUNTS_OBSERVED], "slow", handle)
    await wire.start()
    await wire.publish(ACCOUNTS_OBSERVED, observed(1))
    await asyncio.wait_for(begun.wait(), 20)
    seconds.at += STALLED_SECONDS / 2
    assert wire.stalled() == {}
    assert "in hand" in wire.failures()["slow"]
    assert wire.unready() == {}
    seconds.at += STALLED_SECONDS
    assert list(wire.stalled()) == ["slow"]
    go_on.set()
    await until(lambda: wire.stalled() == {})


async def test_a_lane_that_runs_no_more_is_a_stall(wire, seconds):
    class Ends(Kept):
        async def handle(self, batches: Batches) -> None:
            raise asyncio.CancelledError

    wire.lane([ACCOUNTS_OBSERVED], "dead", Ends())
    await wire.start()
    await wire.publish(ACCOUNTS_OBSERVED, observed(1))
    seconds.at += STALLED_SECONDS + 1
    await until(lambda: list(wire.stalled()) == ["dead"])


async def test_a_record_that_is_tried_again_is_told_and_no_more(wire, seconds):
    work = Kept()
    work.fails[observed(1).encode()] = RuntimeError("a bug")
    wire.lane([ACCOUNTS_OBSERVED], "g", work, pace=Pace(patience=10_000))
    await wire.start()
    await wire.publish(ACCOUNTS_OBSERVED, observed(1))
    await until(lambda: wire.failures() == {"g": "RuntimeError: a bug"})
    seconds.at += STALLED_SECONDS + 1
    await until(lambda: wire.stalled() == {})
    assert wire.unready() == {}
    assert wire.failures() != {}


async def test_a_reader_that_stops_at_too_many_bad_records_is_unready_and_no_stall(wire, seconds):
    async def handle(_: object) -> None: ...

    wire.subscribe(ACCOUNTS_OBSERVED, ACCOUNTS_OBSERVED.event, "g", handle)
    name = ACCOUNTS_OBSERVED.on(wire.namespace)
    for _ in range(600):
        await (await wire.log.send(name, b"{", b"k"))
    await wire.start()
    await until(lambda: "one after the other" in wire.unready().get("g", ""))
    seconds.at += STALLED_SECONDS + 1
    assert wire.stalled() == {}
