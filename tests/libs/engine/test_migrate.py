import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from contracts.clickhouse import (
    MACRO,
    SCHEMA,
    SHIPPED,
    View,
    create_database,
    in_order,
    migrations,
    views,
)
from contracts.territories import Kind, Territories, Territory, Zone
from libs.engine.client import Engine, connect
from libs.engine.migrate import EditedMigrationError, apply, load_territories, migrate, schema
from tests.tables import create_tables

MIGRATIONS = migrations()


def some_territories(*names: str, year: int = 2025) -> list[Territory]:
    return [
        Territory(
            code=f"00{number:03}", nom=name, kind=Kind.COMMUNE, year=year, population=1_000 + number
        )
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda migration: migration.name)
def test_what_has_shipped_is_never_edited(migration):
    shipped = SHIPPED.read_text().splitlines()
    for line in migration.digests:
        assert line in shipped, (
            f"{migration.name} is new or edited; if it is new: "
            "observatoire engine shipped > contracts/clickhouse/shipped.sha256"
        )


def test_no_migration_has_gone():
    assert len(SHIPPED.read_text().splitlines()) == 2 * len(MIGRATIONS)


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda migration: migration.name)
def test_a_migration_is_one_statement_that_may_be_repeated(migration):
    code = re.sub(r"--[^\n]*|'[^']*'", "", migration.text)
    statement = code.strip().removesuffix(";")
    assert ";" not in statement
    # Rows that are filled in again replace themselves (see the next test).
    repeatable = r"\bIF (NOT )?EXISTS\b|^INSERT INTO|^ALTER TABLE \w+\s+(MATERIALIZE|MODIFY) COLUMN"
    again = r"|^ALTER TABLE \w+\s+(MATERIALIZE PROJECTION|MODIFY QUERY)"
    assert re.search(repeatable + again, statement)


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda migration: migration.name)
def test_the_macro_makes_one_file_serve_a_node_and_a_cluster(migration):
    if migration.table is None:
        pytest.skip("creates no table")
    assert migration.text.count(MACRO) == 1
    node, cluster = migration.render(replicated=False), migration.render(replicated=True)
    assert re.search(r"^ENGINE = \w*MergeTree\b", node, re.MULTILINE)
    assert cluster == node.replace("ENGINE = ", "ENGINE = Replicated")


def test_no_view_keeps_a_running_sum():
    """What is inserted twice counts once: a view that follows inserts only copies rows."""
    replacing = {m.table for m in MIGRATIONS if "ReplacingMergeTree" in m.text}
    for migration in MIGRATIONS:
        assert not re.search(r"(Summing|Aggregating)MergeTree", migration.text)
        code = re.sub(r"--[^\n]*", "", migration.text)
        if written := re.search(
            r"(?:MATERIALIZED VIEW .* TO|^INSERT INTO) (\w+)", code, re.MULTILINE
        ):
            assert written[1] in replacing
            assert not re.search(r"\b(count|sum|GROUP BY)\b", code, re.IGNORECASE)


def test_views_come_after_those_that_they_read():
    found = [View("a", "SELECT * FROM b"), View("b", "SELECT 1 -- not a"), View("c", "FROM a, b")]
    assert [view.name for view in in_order(found)] == ["b", "a", "c"]
    assert [view.name for view in in_order(reversed(found))] == ["b", "a", "c"]


def test_a_database_of_a_cluster_carries_statements_to_its_replicas():
    assert create_database("d", replicated=False).endswith("ENGINE = Atomic")
    assert "Replicated('/clickhouse/databases/d', '{shard}', '{replica}')" in create_database(
        "d", replicated=True
    )


@pytest.fixture
async def client(clickhouse_url: str, database: str) -> AsyncIterator[Engine]:
    await migrate(clickhouse_url, database, some_territories("Essai-sur-Onde"))
    connected = await connect(clickhouse_url, database)
    yield connected
    await connected.close()


@pytest.mark.engine
async def test_the_golden_schema_is_what_the_engine_makes_of_the_migrations(client, database):
    made = await schema(client, database)
    assert made == SCHEMA.read_text(), (
        "if the change is meant: observatoire engine schema > contracts/clickhouse/schema.sql"
    )


@pytest.mark.engine
async def test_migrating_again_does_nothing(clickhouse_url, database, client):
    done = await migrate(clickhouse_url, database, some_territories("Essai-sur-Onde"))
    assert done.applied == ()
    assert done.views == len(views())


@pytest.mark.engine
async def test_an_edited_migration_is_refused(client):
    first = MIGRATIONS[0]
    edited = replace(first, text=first.text.replace("year UInt16", "year UInt32"))
    with pytest.raises(EditedMigrationError, match="0001_territories"):
        await apply(client, [edited])


@pytest.mark.engine
async def test_territories_are_replaced_a_year_at_once(client):
    async def names(year: int) -> list[str]:
        found = await client.query(f"SELECT name FROM territories WHERE year = {year} ORDER BY 1")
        return [row[0] for row in found.result_rows]

    await load_territories(client, some_territories("Clairmesure", "Port-Mirage", year=2024))
    await load_territories(client, some_territories("Port-Mirage-Nouveau", year=2025))
    assert await names(2024) == ["Clairmesure", "Port-Mirage"]
    assert await names(2025) == ["Port-Mirage-Nouveau"]


@pytest.mark.engine
async def test_a_territory_keeps_what_is_null_and_what_derives(client):
    away = Territory(code="00990", nom="Îles", kind=Kind.COM, year=2023, zone=Zone.COM)
    await load_territories(client, [away, *some_territories("Essai", year=2023)])
    rows = await client.query(
        "SELECT name, population, stratum, category, ranked, tourist FROM territories"
        " WHERE year = 2023 ORDER BY name"
    )
    assert rows.result_rows == [
        ("Essai", 1000, "1000-1999", "villages", True, None),
        ("Îles", None, None, "autres", False, None),
    ]


@pytest.mark.engine
async def test_the_whole_registry_loads(clickhouse_url, database):
    registry = Territories.load()
    done = await migrate(clickhouse_url, f"{database}_registry", registry)
    assert done.territories == len(registry)
    connected = await connect(clickhouse_url, f"{database}_registry")
    stored = await connected.query(
        "SELECT count(), uniqExact(code), sum(population) FROM territories"
    )
    assert stored.result_rows == [
        (len(registry), len(registry), sum(row.population or 0 for row in registry))
    ]
    await connected.command(f"DROP DATABASE {database}_registry SYNC")
    await connected.close()


async def test_tests_are_given_the_tables_that_migrations_make(clickhouse_url, database):
    made, given = f"{database}_made", f"{database}_given"
    await migrate(clickhouse_url, made, Territories((), ()))
    await create_tables(clickhouse_url, given, Territories((), ()))
    async with await connect(clickhouse_url, made) as one:
        wanted = await whole(one, made)
    async with await connect(clickhouse_url, given) as one:
        assert await whole(one, given) == wanted


async def whole(client: Engine, database: str) -> dict[str, str]:
    """Each table and view of a database, and what makes it."""
    found = await client.query(
        "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()"
    )
    return {name: text.replace(f"{database}.", "") for name, text in found.result_rows}
