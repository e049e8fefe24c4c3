"""The commands of the scorer: its process, the engine's schema, dead letters, scores."""

import asyncio
import sys

import click

from contracts.clickhouse import migrations
from contracts.territories import Territories
from services.process import Settings, log_as_json, run
from services.scorer.app import build
from services.scorer.migrate import migrate as migrate_database
from services.scorer.migrate import schema as schema_of
from services.scorer.sink import connect


@click.group()
def engine() -> None:
    """Bring ClickHouse to the schema of this version."""


@engine.command()
def migrate() -> None:
    """Create the database, apply the migrations, load the territories, write the views."""
    settings = Settings()
    log_as_json(settings.log_level)
    territories = Territories.load(settings.territories_file)
    done = asyncio.run(
        migrate_database(
            settings.clickhouse_url,
            settings.database,
            territories,
            replicated=settings.clickhouse_cluster,
        )
    )
    click.echo(
        f"{settings.database}: {len(done.applied)} migrations applied, {done.views} views, "
        f"{done.territories} territories"
    )


@engine.command()
def schema() -> None:
    """Print what the engine made of the migrations (contracts/clickhouse/schema.sql)."""
    settings = Settings()

    async def read() -> str:
        client = await connect(settings.clickhouse_url, settings.database)
        try:
            return await schema_of(client, settings.database)
        finally:
            await client.close()

    sys.stdout.write(asyncio.run(read()))


@engine.command()
def shipped() -> None:
    """Print the digests of the migrations (contracts/clickhouse/shipped.sha256)."""
    for migration in migrations():
        for line in migration.digests:
            click.echo(line)


@click.group()
def scorer() -> None:
    """Run the scorer."""


@scorer.command("run")
def run_scorer() -> None:
    """Store what travels, and compute what is due, until SIGTERM."""
    settings = Settings()
    run(lambda: build(settings), settings)
