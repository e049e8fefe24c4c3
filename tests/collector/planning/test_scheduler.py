"""The scheduler on its lane: one leads, and begins again when it fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from contracts.jobs import HIGHEST_EPOCH, Progress
from contracts.topics import COLLECT_OUTCOMES, COLLECT_PROGRESS
from libs.clock import SystemClock
from libs.wire.wire import Wire
from services.collector.planning.planner import SCHEDULER
from services.collector.planning.scheduler import GROUP, Scheduler
from tests.deadlines import until
from tests.events import NOON, event
from tests.suites.memory import MemoryLog


@asynccontextmanager
async def scheduling(log: MemoryLog) -> AsyncIterator[tuple[Scheduler, Wire]]:
    """Run the scheduler of a process."""
    wire = Wire("nowhere:1", "simulation", log=log, pause=lambda _: 0.0)
    scheduler = Scheduler(wire, SystemClock(), credentials={}, host_of=lambda network, _: network)
    scheduler.subscribe()
    await wire.start()
    try:
        yield scheduler, wire
    finally:
        await wire.stop()


def epoch(scheduler: Scheduler) -> int:
    return scheduler.planner.epoch if scheduler.planner else 0


async def test_one_leads_and_the_next_has_a_higher_epoch():
    log = MemoryLog()
    async with scheduling(log) as (first, _):
        await asyncio.wait_for(first.leads.wait(), 30)
        assert epoch(first) == 1
        async with scheduling(log) as (second, _):
            # Who joins has everybody begin anew.
            await until(lambda: epoch(first) == 2)
            assert not second.leads.is_set()
    async with scheduling(log) as (third, _):
        await until(lambda: epoch(third) > 2)


async def test_what_cannot_be_read_of_progress_keeps_nobody_from_leading():
    log = MemoryLog()
    log.append(COLLECT_PROGRESS.on("simulation"), b"{junk", b"\xff")
    async with scheduling(log) as (scheduler, _):
        await asyncio.wait_for(scheduler.leads.wait(), 30)


@pytest.mark.parametrize(
    ("epoch", "revision"), [(HIGHEST_EPOCH, 2**62), (HIGHEST_EPOCH, 5), (7, 2**62), (0, 2**40)]
)
async def test_a_row_of_no_leader_ends_no_leading(epoch, revision):
    """Taken for a leader's, the highest would leave no number to the rows of those that follow."""
    log = MemoryLog()
    for number, (said, at) in enumerate([(3, 3 << 32 | 1), (epoch, revision)]):
        row = event(
            Progress, event_id=str(number), subject=SCHEDULER, network="all", epoch=said,
            revision=at, changed_at=NOON,
        )  # fmt: skip
        log.append(COLLECT_PROGRESS.on("simulation"), row.encode(), SCHEDULER.encode())
    async with scheduling(log) as (scheduler, wire):
        await asyncio.wait_for(scheduler.leads.wait(), 30)
        assert scheduler.planner.epoch == 4
        assert wire.failures() == {}


@pytest.mark.parametrize(
    ("revision", "leads"),
    [(9 << 32 | 5, 10), (2**40, 2**8 + 1), (HIGHEST_EPOCH - 2 << 32, HIGHEST_EPOCH - 1),
     (2**62, 4), (2**62 - 1, HIGHEST_EPOCH - 1)],
)  # fmt: skip
async def test_a_row_that_no_leader_wrote_hides_no_later_one_of_its_subject(revision, leads):
    """Later rows were ignored at each start: the subject was always where it had been."""
    log = MemoryLog()
    own = event(
        Progress, event_id="own", subject=SCHEDULER, network="all", epoch=3, revision=3 << 32,
        changed_at=NOON,
    )  # fmt: skip
    row = event(
        Progress, event_id="row", subject="somebody", network="bluesky", revision=revision,
        changed_at=NOON,
    )  # fmt: skip
    for one in (own, row):
        log.append(COLLECT_PROGRESS.on("simulation"), one.encode(), one.subject.encode())
    async with scheduling(log) as (scheduler, _):
        await asyncio.wait_for(scheduler.leads.wait(), 30)
        assert scheduler.planner.epoch == leads


async def test_the_highest_epoch_leaves_numbers_to_its_rows():
    log = MemoryLog()
    highest = HIGHEST_EPOCH - 1
    row = event(
        Progress, event_id="own", subject=SCHEDULER, network="all", epoch=highest,
        revision=highest << 32, changed_at=NOON,
    )  # fmt: skip
    log.append(COLLECT_PROGRESS.on("simulation"), row.encode(), SCHEDULER.encode())
    async with scheduling(log) as (scheduler, _):
        await asyncio.wait_for(scheduler.leads.wait(), 30)


async def test_too_many_bad_outcomes_stop_it():
    log = MemoryLog()
    for _ in range(600):
        log.append(COLLECT_OUTCOMES.on("simulation"), b"{")
    async with scheduling(log) as (_, wire):
        await until(lambda: "bad records" in wire.failures().get(GROUP, ""))
    assert log.committed[f"simulation.{GROUP}"] == {}


@pytest.mark.parametrize("error", [RuntimeError("a bug"), OSError("no broker")])
async def test_a_leader_that_fails_begins_again_and_says_so(error):
    log = MemoryLog()
    async with scheduling(log) as (scheduler, wire):
        await asyncio.wait_for(scheduler.leads.wait(), 30)
        before = epoch(scheduler)
        log.fails = error
        with capture_logs():
            log.append(COLLECT_OUTCOMES.on("simulation"), b"{")
            await until(lambda: wire.failures())
        log.fails = None
        await until(lambda: epoch(scheduler) > before)
        await until(lambda: wire.failures() == {})
