"""What the terms of networks make of the tables: rows go by themselves when their time comes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.mentions import MentionMatched, MentionObserved
from contracts.networks import BY_SLUG, NETWORKS
from contracts.posts import TextObserved
from contracts.territories import Territories
from libs.engine.client import Engine, connect
from libs.engine.insert import insert
from libs.engine.migrate import apply_terms
from libs.retention import MARGIN_DAYS, NO_FIGURES, OUTCOME_DAYS, TABLES, TEXT_DAYS, ttl
from services.api.figures.views import ACCOUNT_OBSERVATIONS, ACCOUNT_POSTS, ACCOUNT_READINGS
from tests.events import row
from tests.scorer.months import Book
from tests.scorer.test_views import ended
from tests.tables import create_tables

NOW = datetime.now(UTC)
FRESH, OLD = NOW - timedelta(days=20), NOW - timedelta(days=31)


@pytest.fixture(scope="module")
def tables(clickhouse_url: str, database: str) -> None:
    asyncio.run(create_tables(clickhouse_url, database, Territories((), ())))


@pytest.fixture
async def engine(clickhouse_url: str, database: str, tables: None) -> AsyncIterator[Engine]:
    client = await connect(clickhouse_url, database)
    yield client
    await client.close()


async def rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in (await engine.query(sql)).result_rows]


async def merged(engine: Engine, table: str) -> None:
    """Merge now what the engine merges by itself within hours."""
    await engine.command(f"OPTIMIZE TABLE {table} FINAL")


def book() -> Book:
    told = Book()
    for network in ("youtube", "instagram"):
        for at in (FRESH, OLD):
            for origin in ("live", "simulation"):
                fields = {"network": network, "origin": origin}
                told.measured(f"{network} {at == OLD}", at, 100, **fields)
                told.read(f"{network} {at == OLD}", f"{origin}", at, timedelta(0), **fields)
    return told


@pytest.mark.engine
@pytest.mark.parametrize(
    "table", ["account_observations", "latest_observations", "post_observations"]
)
async def test_a_row_goes_when_its_network_wants_it_gone(engine, table):
    for name, lines in book().rows.items():
        await insert(engine, name, lines)
    await merged(engine, table)
    kept = f"SELECT DISTINCT network, account LIKE '% 1' OR account LIKE '% True' FROM {table}"
    assert sorted(await rows(engine, f"{kept} WHERE origin = 'live'")) == [
        ("instagram", 0),
        ("instagram", 1),
        ("youtube", 0),
    ]
    assert len(await rows(engine, f"{kept} WHERE origin = 'simulation'")) == 4


@pytest.mark.engine
@pytest.mark.parametrize(
    ("table", "event", "known_by"),
    [
        ("post_texts", TextObserved, "post"),
        ("mentions", MentionObserved, "mention"),
        ("matches", MentionMatched, "subject"),
    ],
)
async def test_what_others_say_goes_after_thirty_days(engine, table, event, known_by):
    kept, gone = NOW - timedelta(days=TEXT_DAYS - 1), NOW - timedelta(days=TEXT_DAYS + 1)
    for origin in ("live", "simulation"):
        for number, at in enumerate((kept, gone)):
            name = f"{origin} {number}"
            told = {"origin": origin, "event_id": name, known_by: name, "observed_at": at}
            await insert(engine, table, [row(event, **told)])
    await merged(engine, table)
    assert await rows(engine, f"SELECT event_id FROM {table} ORDER BY event_id") == [
        ("live 0",), ("simulation 0",), ("simulation 1",)
    ]  # fmt: skip


@pytest.mark.engine
@pytest.mark.parametrize("view", [ACCOUNT_OBSERVATIONS, ACCOUNT_POSTS, ACCOUNT_READINGS])
async def test_no_file_nor_list_of_an_account_goes_back_beyond_its_terms(engine, view):
    for name, lines in book().rows.items():
        await engine.command(f"TRUNCATE TABLE {name}")  # what another test left
        await insert(engine, name, [line for line in lines if line["origin"] == "live"])
        await merged(engine, name)
    for network, old in (("youtube", 0), ("instagram", 1)):
        for account, count in ((f"{network} False", 1), (f"{network} True", old)):
            asked = {"account": account, "date_from": "2000-01-01", "date_to": "2099-12-31"}
            found = await engine.query(view.sql, parameters=asked)
            assert len(found.result_rows) == count, account


@pytest.mark.engine
async def test_how_jobs_ended_is_kept_sixty_days(engine):
    ages = (20, OUTCOME_DAYS - 1, OUTCOME_DAYS + 1)
    lines = [
        ended(number, NOW - timedelta(days=age), f"a{age}", origin="live", network="instagram")
        for number, age in enumerate(ages)
    ]
    await insert(engine, "collect_outcomes", lines)
    for table, name in (("collect_outcomes", "subject"), ("outcomes_by_account", "account")):
        await merged(engine, table)
        assert await rows(engine, f"SELECT {name} FROM {table} ORDER BY 1") == [("a20",), ("a59",)]


@pytest.mark.engine
async def test_a_term_that_changes_reaches_what_is_stored(engine):
    assert await apply_terms(engine) == []
    await insert(engine, "account_observations", book().rows["account_observations"])
    stricter = [replace(BY_SLUG["instagram"], retention_days=15), BY_SLUG["youtube"]]
    assert set(await apply_terms(engine, stricter)) == set(TABLES)
    await merged(engine, "account_observations")
    live = "SELECT DISTINCT network FROM account_observations WHERE origin = 'live'"
    assert await rows(engine, live) == [("youtube",)]
    await apply_terms(engine, [])
    assert "TTL" not in str(await rows(engine, "SHOW CREATE TABLE account_observations"))
    assert await apply_terms(engine) != []


@pytest.mark.engine
async def test_every_table_with_a_network_has_a_term_or_a_reason(engine):
    found = await rows(
        engine,
        "SELECT DISTINCT table FROM system.columns AS c JOIN system.tables AS t"
        " ON t.database = c.database AND t.name = c.table"
        " WHERE c.database = currentDatabase() AND c.name = 'network'"
        " AND t.engine LIKE '%MergeTree'",
    )
    assert {table for (table,) in found} == {*TABLES, *NO_FIGURES}


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.slug)
@pytest.mark.parametrize("table", TABLES)
def test_the_shorter_of_two_terms_holds(table, network):
    told = ttl(table) or ""
    days = TABLES[table].days
    term = network.retention_days and network.retention_days - MARGIN_DAYS
    alone = bool(term) and (days is None or term < days)
    assert (f"'{network.slug}'" in told) == alone
    assert (f"toIntervalDay({days}) WHERE origin" in told) == (days is not None)
    assert TEXT_DAYS <= 30
