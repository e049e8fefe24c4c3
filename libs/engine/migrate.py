"""Migrations: the database of an installation brought to the schema of `contracts/clickhouse`.

In this order, each step repeatable, so that a run cut short is simply run again:

1. the database and the table of migrations;
2. each migration not yet applied, then its line: killed between the two, it is applied again,
   which its `IF NOT EXISTS` allows;
3. the TTL of each table that ages, where it is not what the terms of the networks say now;
4. the territories, a year at a time, replaced whole;
5. the views, each after those that it reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from contracts.clickhouse import Migration, create_database, migrations, views
from contracts.networks import NETWORKS, Network
from contracts.territories import Territories, Territory
from libs.engine.client import Engine, connect
from libs.engine.insert import create_staging, drop, insert
from libs.retention import TABLES, ttl

log = structlog.get_logger(__name__)

APPLIED = """
CREATE TABLE IF NOT EXISTS migrations
(
    number UInt32,
    name String,
    sha256 String,
    applied_at DateTime DEFAULT now()
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY number
"""
STAGING = "territories_loading"


class EditedMigrationError(Exception):
    """A migration that was applied says something else now: add a new one instead."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a run did."""

    applied: tuple[str, ...]
    views: int
    territories: int


async def migrate(
    url: str, database: str, territories: Territories, *, replicated: bool = False
) -> Migrated:
    """Bring a database to the schema of this version; nothing to do is done quickly.

    Raises `EditedMigrationError`, and `clickhouse_connect`'s errors.
    """
    async with await connect(url) as server:
        await server.command(create_database(database, replicated=replicated))
    async with await connect(url, database) as client:
        applied = await apply(client, migrations(), replicated=replicated)
        await apply_terms(client)
        count = await load_territories(client, territories)
        views_ = views()
        for view in views_:
            await client.command(view.text)
    log.info("migrated", database=database, applied=applied, territories=count)
    return Migrated(tuple(applied), len(views_), count)


async def apply(
    client: Engine, wanted: Sequence[Migration], *, replicated: bool = False
) -> list[str]:
    """Apply the migrations that were not; return their names."""
    await client.command(Migration(0, "migrations", APPLIED).render(replicated=replicated))
    lines = await client.query("SELECT number, name, sha256 FROM migrations FINAL")
    known = {int(number): (str(name), str(digest)) for number, name, digest in lines.result_rows}
    done: list[str] = []
    for migration in wanted:
        line = (migration.name, migration.digests[int(replicated)].split()[0])
        if (earlier := known.get(migration.number)) is None:
            await client.command(migration.render(replicated=replicated))
            await client.query(
                "INSERT INTO migrations (number, name, sha256) SELECT"
                " {number:UInt32}, {name:String}, {sha256:String}",
                {"number": migration.number, "name": line[0], "sha256": line[1]},
            )
            done.append(migration.name)
        elif earlier != line:
            raise EditedMigrationError(
                f"{migration.name} was applied as {earlier[0]} with another text; "
                "migrations are never edited: add a new one"
            )
    return done


async def apply_terms(client: Engine, networks: Sequence[Network] = NETWORKS) -> list[str]:
    """Give each table that ages the TTL of `libs/retention.py`; return those that changed.

    What is already stored and too old then goes too, at the next merges.
    """
    found = await client.query(
        "SELECT name, extract(create_table_query, ' TTL (.+?)(?: SETTINGS |$)') FROM system.tables"
        " WHERE database = currentDatabase() AND has({tables:Array(String)}, name)",
        {"tables": sorted(TABLES)},
    )
    changed: list[str] = []
    for table, held in found.result_rows:
        wanted = ttl(str(table), networks) or ""
        if held != wanted:
            changes = f"MODIFY TTL {wanted}" if wanted else "REMOVE TTL"
            await client.command(f"ALTER TABLE {table} {changes}")
            changed.append(str(table))
    return sorted(changed)


async def load_territories(client: Engine, territories: Iterable[Territory]) -> int:
    """Replace the territories of the years that are given, each year at once; return how many."""
    years: defaultdict[int, list[dict[str, object]]] = defaultdict(list)
    for territory in territories:
        years[territory.year].append(territory_row(territory))
    await create_staging(client, STAGING, "territories")
    for year, rows in years.items():
        await insert(client, STAGING, rows)
        await client.command(f"ALTER TABLE territories REPLACE PARTITION {year} FROM {STAGING}")
    await drop(client, STAGING)
    return sum(len(rows) for rows in years.values())


def territory_row(territory: Territory) -> dict[str, object]:
    """Return the row of a territory: what the registry says, and what derives from it."""
    return {
        "year": territory.year,
        "code": territory.code,
        "name": territory.nom,
        "kind": territory.kind,
        "nature": territory.nature,
        "zone": territory.zone,
        "category": territory.category,
        "stratum": territory.stratum,
        "ranked": territory.ranked,
        "population": territory.population,
        "departement": territory.departement,
        "region": territory.region,
        "epci": territory.epci,
        "ept": territory.ept,
        "siren": territory.siren,
        "covered_by": territory.covered_by,
        "tourist": None,
        "origin": territory.origin,
    }


async def schema(client: Engine, database: str) -> str:
    """Return `SHOW CREATE` of every table, without the database's name: the golden schema."""
    tables = await client.query(
        "SELECT name FROM system.tables WHERE database = {database:String}"
        " AND engine NOT LIKE '%View' ORDER BY name",
        parameters={"database": database},
    )
    texts: list[str] = []
    for (name,) in tables.result_rows:
        shown = await client.query(f"SHOW CREATE TABLE {name}")
        texts.append(str(shown.result_rows[0][0]).replace(f"{database}.", ""))
    return "\n\n".join(f"{text};" for text in texts) + "\n"
