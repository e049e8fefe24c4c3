"""`observatoire contracts` writes what is generated; `observatoire topics` creates them."""

import asyncio
import json
import sys

import click

from contracts.backlog import StandsStill, wait_until_read
from contracts.generation import GENERATED, ROOT, breaking_changes, generated
from contracts.provision import create_topics


@click.group()
def contracts() -> None:
    """Write or check what is generated from the contracts."""


@contracts.command()
@click.option("--breaking", is_flag=True, help="Write even what breaks a version not yet released.")
def write(breaking: bool) -> None:
    """Write the generated files; refuses a change that breaks a version."""
    files = generated()
    for path, text in files.items():
        held = ROOT / path
        if path.parent == GENERATED / "schemas" and held.exists() and not breaking:
            found = breaking_changes(json.loads(held.read_text()), json.loads(text))
            if found:
                raise click.ClickException(
                    f"{path.stem}: {'; '.join(found)}. Within a version only optional fields are "
                    "added: make a second class and a second topic, or --breaking before a release."
                )
    for path, text in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
    click.echo(f"{len(files)} files written")


@contracts.command()
def check() -> None:
    """Fail when a generated file is not what the contracts say."""
    drifted = [
        str(path)
        for path, text in generated().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text() != text
    ]
    wanted = {path.name for path in generated() if path.parent == GENERATED / "schemas"}
    orphans = [
        str(path.relative_to(ROOT))
        for path in (ROOT / GENERATED / "schemas").glob("*.json")
        if path.name not in wanted
    ]
    for path in drifted:
        click.echo(f"{path}: not what the contracts say; run `make contracts`", err=True)
    for path in orphans:
        click.echo(f"{path}: no topic of that name; remove it", err=True)
    sys.exit(bool(drifted or orphans))


@click.group()
def topics() -> None:
    """Create the topics on the broker, wait until they are read."""


_kafka_url = click.option("--kafka-url", envvar="KAFKA_URL", required=True)
_installation = click.option(
    "--installation",
    envvar="OBSERVATOIRE_INSTALLATION",
    type=click.Choice(["live", "simulation"]),
    required=True,
    show_envvar=True,
)


@topics.command()
@_kafka_url
@_installation
@click.option("--replicas", default=1, show_default=True, help="Copies of each partition.")
def create(kafka_url: str, installation: str, replicas: int) -> None:
    """Create the topics that are missing, as the registry says."""
    created = asyncio.run(create_topics(kafka_url, installation, replicas=replicas))
    click.echo(f"{len(created)} topics created")


@topics.command()
@_kafka_url
@_installation
@click.option("--group", required=True, help="Who reads: scorer, alerts-deciders…")
def wait(kafka_url: str, installation: str, group: str) -> None:
    """Wait until a group has read all that is there now; fails when it reads no more."""
    try:
        asyncio.run(wait_until_read(kafka_url, f"{installation}.{group}"))
    except StandsStill as still:
        raise click.ClickException(f"{group}: {still}") from still
    click.echo(f"{group} has read all of it")
