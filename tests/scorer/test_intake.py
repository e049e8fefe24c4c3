"""Intake, step by step, over a broker and an engine that do as they are told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import pytest
from aiokafka.errors import IllegalStateError

from contracts.topics import ACCOUNTS_OBSERVED, ACCOUNTS_REGISTERED, POSTS_OBSERVED, Topic
from libs.wire.judging import Stopped
from libs.wire.wire import Later, Wire
from services.scorer import app
from services.scorer.erasing import Spare
from services.scorer.intake import Intake
from services.scorer.rows import STORED
from services.scorer.sink import BlockRefused
from tests.deadlines import turn
from tests.scorer.events import samples

KEYS = {
    "accounts": ("account",),
    "post_observations": ("account", "post", "slot", "origin"),
    "account_observations": ("account", "slot", "origin"),
}


class Killed(BaseException):
    """The process dies here: nothing after this line happens."""


@dataclass(frozen=True)
class Read:
    """A record as the broker gives it."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None = b"acc"
    headers: tuple[tuple[str, bytes], ...] = ()


class Broker(Wire):
    """A wire whose dead letters are kept here."""

    def __init__(self) -> None:
        super().__init__("nowhere:1", "simulation")
        self.buried: list[tuple[str, int, int, str]] = []
        self.ids: list[str] = []
        self.killed: str = ""

    async def dead_letters(self, records: Any, consumer: str) -> None:
        if self.killed == "before":
            raise Killed
        for record, reason in records:
            self.buried.append((record.topic, record.partition, record.offset, reason))
            self.ids.append(self._dead_letter(record, reason, consumer).event_id)
        if self.killed == "after":
            raise Killed


@dataclass
class Store:
    """A sink that replaces rows of one natural key, as ClickHouse does."""

    rows: dict[tuple[str, ...], bytes] = field(default_factory=dict)
    blocks: list[int] = field(default_factory=list)
    refused: set[bytes] = field(default_factory=set)
    away: int = 0
    killed: str = ""
    under_way: int = 0
    most_under_way: int = 0

    async def insert(self, table: str, rows: Sequence[bytes]) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self._insert(table, rows)
        finally:
            self.under_way -= 1

    async def erase(self, accounts: Sequence[str]) -> None:
        self.rows = {key: row for key, row in self.rows.items() if key[1] not in accounts}

    async def _insert(self, table: str, rows: Sequence[bytes]) -> None:
        await turn(5)
        if self.killed == "before":
            raise Killed
        if self.away:
            self.away -= 1
            raise Later("the engine: away")
        if self.refused.intersection(rows):
            raise BlockRefused("Constraint `counters_possible` is violated")
        self.blocks.append(len(rows))
        for row in rows:
            read = msgspec.json.decode(row)
            self.rows[(table, *(str(read[name]) for name in KEYS[table]))] = row


def records(count: int, topic: Topic = POSTS_OBSERVED, partitions: int = 3) -> list[Read]:
    """Good records of different posts or slots."""
    sample = samples(topic)[-1]
    wanted = []
    for number in range(count):
        partition, offset = number % partitions, number // partitions
        event = topic.event.read(sample).model_copy(
            update={"event_id": f"e{number}", "account": f"a{number}", "post": f"p{number}"}
            if topic is POSTS_OBSERVED
            else {"event_id": f"e{number}", "account": f"a{number}"}
        )
        wanted.append(Read(topic.on("simulation"), partition, offset, event.encode()))
    return sorted(wanted, key=lambda record: (record.topic, record.partition, record.offset))


def spoilt(read: Read, value: bytes = b'{"event_id":1}') -> Read:
    return Read(read.topic, read.partition, read.offset, value)


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def store() -> Store:
    return Store()


def intake(broker: Broker, store: Store, **settings: Any) -> Intake:
    return Intake(broker, store, **({"block_records": 10} | settings))


async def test_good_records_are_stored_and_bad_ones_buried_with_their_reason(
    broker: Broker, store: Store
) -> None:
    read = [*records(20, ACCOUNTS_OBSERVED), *records(30)]
    read[25] = spoilt(read[25])
    read[40] = spoilt(read[40], b"{}{}")
    await intake(broker, store).take(read)
    assert len(store.rows) == 48
    assert set(store.rows.values()) == {
        record.value for index, record in enumerate(read) if index not in (25, 40)
    }
    assert broker.buried == [
        (read[25].topic, read[25].partition, read[25].offset, broker.buried[0][3]),
        (read[40].topic, read[40].partition, read[40].offset, "byte 2: trailing characters"),
    ]
    assert broker.buried[0][3].startswith("event_id: ")


async def test_blocks_hold_no_more_than_asked_and_two_overlap(broker: Broker, store: Store) -> None:
    await intake(broker, store, block_records=1_500).take(records(10_000))
    assert sum(store.blocks) == 10_000
    assert max(store.blocks) < 3_000
    assert store.most_under_way == 2


async def test_killed_after_0_read_nothing_was_done(broker: Broker, store: Store) -> None:
    read = records(30)
    store.killed = "before"
    with pytest.raises(Killed):
        await intake(broker, store).take([*read[:-1], spoilt(read[-1])])
    assert not store.rows
    assert not broker.buried


async def test_killed_after_1_insert_a_shifted_repeat_changes_nothing(
    broker: Broker, store: Store
) -> None:
    read = records(100)
    read[50] = spoilt(read[50])
    broker.killed = "before"
    with pytest.raises(Killed):
        await intake(broker, store).take(read)
    stored = dict(store.rows)
    assert len(stored) == 99
    broker.killed = ""
    again = intake(broker, store, block_records=7)
    for start in range(0, 100, 33):
        await again.take(read[start : start + 33])
    assert store.rows == stored
    assert len(broker.buried) == 1


