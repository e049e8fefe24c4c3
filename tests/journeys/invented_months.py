"""Months of the invented France through the real registry, broker, intake and engine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.asyncclient import AsyncClient

from contracts.accounts import AccountObserved, AccountRegistered
from contracts.posts import PostObserved
from contracts.territories import Territories
from contracts.topics import ACCOUNTS_OBSERVED, ACCOUNTS_REGISTERED, POSTS_OBSERVED, Topic
from libs.clock import SteppedClock
from libs.settings import Settings
from libs.verify import Place
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.api.census.address_file import import_addresses
from services.api.store import Store
from services.api.store.relay.outbox import Relay
from services.scorer import app as scorer
from simulation.commands import STILL_READ
from simulation.country.days import moment_of
from simulation.country.world import SEED, World
from simulation.history.export import export_world
from simulation.history.history import Plan
from simulation.history.writing import write_history
from tests.tables import create_tables
from tests.topics import read_whole


@dataclass(frozen=True, slots=True)
class Events:
    """The raw events as they stand on the broker, repeats included."""

    accounts: list[AccountRegistered]
    observed: list[AccountObserved]
    posts: list[PostObserved]


@dataclass(slots=True)
class Months:
    """A world whose past was written to the broker and taken in by the scorer."""

    settings: Settings
    territories: Territories
    clock: SteppedClock
    wire: Wire

    async def events(self) -> Events:
        """Read everything back from the broker, with pydantic."""
        return Events(
            await self.read(ACCOUNTS_REGISTERED),
            await self.read(ACCOUNTS_OBSERVED),
            await self.read(POSTS_OBSERVED),
        )

    async def read(self, topic: Topic) -> list[Any]:
        """Return what was published to a topic."""
        return await read_whole(self.settings.kafka_url, self.settings.namespace, topic)

    def places(self) -> dict[str, Place]:
        """Return what the methodology needs of each territory."""
        return {
            t.code: Place(t.population, t.category.value, t.stratum, t.ranked)
            for t in self.territories
        }


@asynccontextmanager
async def written_months(
    kafka_url: str,
    clickhouse_url: str,
    folder: Path,
    name: str,
    *,
    territories: int,
    since: str,
    until_day: str,
    thin: bool = False,
) -> AsyncGenerator[Months, None]:
    """Write a world's past to the broker and take it in; the clock stands at its end.

    With ``thin``, what is older than eight days is read less often, as a demonstration has it.
    """
    export_world(World(SEED, territories), folder, moment_of(until_day))
    settings = Settings(
        installation="simulation", kafka_url=kafka_url, clickhouse_url=clickhouse_url,
        topic_namespace=name, database_name=name.replace("-", "_"),
        territories_file=folder / "territories.jsonl.gz",
    )  # fmt: skip
    known = Territories.load(settings.territories_file)
    clock, of_the_scorer = (
        SteppedClock(datetime.fromtimestamp(moment_of(until_day), UTC)) for _ in range(2)
    )  # two: the scorer, for which no time passes, computes no month beside those of a test
    await create_topics(kafka_url, name)
    await create_tables(clickhouse_url, settings.database, known)
    wire = Wire(kafka_url, "simulation", namespace=name)
    intake = scorer.build(settings, broker=wire, clock=of_the_scorer)
    await intake.start()
    try:
        await _register(settings, known, clock, wire, folder)
        end = moment_of(until_day)
        plan = Plan(moment_of(since), end, end - STILL_READ if thin else 0)
        await write_history(
            World(SEED, territories),
            plan,
            kafka_url,
            now=datetime.now(UTC).timestamp,
            namespace=name,
        )
        months = Months(settings, known, clock, wire)
        await _taken_in(months)
        yield months
    finally:
        await intake.stop()


async def _register(
    settings: Settings, known: Territories, clock: SteppedClock, wire: Wire, folder: Path
) -> None:
    store = Store(f"sqlite:///{folder / 'store.db'}", origin="simulation", now=clock.now)
    store.migrate()
    lines = (folder / "accounts.jsonl").read_bytes().splitlines()
    import_addresses(store, lines, known, reference="accounts.jsonl")
    await Relay(store, wire).drain()
    store.close()


async def _taken_in(months: Months) -> None:
    """Wait until the tables hold every distinct event of the broker."""
    client = await clickhouse_connect.get_async_client(
        dsn=f"{months.settings.clickhouse_url}/{months.settings.database}"
    )
    events = await months.events()
    wanted = {
        "accounts": len({e.account for e in events.accounts}),
        "account_observations": len({e.event_id for e in events.observed}),
        "post_observations": len({e.event_id for e in events.posts}),
    }
    try:
        await _until_held(client, wanted)
    finally:
        await client.close()


async def _until_held(client: AsyncClient, wanted: dict[str, int]) -> None:
    key = {"accounts": "account"}
    held: dict[str, int] = {}
    for _ in range(600):
        for table in wanted:
            answer = await client.query(
                f"SELECT uniqExact({key.get(table, 'event_id')}) FROM {table}"
            )
            held[table] = answer.result_rows[0][0]
        if held == wanted:
            return
    raise TimeoutError(f"taken in {held}, on the broker {wanted}")
