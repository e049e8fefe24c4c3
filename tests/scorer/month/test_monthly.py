"""A month computes itself when it is due, once, and never before its history is stored."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from libs.clock import SteppedClock
from libs.engine.client import Engine, connect
from libs.engine.insert import insert
from services.scorer.month.month import Computed
from services.scorer.month.monthly import AGAIN_SECONDS, Monthly, due, latest_due
from services.scorer.month.period import Month
from tests.deadlines import until
from tests.scorer.months import START, Book, published, text

pytestmark = pytest.mark.engine
IN_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")

OCTOBER = Month(2026, 10)
DUE = datetime(2026, 11, 9, 8, tzinfo=UTC)
"""The 9th of November at 09:00, Paris, in winter."""


@pytest.mark.parametrize(
    ("month", "moment"), [(OCTOBER, DUE), (Month(2026, 5), datetime(2026, 6, 9, 7, tzinfo=UTC))]
)
def test_a_month_is_due_on_the_ninth_at_nine_in_paris(month, moment):
    assert due(month) == moment
    assert latest_due(moment) == month
    assert latest_due(moment - timedelta(seconds=1)) == month.plus(-1)


@dataclass
class Intake:
    """What has been read, as a test says: a busy installation publishes at every look."""

    stored: int = 0
    published: int = 0
    a_look: int = 0
    leading: bool = True
    looks: int = 0

    def leads(self) -> bool:
        self.looks += 1
        return self.leading

    async def ends(self) -> dict[str, int]:
        return {"posts": self.published}

    async def behind(self, ends: Mapping[Any, int]) -> int:
        self.published += self.a_look
        return max(0, ends["posts"] - self.stored)


@dataclass
class Told:
    """Months told; the first `failing` times the broker is away, for `never` always."""

    months: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    failing: int = 0
    never: str = ""

    async def __call__(self, _: Engine, month: Computed) -> None:
        if month.period == self.never:
            raise ConnectionError("the broker takes none of it")
        if self.failing:
            self.failing -= 1
            raise ConnectionError("the broker is away")
        self.months.append((month.period, month.revision))


@dataclass
class World:
    """A scorer's months on a clock of its own, over the real engine."""

    url: str
    database: str
    engine: Engine
    clock: SteppedClock
    intake: Intake = field(default_factory=Intake)
    told: Told = field(default_factory=Told)
    running: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def start(self) -> None:
        monthly = Monthly(
            self.intake,
            lambda: connect(self.url, self.database),
            self.told,
            self.clock,
            "simulation",
        )
        self.running.append(asyncio.create_task(monthly.run()))

    async def kill(self) -> None:
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        self.running.clear()

    async def until(self, reached: Callable[[], bool]) -> None:
        await until(reached, 20)

    async def asleep(self, moment: datetime) -> None:
        """Wait until what runs waits for a moment."""
        await self.until(lambda: self.clock.next_due == moment)

    async def months(self) -> list[tuple[str, int]]:
        found = await self.engine.query("SELECT period, revision FROM months FINAL")
        return [(str(period), int(revision)) for period, revision in found.result_rows]


@pytest_asyncio.fixture(loop_scope="module")
async def world(clickhouse_url: str, database: str, engine: Engine) -> AsyncIterator[World]:
    book = Book().bareme("bluesky").ordinary("a")
    for table in {*book.rows, "months", "scores"}:
        await engine.command(f"TRUNCATE TABLE {table}")
    for table, rows in book.rows.items():
        await insert(engine, table, rows)
    made = World(clickhouse_url, database, engine, SteppedClock(DUE - timedelta(hours=1)))
    yield made
    await made.kill()


@IN_ONE_LOOP
async def test_a_month_is_computed_at_its_moment_and_once(world):
    # September's week is over: nothing is looked at before October is due.
    world.start()
    await world.asleep(DUE)
    assert await world.months() == []
    world.clock.step_to(DUE)
    await world.asleep(due(OCTOBER.plus(1)))
    assert await world.months() == [("2026-10", 1)]
    assert world.told.months == [("2026-10", 1)]
    await world.kill()
    world.start()
    await world.asleep(due(OCTOBER.plus(1)))
    assert await world.months() == [("2026-10", 1)]
    assert world.told.months == [("2026-10", 1)]


