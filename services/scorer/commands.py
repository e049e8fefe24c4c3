"""The commands of the scorer: its process, the engine's schema, dead letters, scores."""

import asyncio
import sys
from collections import Counter

import click

from contracts.clickhouse import migrations
from contracts.territories import Territories
from libs.engine.client import connect
from libs.engine.migrate import migrate as migrate_database
from libs.engine.migrate import schema as schema_of
from libs.process import log_as_json, run
from libs.settings import Settings
from services.scorer.app import build, tune_gc
from services.scorer.intake.replay import MOST_REPLAYS, DeadLetters


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
        async with await connect(settings.clickhouse_url, settings.database) as client:
            return await schema_of(client, settings.database)

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
    settings.require_given("kafka_url", "clickhouse_url")
    tune_gc()
    run(lambda: build(settings), settings)


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at records that could not be used, and give them back."""


TOPIC = click.option("--topic", help="Only those of one topic, such as posts.observed.v1.")


@dead_letters.command("list")
@TOPIC
@click.option("--limit", default=20, show_default=True, help="How many are shown; all are counted.")
def list_letters(topic: str | None, limit: int) -> None:
    """Show the dead letters: where they stood, who refused them, why, how often they came back."""
    settings = Settings()

    async def show() -> None:
        counts: Counter[tuple[str, str]] = Counter()
        async for letter in DeadLetters(settings.kafka_url, settings.namespace, topic).list():
            counts[letter.topic, letter.consumer] += 1
            if counts.total() <= limit:
                click.echo(
                    f"{letter.failed_at:%Y-%m-%d %H:%M:%S}  "
                    f"{letter.topic}/{letter.partition}/{letter.offset}  {letter.consumer}  "
                    f"replays: {letter.replays}  {letter.reason}"
                )
        for (origin, consumer), count in sorted(counts.items()):
            click.echo(f"{origin}: {count} refused by {consumer}")
        click.echo(f"{counts.total()} dead letters")

    asyncio.run(show())


@dead_letters.command()
@TOPIC
@click.option("--dry-run", is_flag=True, help="Count, and give nothing back.")
def replay(topic: str | None, dry_run: bool) -> None:
    """Give the dead letters not yet replayed back to the topics that they came from."""
    settings = Settings()
    letters = DeadLetters(settings.kafka_url, settings.namespace, topic)
    done = asyncio.run(letters.replay(dry_run=dry_run))
    for origin, count in sorted(done.replayed.items()):
        click.echo(f"{origin}: {count} {'would be replayed' if dry_run else 'replayed'}")
    for origin, count in sorted(done.given_up.items()):
        click.echo(
            f"{origin}: {count} given up: refused after {MOST_REPLAYS} replays, or too large"
        )
    click.echo(
        f"{done.replayed.total()} replayed, {done.given_up.total()} given up, "
        f"{done.repeated} repeated, {len(done.unreadable)} unreadable"
    )
