"""Intake, step by step, over a log in memory and an engine that does as it is told."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError

from contracts.dead_letters import DeadLetter
from contracts.topics import ACCOUNTS_OBSERVED, DEAD_LETTERS, POSTS_OBSERVED, Topic
from libs.wire.wire import Wire
from libs.wire.work import Later
from services.scorer.intake.erasing import Suppressor
from services.scorer.intake.intake import GROUP, Intake
from services.scorer.intake.sink import BlockRefused
from tests.deadlines import turn, until
from tests.events import samples
from tests.suites.memory import MemoryLog

KEYS = {
    "post_observations": ("account", "post", "slot", "origin"),
    "account_observations": ("account", "slot", "origin"),
}
BAD = b'{"event_id":1}'


@dataclass
class Store:
    """A sink that replaces rows of one natural key, as ClickHouse does."""

    rows: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    blocks: list[int] = field(default_factory=list)
    refused: set[bytes] = field(default_factory=set)
    away: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    most_under_way: int = 0

    def __post_init__(self) -> None:
        self.open.set()

    async def insert(self, table: str, rows: Sequence[bytes]) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await turn(5)
            await self.open.wait()
            self._insert(table, rows)
        finally:
            self.under_way -= 1

    def _insert(self, table: str, rows: Sequence[bytes]) -> None:
        if self.away:
            raise Later("the engine: away")
        if self.refused.intersection(rows):
            raise BlockRefused("Constraint `counters_possible` is violated")
        self.blocks.append(len(rows))
        for row in rows:
            read = msgspec.json.decode(row)
            self.rows[(table, *(str(read[name]) for name in KEYS[table]))] = row


def values(count: int, topic: Topic = POSTS_OBSERVED) -> list[bytes]:
    """Good records of different posts or accounts."""
    event = topic.event.read(samples(topic)[-1])
    made: list[bytes] = []
    for number in range(count):
        names = {"event_id": f"e{number}", "account": f"a{number}"}
        if topic is POSTS_OBSERVED:
            names["post"] = f"p{number}"
        made.append(event.model_copy(update=names).encode())
    return made


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def store() -> Store:
    return Store()


def give(log: MemoryLog, values: Sequence[bytes | None], topic: Topic = POSTS_OBSERVED) -> None:
    for number, value in enumerate(values):
        log.append(topic.on("simulation"), value, b"acc", partition=number % 3)


def committed(log: MemoryLog) -> int:
    return sum(log.committed[f"simulation.{GROUP}"].values())


def dead(log: MemoryLog) -> list[DeadLetter]:
    return [DeadLetter.read(value or b"") for value in log.values(DEAD_LETTERS.on("simulation"))]


@asynccontextmanager
async def running(log: MemoryLog, store: Store, **settings: Any) -> AsyncIterator[Intake]:
    wire = Wire("nowhere:1", "simulation", log=log, pause=lambda _: 0.0)
    intake = Intake(wire, store, **({"block_records": 10} | settings))
    intake.subscribe()
    await wire.start()
    try:
        yield intake
    finally:
        await wire.stop()


async def taken(log: MemoryLog, store: Store, count: int, **settings: Any) -> None:
    """Run intake until so many records are committed."""
    async with running(log, store, **settings):
        await until(lambda: committed(log) == count)


async def test_good_records_are_stored_and_bad_ones_kept_with_their_reason(log, store):
    accounts, posts = values(20, ACCOUNTS_OBSERVED), values(30)
    wanted = {*accounts, *posts} - {accounts[5], posts[20]}
    accounts[5], posts[20] = BAD, b"{}{}"
    give(log, accounts, ACCOUNTS_OBSERVED)
    give(log, posts)
    await taken(log, store, 50)
    assert set(store.rows.values()) == wanted
    letters = sorted(dead(log), key=lambda letter: letter.topic)
    assert [base64.b64decode(letter.value) for letter in letters] == [BAD, b"{}{}"]
    assert letters[0].reason.startswith("event_id: ")
    assert letters[1].reason == "byte 2: trailing characters"
    assert [(letter.partition, letter.offset) for letter in letters] == [(2, 1), (2, 6)]


async def test_an_empty_record_is_bad(log, store):
    give(log, [None])
    await taken(log, store, 1)
    assert [one.reason for one in dead(log)] == ["byte 0: nothing where a record should be"]


async def test_blocks_hold_no_more_than_asked_and_two_overlap(log, store):
    give(log, values(10_000))
    await taken(log, store, 10_000, block_records=1_500)
    assert sum(store.blocks) == 10_000
    assert max(store.blocks) < 3_000
    assert store.most_under_way == 2


async def test_no_more_is_read_than_two_blocks_ahead_of_the_engine(log, store):
    store.open.clear()
    give(log, values(300))
    async with running(log, store, batch_records=10) as intake:
        await until(lambda: store.under_way == 2)
        assert not await intake.room(0.05)
        behind = await intake.behind(await intake.ends())
        assert behind == 300
        assert committed(log) == 0
        store.open.set()
        await until(lambda: committed(log) == 300)
        assert await intake.behind(await intake.ends()) == 0
    assert max(store.blocks) <= 12


async def test_partitions_taken_in_the_middle_lose_and_repeat_no_figure(log, store):
    """Killed at any step, or given up: what was not committed is read again, cut otherwise."""
    posts = values(100)
    posts[50] = BAD
    give(log, posts)
    store.open.clear()
    async with running(log, store):
        await until(lambda: store.under_way == 2)
        store.away = True
        store.open.set()
    store.away = False
    before = committed(log)
    assert before < 100
    await taken(log, store, 100, block_records=7, batch_records=33)
    log.committed.clear()
    await taken(log, store, 100, block_records=13)
    assert set(store.rows.values()) == set(posts) - {BAD}
    letters = dead(log)
    assert len(letters) == 2
    assert len({letter.event_id for letter in letters}) == 1


async def test_dead_letters_are_kept_before_their_records_are_committed(log, store):
    log.fails = KafkaConnectionError("no broker for a moment")
    give(log, [BAD])
    async with running(log, store):
        await turn(50)
        assert committed(log) == 0
        log.fails = None
        await until(lambda: committed(log) == 1)
    assert len(dead(log)) == 1


async def test_rows_that_the_engine_refuses_are_found_and_the_others_stored(log, store):
    posts = values(64)
    store.refused = {posts[5], posts[6], posts[50]}
    give(log, posts)
    await taken(log, store, 64, block_records=64)
    assert len(store.rows) == 61
    assert {letter.record for letter in dead(log)} == store.refused
    assert {one.reason for one in dead(log)} == {"Constraint `counters_possible` is violated"}


async def test_a_block_of_which_all_is_erased_is_no_insert(log, store):
    suppressor = Suppressor()
    suppressor.suppressions.accounts.update(f"a{number}" for number in range(30))
    give(log, values(30))
    await taken(log, store, 30, suppressor=suppressor)
    assert store.blocks == []


async def test_a_record_of_which_no_row_can_be_made_holds_no_other(log, store):
    """The lane, told of a block after it gave it, blamed no record and began again for ever."""
    posts = values(30)

    class Failing(Suppressor):
        def __call__(self, topic: Topic, records: Sequence[bytes], sources: Sequence[int]) -> Any:
            if posts[7] in records:
                raise KeyError("a7")
            return super().__call__(topic, records, sources)

    give(log, posts)
    await taken(log, store, 30, suppressor=Failing())
    assert set(store.rows.values()) == {*posts} - {posts[7]}
    assert [(one.record, one.reason) for one in dead(log)] == [(posts[7], "no row: KeyError: 'a7'")]


async def test_an_engine_that_is_away_is_waited_for(log, store):
    posts = values(30)
    posts[3] = BAD
    store.away = True
    give(log, posts)
    async with running(log, store) as intake:
        await until(lambda: intake.failures() == {"intake": "the engine: away"})
        assert committed(log) == 0
        store.away = False
        await until(lambda: committed(log) == 30)
        assert intake.failures() == {}
    assert len(store.rows) == 29
    assert len(dead(log)) == 1


async def test_batches_under_way_are_waited_for(log, store):
    store.open.clear()
    give(log, values(30))
    async with running(log, store) as intake:
        await until(lambda: store.under_way)
        settling = asyncio.create_task(intake.settle())
        await turn(5)
        assert not settling.done()
        store.open.set()
        await settling
        assert len(store.rows) > 0


Spoil = Callable[[int], bool]


@pytest.mark.parametrize(
    ("count", "spoilt", "said"),
    [
        (120, lambda number: number % 4 == 0, "among the last 100"),
        (3_000, lambda number: number % 10 == 0, None),
    ],
)
async def test_above_the_ceiling_the_lane_stops(log, store, count, spoilt, said):
    posts = [BAD if spoilt(n // 3) else value for n, value in enumerate(values(count))]
    give(log, posts)
    async with running(log, store, ceiling_ratio=0.2, ceiling_window=100) as intake:
        await until(lambda: intake.failures() or committed(log) == count)
        if said is None:
            assert len(dead(log)) == 300
        else:
            assert said in intake.failures()["intake"]
            assert committed(log) < count
            assert len(dead(log)) <= 20


async def test_many_rows_that_the_engine_refuses_stop_the_lane(log, store):
    posts = values(60)
    store.refused = set(posts[:40])
    give(log, posts)
    async with running(log, store, ceiling_ratio=0.2, ceiling_window=100) as intake:
        await until(lambda: "bad records" in intake.failures().get("intake", ""))