@IN_ONE_LOOP
async def test_a_month_waits_for_its_history_and_for_who_leads(world):
    world.clock.step_to(DUE)
    world.intake.published, world.intake.a_look = 3, 900
    world.start()
    await world.asleep(DUE + timedelta(seconds=AGAIN_SECONDS))
    assert await world.months() == []
    # Stored up to where the first look saw; what came since is not waited for.
    world.intake.stored, world.intake.leading = 3, False
    world.clock.step(AGAIN_SECONDS)
    await world.asleep(DUE + timedelta(seconds=2 * AGAIN_SECONDS))
    assert await world.months() == []
    world.intake.leading = True
    world.clock.step(AGAIN_SECONDS)
    await world.until(lambda: bool(world.told.months))
    assert await world.months() == [("2026-10", 1)]


@IN_ONE_LOOP
async def test_a_month_without_measures_around_its_first_day_is_not_published(world):
    await world.engine.command(
        "ALTER TABLE account_observations DELETE WHERE slot <"
        f" '{text(START + timedelta(days=4))}' SETTINGS mutations_sync = 2"
    )
    world.clock.step_to(DUE)
    world.start()
    await world.asleep(DUE + timedelta(seconds=AGAIN_SECONDS))
    assert await world.months() == []


@IN_ONE_LOOP
async def test_a_month_computed_while_the_broker_was_away_is_told_later(world):
    world.clock.step_to(DUE)
    world.told.failing = 1
    world.start()
    await world.asleep(DUE + timedelta(seconds=AGAIN_SECONDS))
    assert (await world.months(), world.told.months) == ([("2026-10", 1)], [])
    world.clock.step(AGAIN_SECONDS)
    await world.until(lambda: bool(world.told.months))
    assert (await world.months(), world.told.months) == ([("2026-10", 1)], [("2026-10", 1)])


@pytest.mark.parametrize("forever", [False, True])
@IN_ONE_LOOP
async def test_a_month_that_was_never_told_takes_not_the_place_of_the_next(world, forever):
    """October's was told on the 9th of December instead of November's, which nobody computed."""
    november = OCTOBER.plus(1)
    world.clock.step_to(DUE)
    world.told.never = "2026-10"
    world.start()
    await world.asleep(DUE + timedelta(seconds=AGAIN_SECONDS))
    world.clock.step_to(DUE + timedelta(days=8))
    await world.asleep(due(november))
    assert world.told.months == []
    world.told.never = "2026-10" if forever else ""
    world.clock.step_to(due(november))
    told = [("2026-11", 1)] if forever else [("2026-10", 1), ("2026-11", 1)]
    await world.until(lambda: len(world.told.months) == len(told))
    assert world.told.months == told
    assert sorted(await world.months()) == [("2026-10", 1), ("2026-11", 1)]
    again = due(november) + timedelta(seconds=AGAIN_SECONDS)
    await world.asleep(again if forever else due(november.plus(1)))


@pytest.mark.parametrize("late", [timedelta(days=6), timedelta(days=8)])
@IN_ONE_LOOP
async def test_a_scorer_that_was_away_makes_good_a_week_and_no_more(world, late):
    """The demonstration starts on the 24th: its past is published by its own steps."""
    world.clock.step_to(DUE + late)
    world.start()
    await world.asleep(due(OCTOBER.plus(1)))
    assert await world.months() == ([("2026-10", 1)] if late.days == 6 else [])


@IN_ONE_LOOP
async def test_a_month_that_a_person_published_is_left_as_it_is(world):
    await insert(world.engine, "months", [published("2026-10", DUE, revision=4)])
    world.clock.step_to(DUE)
    world.start()
    await world.asleep(due(OCTOBER.plus(1)))
    assert await world.months() == [("2026-10", 4)]
    assert world.told.months == []
