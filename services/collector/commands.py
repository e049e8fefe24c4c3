"""`collector run` runs the service, `collector plan` says what it asks and costs.

`collect account` looks once, `live check` looks at every network. Clients and readers are slow to
load: each command imports what it uses.
"""

import asyncio
import os
import sys

import click

from contracts.addresses import Identity, Refused, read_address
from contracts.networks import BY_SLUG, NETWORKS
from libs.loading import loading
from libs.settings import Settings
from services.collector import PARTS


def _runnable(
    _context: click.Context, _option: click.Parameter, parts: tuple[str, ...]
) -> tuple[str, ...]:
    """Refuse parts that would wait for ever: streams are followed by the process that leads."""
    if "streams" in parts and "scheduler" not in parts:
        raise click.BadParameter("streams are followed by who leads: add --part scheduler")
    return parts


@click.group()
def collector() -> None:
    """Run the collector."""


@collector.command("run")
@click.option(
    "--part",
    "parts",
    type=click.Choice(PARTS),
    multiple=True,
    callback=_runnable,
    help="Run this part only; all of them when not given.",
)
def run_collector(parts: tuple[str, ...]) -> None:
    """Run scheduler, workers and streams until stopped."""
    with loading():
        from libs.process import run
        from services.collector.app import build

    settings = Settings()
    settings.require_given("kafka_url")
    run(lambda: build(settings, parts=parts or PARTS), settings)


@collector.command()
def plan() -> None:
    """Say of each network what the registry as it is asks a day, what is covered, and its cost.

    Of the accounts on the broker and the credentials of these settings; in French. Asks no network.
    """
    from rich.console import Console

    from libs.process import log_as_json
    from services.collector import by_hand

    log_as_json("ERROR")
    sys.exit(asyncio.run(by_hand.plan(_settings(), Console())))


@collector.command("keys")
def make_keys() -> None:
    """Print a new pair of keys by which tokens of connected accounts are sealed: nothing is kept.

    The public one is the api's. The private one is the collector's, before older ones.
    """
    from libs.sealing import new_pair

    private, public = new_pair()
    click.echo(f"OBSERVATOIRE_TOKENS_PUBLIC_KEY={public}")
    click.echo(f'OBSERVATOIRE_TOKENS_PRIVATE_KEYS=["{private}"]')


@click.group()
def collect() -> None:
    """Observe now."""


@click.group()
def live() -> None:
    """Prepare a live installation."""


@live.command()
@click.option("--network", "slug", type=click.Choice(list(BY_SLUG)), help="This one only, in full.")
@click.option("--account", "address", help="An account to read, whatever the registry holds.")
def check(slug: str | None, address: str | None) -> None:
    """Say of each network what can be read with these settings, and what to do (in French).

    Ends with 1 when a network that has accounts cannot be read, or the one named, and when the
    registry cannot be read.
    """
    from rich.console import Console

    from libs.process import log_as_json
    from services.collector import by_hand

    identity = _read(address, slug) if address else None
    log_as_json("ERROR")
    settings = _settings()
    wanted = [BY_SLUG[slug]] if slug else list(NETWORKS)
    if identity is not None:
        wanted = [one for one in wanted if one.slug == identity.network]
    found = by_hand.check(settings, wanted, identity, Console(), named=slug is not None)
    sys.exit(asyncio.run(found))


@collect.command()
@click.argument("address")
@click.option(
    "--network", type=click.Choice(list(BY_SLUG)), help="For an address that does not say."
)
def account(address: str, network: str | None) -> None:
    """Observe one public account and print what is seen, what is not, and why (in French)."""
    from rich.console import Console

    from libs.process import log_as_json
    from services.collector import by_hand

    identity = _read(address, network)
    if identity.network not in BY_SLUG:
        click.echo(f"Le réseau «\u00a0{identity.network}\u00a0» n’est pas observé.")
        sys.exit(2)
    if (of := BY_SLUG[identity.network]).by_owner:
        click.echo(f"{of.name} ne montre un compte qu’à son titulaire, s’il le connecte.")
        sys.exit(2)
    settings = _settings()
    log_as_json("ERROR")
    sys.exit(asyncio.run(by_hand.look_at(identity, settings, Console())))


def _read(address: str, network: str | None) -> Identity:
    """Return what an address names; ends with 2, and says why, where it is none."""
    identity = read_address(address, network)
    if isinstance(identity, Refused):
        click.echo(f"{identity.refusal.sentence}")
        sys.exit(2)
    return identity


def _settings() -> Settings:
    """Return the settings; nothing is stored, so that who says nothing means the real networks."""
    if "OBSERVATOIRE_INSTALLATION" in os.environ:
        return Settings()
    return Settings(installation="simulation" if "NETWORKS_VIA" in os.environ else "live")