async def test_killed_after_2_bury_dead_letters_come_again_under_the_same_id(
    broker: Broker, store: Store
) -> None:
    read = records(30)
    read[3] = spoilt(read[3])
    broker.killed = "after"
    with pytest.raises(Killed):
        await intake(broker, store).take(read)
    broker.killed = ""
    await intake(broker, store).take(read)
    assert len(broker.ids) == 2
    assert len(set(broker.ids)) == 1
    assert len(store.rows) == 29


async def test_rows_that_the_engine_refuses_are_found_and_the_others_stored(
    broker: Broker, store: Store
) -> None:
    read = records(64)
    poison = {read[5], read[6], read[50]}
    store.refused = {record.value for record in poison if record.value}
    await intake(broker, store, block_records=64).take(read)
    assert len(store.rows) == 61
    assert {(topic, p, o) for topic, p, o, _ in broker.buried} == {
        (record.topic, record.partition, record.offset) for record in poison
    }
    assert {why for *_, why in broker.buried} == {"Constraint `counters_possible` is violated"}


async def test_a_block_of_which_all_is_erased_is_no_insert(broker: Broker, store: Store) -> None:
    spare = Spare()
    for number in range(30):
        spare.suppressions.accounts.add(f"a{number}")
    await intake(broker, store, spare=spare).take(records(30))
    assert store.blocks == []


async def test_a_lag_that_cannot_be_measured_stops_nothing(
    broker: Broker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition may leave between the look at it and the question where it stands."""
    measured = asyncio.Event()

    class Leaving(Intake):
        looks = 0

        async def measure_lag(self) -> None:
            self.looks += 1
            if self.looks == 1:
                raise IllegalStateError("partition is not assigned")
            measured.set()

    monkeypatch.setattr(app, "LAG_SECONDS", 0.0)
    scorer = app.Scorer(broker, cast("Any", store), Leaving(broker, store), cast("Any", None), {})
    watching = asyncio.create_task(scorer._watch_lag())  # pyright: ignore[reportPrivateUsage]
    async with asyncio.timeout(10):
        await measured.wait()
    watching.cancel()


async def test_an_engine_that_is_away_is_waited_for(broker: Broker, store: Store) -> None:
    reading = intake(broker, store)
    read = records(30)
    read[3] = spoilt(read[3])
    store.away = 1
    with pytest.raises(Later):
        await reading.take(read)
    assert not broker.buried
    assert reading.failures() == {"intake": "the engine: away"}
    await reading.take(read)
    assert len(store.rows) == 29
    assert len(broker.buried) == 1
    assert reading.failures() == {}


async def test_above_the_ceiling_nothing_is_buried_and_the_consumer_stays_stopped(
    broker: Broker, store: Store
) -> None:
    reading = intake(broker, store, ceiling_ratio=0.2, ceiling_window=100)
    read = [spoilt(each) if number % 4 == 0 else each for number, each in enumerate(records(120))]
    with pytest.raises(Stopped, match="bad records among the last 100"):
        await reading.take(read)
    assert not broker.buried
    with pytest.raises(Stopped):
        await reading.take(records(1))


async def test_below_the_ceiling_a_batch_larger_than_its_window_passes(
    broker: Broker, store: Store
) -> None:
    reading = intake(broker, store, ceiling_ratio=0.2, ceiling_window=100)
    many = [spoilt(each) if number % 10 == 0 else each for number, each in enumerate(records(3000))]
    await reading.take(many)
    assert len(broker.buried) == 300


async def test_the_ceiling_counts_once_what_is_read_again(broker: Broker, store: Store) -> None:
    reading = intake(broker, store, ceiling_ratio=0.2, ceiling_window=100)
    read = [spoilt(each) if number % 10 == 0 else each for number, each in enumerate(records(90))]
    store.away = 5
    for _ in range(5):
        with pytest.raises(Later):
            await reading.take(read)
    await reading.take(read)
    assert len(broker.buried) == 9


async def test_many_rows_that_the_engine_refuses_stop_the_consumer(
    broker: Broker, store: Store
) -> None:
    reading = intake(broker, store, ceiling_ratio=0.2, ceiling_window=100)
    read = records(60)
    store.refused = {record.value for record in read[:40] if record.value}
    with pytest.raises(Stopped):
        await reading.take(read)
    assert not broker.buried


def registered(offset: int, account: str, *, erased: bool = False) -> Read:
    event = ACCOUNTS_REGISTERED.event.read(samples(ACCOUNTS_REGISTERED)[0])
    value = event.model_copy(update={"account": account, "revision": offset}).encode()
    topic = ACCOUNTS_REGISTERED.on("simulation")
    return Read(topic, 0, offset, None if erased else value, account.encode())


async def test_a_tombstone_erases_what_came_before_it(broker: Broker, store: Store) -> None:
    await intake(broker, store).take(
        [
            registered(0, "kept"),
            registered(1, "gone"),
            registered(2, "back"),
            registered(3, "gone", erased=True),
            registered(4, "back", erased=True),
            registered(5, "back"),
        ]
    )
    assert {key[1] for key in store.rows} == {"kept", "back"}
    assert not broker.buried


async def test_an_empty_record_of_a_topic_that_is_no_table_is_bad(
    broker: Broker, store: Store
) -> None:
    await intake(broker, store).take([Read(POSTS_OBSERVED.on("simulation"), 0, 0, None)])
    assert [reason for *_, reason in broker.buried] == ["byte 0: nothing where a record should be"]


def test_every_stored_topic_has_its_own_ceiling(broker: Broker, store: Store) -> None:
    reading = intake(broker, store)
    assert len({id(table.ceiling) for table in reading._tables.values()}) == len(STORED)
