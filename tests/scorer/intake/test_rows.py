import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial
from random import Random

import pytest

from contracts.clickhouse import SCHEMA
from contracts.event import Event
from contracts.territories import Territories
from contracts.topics import DECLARED, ERASURES, TOPICS
from libs.engine.client import Engine, connect
from libs.wire.codec import Reader
from services.scorer.intake.rows import STORED, Stored
from services.scorer.intake.sink import EngineSink
from tests.deadlines import until_found
from tests.events import samples
from tests.scorer.conftest import read_back
from tests.scorer.events import spoil
from tests.tables import create_tables

TABLES = {stored.table: stored for stored in STORED}
PER_TABLE = pytest.mark.parametrize("stored", TABLES.values(), ids=TABLES)


def columns_of(table: str) -> list[str]:
    text = SCHEMA.read_text()
    created = re.search(rf"CREATE TABLE {table}\n\((.*?)\n\)\n", text, re.DOTALL)
    assert created, f"{table} is not in the golden schema"
    return re.findall(r"^    `(\w+)` (?!.*MATERIALIZED)", created[1], re.MULTILINE)


def as_stored(stored: Stored, event: Event) -> Event:
    """The event without what its table leaves out."""
    fields = type(event).model_fields
    defaults = {
        name: fields[name].get_default(call_default_factory=True) for name in stored.left_out
    }
    return event.model_copy(update=defaults)


def test_every_topic_that_the_scorer_reads_is_stored():
    # Erasures are obeyed (services/scorer/intake/erasing.py), not stored.
    read = {topic.name for topic in TOPICS if "scorer" in topic.read_by} - {ERASURES.name}
    assert {stored.topic.name for stored in STORED} == read


@pytest.mark.broker
@pytest.mark.engine
async def test_what_is_published_is_found_in_its_table(line, reading):
    declared = [topic for topic in DECLARED if topic.table]
    wire = line.wire()
    await wire.start()
    for topic in declared:
        await wire.publish_all(topic, [topic.event.read(sample) for sample in samples(topic)])
    await wire.stop()
    await reading()
    for topic in declared:
        found = await until_found(partial(line.stored, topic.name))
        # Samples of one natural key replace one another.
        assert {one.event_id for one in found} <= {
            topic.event.read(sample).event_id for sample in samples(topic)
        }


@PER_TABLE
def test_columns_bear_the_names_of_the_fields(stored):
    assert stored.left_out <= set(stored.topic.event.model_fields)
    assert columns_of(stored.table) == list(stored.columns)


@pytest.fixture(scope="module")
def tables(clickhouse_url: str, database: str) -> None:
    asyncio.run(create_tables(clickhouse_url, database, Territories([], [])))


@pytest.fixture
async def engine(clickhouse_url: str, database: str, tables: None) -> AsyncIterator[Engine]:
    client = await connect(clickhouse_url, database)
    yield client
    await client.close()


@pytest.fixture
async def sink(clickhouse_url: str, database: str, engine: Engine) -> AsyncIterator[EngineSink]:
    opened = EngineSink(clickhouse_url, database)
    yield opened
    await opened.close()


@pytest.mark.engine
@PER_TABLE
async def test_the_engine_reads_what_pydantic_reads(engine, sink, stored):
    """Odd records that pydantic accepts arrive with the values that it reads."""
    accepted: list[bytes] = list(samples(stored.topic))
    expected: list[Event] = [stored.topic.event.read(sample) for sample in accepted]
    reader = Reader(stored.topic.event, "simulation")

    chance = Random(stored.table)
    for sample in chance.choices(samples(stored.topic), k=1_000):
        value = spoil(sample, chance)
        if isinstance(record := reader.read(value), bytes):
            accepted.append(record)
            expected.append(stored.topic.event.read(value))
    assert len(accepted) > 100
    probe = f"probe_{stored.table}"
    await engine.command(
        f"CREATE TABLE {probe} AS {stored.table} ENGINE = MergeTree ORDER BY tuple()"
    )
    await sink.insert(probe, stored.rows(accepted))
    got = await read_back(engine, stored, probe)
    # In any order: a block may be stored in several parts.
    assert sorted(event.encode() for event in got) == sorted(
        as_stored(stored, event).encode() for event in expected
    )


@pytest.mark.engine
@PER_TABLE
async def test_the_same_event_twice_gives_the_same_rows(engine, sink, stored):
    rows = stored.rows(samples(stored.topic))
    await sink.insert(stored.table, rows)
    once = await read_back(engine, stored, stored.table, "FINAL")
    await sink.insert(stored.table, rows)
    for row in reversed(rows):
        await sink.insert(stored.table, [row])
    assert once
    twice = await read_back(engine, stored, stored.table, "FINAL")
    assert {event.encode() for event in twice} == {event.encode() for event in once}
    assert len(twice) == len(once)
