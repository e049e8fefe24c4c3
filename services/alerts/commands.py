"""The commands of the alert service."""

import asyncio
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from libs.loading import loading
from libs.settings import Settings
from services.alerts import PARTS


@click.group()
def alerts() -> None:
    """Match what is said with the watches, decide, deliver."""


@alerts.command("run")
@click.option(
    "--session-timeout-ms",
    type=click.IntRange(1_000, 300_000),
    default=10_000,
    show_default=True,
    help="How long a dead instance keeps its share of the work.",
)
@click.option(
    "--part",
    "parts",
    type=click.Choice(PARTS),
    multiple=True,
    help="Run this part only; all of them when not given.",
)
def run_alerts(session_timeout_ms: int, parts: tuple[str, ...]) -> None:
    """Run matchers, deciders and couriers until SIGTERM."""
    with loading():
        from libs.process import run
        from services.alerts.app import build

    settings = Settings()
    settings.require_given("kafka_url", "portal_url")
    make = partial(build, settings, parts=parts or PARTS, session_timeout_ms=session_timeout_ms)
    run(make, settings)


@click.group()
def channels() -> None:
    """Try a channel."""


@channels.command("test")
@click.argument("address")
def test_channel(address: str) -> None:
    """Send one message, marked as a test, to ADDRESS (mailto:…, slack://…), as alerts would go.

    Ends with 1 where the other side does not take it; the secret of an address is never printed.
    """
    from services.alerts.delivery.trial import try_channel

    outcome = asyncio.run(try_channel(Settings(), address))
    if outcome.why is not None:
        raise click.ClickException(f"{outcome.shown}: not delivered: {outcome.why}")
    click.echo(f"{outcome.shown}: accepted; look whether it arrived")


@alerts.command("keys")
def make_keys() -> None:
    """Print a new pair of keys by which recipients are sealed on topics: nothing is kept.

    The public one is the api's. The private one is the alerts', before older ones.
    """
    from libs.sealing import new_pair

    private, public = new_pair()
    click.echo(f"OBSERVATOIRE_RECIPIENTS_PUBLIC_KEY={public}")
    click.echo(f'OBSERVATOIRE_RECIPIENTS_PRIVATE_KEYS=["{private}"]')


@alerts.command("preview")
@click.argument("watch_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("records_file", type=click.File("rb"), default="-")
def preview_watch(watch_file: Path, records_file: BinaryIO) -> None:
    """Say what a watch would have told.

    WATCH_FILE is the watch, as JSON of `watches.v1`; RECORDS_FILE has one JSON of
    `mentions.observed.v1` a line, in any order (standard input by default).
    """
    from contracts.mentions import MentionObserved
    from contracts.territories import Territories
    from contracts.watches import Watched
    from libs.deciding.preview import preview
    from libs.deciding.said import Said
    from libs.french import number

    watch = Watched.read(watch_file.read_bytes())
    place = Territories.load(Settings().territories_file).name_of(watch.territory)
    said = [Said.by_others(MentionObserved.read(line)) for line in records_file if line.strip()]
    found = preview(watch, said, place)
    click.echo(
        f"{number(found.texts)} textes lus, {number(len(found.found))} concernent la veille, "
        f"{number(len(found.alerts))} alertes auraient été envoyées."
    )
    for alert in found.alerts:
        click.echo(f"  {alert.raised_at:%Y-%m-%d %H:%M:%S} UTC  {alert.title}")
    for reason, count in found.silences.most_common():
        click.echo(f"  {number(count)} fois rien : {reason.words}")
