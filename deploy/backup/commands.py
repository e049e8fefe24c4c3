"""`observatoire backup`, `restore`, `rebuild`."""

import asyncio
import sys

import click


@click.command()
@click.argument("place")
def backup(place: str) -> None:
    """Write a backup of the installation, which may go on running, to PLACE.

    PLACE is a folder of its own, or `s3://BUCKET/FOLDER` (credentials by AWS_… variables). It holds
    the accounts and watches (people's addresses among them), the engine's tables, and the topics:
    no texts, which may not be kept so long. Nothing is written over another backup.
    """
    from deploy.backup.backup import take
    from deploy.backup.place import Damaged, Place
    from libs.settings import Settings

    settings = Settings()
    settings.require_given("kafka_url", "clickhouse_url", "database_url")
    try:
        asyncio.run(take(settings, Place(place), click.echo))
    except (Damaged, OSError) as error:
        raise click.ClickException(f"no backup was made: {error}") from error
    click.echo(f"backup written to {place}")


@click.command()
@click.argument("place")
@click.option(
    "--replicas",
    envvar="OBSERVATOIRE_TOPIC_REPLICAS",
    default=1,
    show_default=True,
    help="Copies of each partition of the topics that it creates.",
)
@click.option(
    "--state", "state_alone", is_flag=True, help="Fill the database alone: to move to PostgreSQL."
)
def restore(place: str, replicas: int, state_alone: bool) -> None:
    """Fill an empty database, an empty engine and an empty broker from the backup at PLACE.

    Its files are checked before anything is changed. Start no service before it has ended; then
    the scorer reads what came after the tables were kept, and `observatoire rebuild --months`
    compares every published month with its hash.
    """
    from deploy.backup.backup import put_back
    from deploy.backup.place import Damaged, Place
    from libs.settings import Settings

    settings = Settings()
    others = () if state_alone else ("kafka_url", "clickhouse_url")
    settings.require_given("database_url", *others)
    done = put_back(settings, Place(place), click.echo, replicas=replicas, state_alone=state_alone)
    try:
        asyncio.run(done)
    except (Damaged, OSError) as error:
        raise click.ClickException(str(error)) from error
    if state_alone:
        click.echo("the state is restored, nothing else was touched; start the api")
        return
    click.echo("restored; start the services, then: observatoire rebuild --months")


@click.command()
@click.option("--tables", is_flag=True, help="Have the scorer read its topics again.")
@click.option("--hours", type=float, help="With --tables: the records of so many hours only.")
@click.option("--months", is_flag=True, help="Compute published months again, and compare.")
def rebuild(tables: bool, hours: float | None, months: bool) -> None:
    """Make the engine's tables from the topics again, or check that months are what was published.

    Nobody is told of a month computed again. Ends with 1 where one is no longer what was published:
    a provisional month is a new revision then, a final one stays as it was.
    """
    from deploy.backup.rebuild import Refused, months_again, read_again
    from libs.settings import Settings

    if tables == months:
        raise click.UsageError("say --tables (scorer stopped) or --months (scorer has read all)")
    settings = Settings()
    if tables:
        try:
            count = asyncio.run(read_again(settings, hours))
        except Refused as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{count} records to read again: start the scorer")
        return

    async def compare() -> int:
        different = 0
        async for month in months_again(settings):
            different += not month.same
            said = "as published" if month.same else f"{month.computed or 'would change'}: DIFFERS"
            click.echo(f"{month.period} {month.published} {said}")
        return different

    different = asyncio.run(compare())
    click.echo(f"{different} months differ")
    sys.exit(different > 0)
