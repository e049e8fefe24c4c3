"""`observatoire groups`: who reads the topics, and how far behind."""

import asyncio
import sys

import click

from libs.settings import Settings


@click.command()
def groups() -> None:
    """Print each group of readers: state, members, records that wait, topics.

    Ends with 1 where records wait for a group that nobody is in.
    """
    from services.api.operations.broker import backlog_of

    settings = Settings()
    found = asyncio.run(backlog_of(settings.kafka_url, settings.namespace))
    for one in found.groups:
        topics = ", ".join(name.removeprefix(f"{settings.namespace}.") for name in one.topics)
        click.echo(f"{one.name}\t{one.state}\t{one.members} members\t{one.lag} waiting\t{topics}")
    click.echo(f"{len(found.groups)} groups, {found.dead_letters} dead letters")
    sys.exit(any(one.lag and not one.running for one in found.groups))
