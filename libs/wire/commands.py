"""`observatoire topics`: create the topics on the broker, wait until they are read, look at one.

The broker's client is slow to load: each command imports what it uses.
"""

import asyncio
from datetime import UTC, datetime

import click


@click.group()
def topics() -> None:
    """Create the topics on the broker, wait until they are read, look at one."""


_kafka_url = click.option("--kafka-url", envvar="KAFKA_URL", required=True)
_installation = click.option(
    "--installation",
    envvar="OBSERVATOIRE_INSTALLATION",
    type=click.Choice(["live", "simulation"]),
    required=True,
    show_envvar=True,
)
_namespace = click.option(
    "--namespace",
    envvar="OBSERVATOIRE_TOPIC_NAMESPACE",
    help="First word of the names on the broker, in place of the installation.",
)


@topics.command()
@_kafka_url
@_installation
@_namespace
@click.option(
    "--replicas",
    envvar="OBSERVATOIRE_TOPIC_REPLICAS",
    default=1,
    show_default=True,
    help="Copies of each partition: 1 on one machine, 3 (two of them in step) on several.",
)
def create(kafka_url: str, installation: str, namespace: str | None, replicas: int) -> None:
    """Create the topics that are missing, as the registry says."""
    from libs.wire.provision import create_topics

    created = asyncio.run(create_topics(kafka_url, namespace or installation, replicas=replicas))
    click.echo(f"{len(created)} topics created")


@topics.command()
@_kafka_url
@_installation
@_namespace
@click.option("--group", required=True, help="Who reads: scorer, alerts-deciders…")
def wait(kafka_url: str, installation: str, namespace: str | None, group: str) -> None:
    """Wait until a group has read all that is there now; fails when it reads no more."""
    from libs.wire.waiting import StandsStill, wait_until_read

    try:
        asyncio.run(wait_until_read(kafka_url, f"{namespace or installation}.{group}"))
    except StandsStill as still:
        raise click.ClickException(f"{group}: {still}") from still
    click.echo(f"{group} has read all of it")


@topics.command()
@_kafka_url
@_installation
@_namespace
@click.argument("topic")
@click.option("--last", default=10, show_default=True, help="How many records at most.")
def show(kafka_url: str, installation: str, namespace: str | None, topic: str, last: int) -> None:
    """Print the newest records of a topic: where, published when (UTC), key, value."""
    from contracts.topics import BY_NAME
    from libs.wire.backends.kafka import KafkaLog
    from libs.wire.read_to_end import newest, partitions_of

    declared = BY_NAME.get(topic)
    if declared is None:
        raise click.ClickException(f"no topic {topic}; there are: {', '.join(sorted(BY_NAME))}")
    places = partitions_of(declared, namespace or installation)
    for place, record in asyncio.run(newest(KafkaLog(kafka_url), places, last)):
        at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        key, value = (
            (part or b"-").decode(errors="replace") for part in (record.key, record.value)
        )
        click.echo(f"{place.topic}/{place.partition}/{record.offset}  {at:%F %T}  {key}  {value}")
