"""The commands of the scorer: its process, the engine's schema.

Clients are slow to load: each command imports what it uses.
"""

import asyncio
import sys

import click

from libs.loading import loading
from libs.settings import Settings


@click.group()
def engine() -> None:
    """Bring ClickHouse to the schema of this version."""


@engine.command()
def migrate() -> None:
    """Create the database, apply the migrations, load the territories, write the views."""
    from contracts.territories import Territories
    from libs.engine.migrate import migrate as migrate_database
    from libs.process import log_as_json

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
    from libs.engine.client import connect
    from libs.engine.migrate import schema as schema_of

    settings = Settings()

    async def read() -> str:
        async with await connect(settings.clickhouse_url, settings.database) as client:
            return await schema_of(client, settings.database)

    sys.stdout.write(asyncio.run(read()))


@engine.command()
def shipped() -> None:
    """Print the digests of the migrations (contracts/clickhouse/shipped.sha256)."""
    from contracts.clickhouse import migrations

    for migration in migrations():
        for line in migration.digests:
            click.echo(line)


@click.group()
def scorer() -> None:
    """Run the scorer."""


@scorer.command("run")
def run_scorer() -> None:
    """Store what travels, and compute what is due, until SIGTERM."""
    with loading():
        from libs.process import run
        from services.scorer.app import build, tune_gc

    settings = Settings()
    settings.require_given("kafka_url", "clickhouse_url")
    tune_gc()
    run(lambda: build(settings), settings)
