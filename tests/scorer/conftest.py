"""Intake on the real broker and engine, under names of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from contracts.dead_letters import DeadLetter
from contracts.event import Event
from contracts.territories import Territories
from contracts.topics import DEAD_LETTERS, ERASURES, Topic
from libs.engine.client import Engine, connect
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.scorer.intake.intake import GROUP, Intake
from services.scorer.intake.rows import STORED, Stored
from services.scorer.intake.sink import EngineSink
from tests.benchmarks.load import publish
from tests.scorer.months import TERRITORIES
from tests.tables import create_tables
from tests.topics import offsets, read_whole


@dataclass
class Line:
    """A broker and an engine with topics and tables of their own."""

    kafka_url: str
    clickhouse_url: str
    namespace: str
    database: str
    engine: Engine

    async def publish(self, topic: Topic, values: list[bytes]) -> None:
        """Publish values over the partitions in turn."""
        await publish(self.kafka_url, topic.on(self.namespace), values)

    @property
    def settings(self) -> Settings:
        """The settings of a scorer of this line."""
        return Settings(
            installation="simulation",
            kafka_url=self.kafka_url,
            clickhouse_url=self.clickhouse_url,
            topic_namespace=self.namespace,
            database_name=self.database,
        )

    def wire(self) -> Wire:
        """A wire of this line."""
        return Wire(self.kafka_url, "simulation", namespace=self.namespace)

    def sink(self) -> EngineSink:
        """A sink of this line."""
        return EngineSink(self.clickhouse_url, self.database)

    async def offsets(self) -> tuple[int, int]:
        """How many records the scorer has committed, and how many were published."""
        topics = [stored.topic for stored in STORED]
        return await offsets(self.kafka_url, self.namespace, GROUP, topics)

    async def letters(self) -> list[DeadLetter]:
        """The dead letters, once each."""
        letters = await read_whole(self.kafka_url, self.namespace, DEAD_LETTERS)
        return list({letter.event_id: letter for letter in letters}.values())

    async def stored(self, topic: str) -> list[Event]:
        """The rows of a topic's table, as events, repeats merged."""
        stored = next(each for each in STORED if each.topic.name == topic)
        return await read_back(self.engine, stored, stored.table, "FINAL")


async def read_back(engine: Any, stored: Stored, table: str, final: str = "") -> list[Event]:
    """The rows of a table, as events."""
    answer = await engine.raw_query(
        f"SELECT {', '.join(f'`{name}`' for name in stored.columns)} FROM {table} {final}",
        fmt="JSONEachRow",
        settings={"date_time_output_format": "iso", "output_format_json_quote_64bit_integers": 0},
    )
    return [stored.topic.event.read(line) for line in answer.splitlines()]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine(clickhouse_url: str, database: str) -> AsyncIterator[Engine]:
    """An engine with the tables and the territories of `months`, for the tests of one file."""
    await create_tables(clickhouse_url, database, Territories(TERRITORIES, ()))
    client = await connect(clickhouse_url, database)
    yield client
    await client.close()


@pytest.fixture
async def line(
    kafka_url: str, clickhouse_url: str, topic_prefix: str, database: str, request: Any
) -> AsyncIterator[Line]:
    """A line of the test's own: topics created, tables migrated."""
    name = f"{database}_{abs(hash(request.node.name)) % 10_000}"
    namespace = f"{topic_prefix.removesuffix('.')}-{abs(hash(request.node.name)) % 10_000}"
    topics = [*(stored.topic for stored in STORED), DEAD_LETTERS, ERASURES]
    await create_topics(kafka_url, namespace, topics)
    await create_tables(clickhouse_url, name, Territories([], []))
    engine = await connect(clickhouse_url, name)
    yield Line(kafka_url, clickhouse_url, namespace, name, engine)
    await engine.command(f"DROP DATABASE {name} SYNC")
    await engine.close()


@pytest.fixture
async def reading(line: Line) -> AsyncIterator[Callable[..., Awaitable[Intake]]]:
    """Start the intake of the line; it is stopped at the end."""
    started: list[tuple[Wire, EngineSink]] = []

    async def start(**settings: Any) -> Intake:
        wire, sink = line.wire(), line.sink()
        intake = Intake(wire, sink, **settings)
        intake.subscribe()
        await wire.start()
        started.append((wire, sink))
        return intake

    yield start
    for wire, sink in started:
        await wire.stop()
        await sink.close()
