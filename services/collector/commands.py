"""`observatoire collector run` runs the service; `observatoire collect account` looks once."""

import asyncio
import os
import sys

import click
from rich.console import Console

from contracts.addresses import Identity, Refused, read_address
from contracts.networks import BY_SLUG
from libs.outbound.client import client_of
from libs.process import Settings, log_as_json, run
from services.collector.app import PARTS, build, credentials_of, names_of
from services.collector.look import Look, Looker
from services.collector.networks import reader_of
from services.collector.reading.report import show
from services.collector.worker import Worker


@click.group()
def collector() -> None:
    """Run the collector."""


@collector.command("run")
@click.option(
    "--part",
    "parts",
    type=click.Choice(PARTS),
    multiple=True,
    help="Run this part only; all of them when not given.",
)
def run_collector(parts: tuple[str, ...]) -> None:
    """Run scheduler, workers and streams until stopped."""
    settings = Settings()
    settings.require_given("kafka_url")
    run(lambda: build(settings, parts=parts or PARTS), settings)


@click.group()
def collect() -> None:
    """Observe now."""


@collect.command()
@click.argument("address")
@click.option(
    "--network", type=click.Choice(list(BY_SLUG)), help="For an address that does not say."
)
def account(address: str, network: str | None) -> None:
    """Observe one public account and print what is seen, what is not, and why (in French)."""
    console = Console()
    identity = read_address(address, network)
    if isinstance(identity, Refused):
        console.print(f"{identity.refusal.sentence}")
        sys.exit(2)
    if identity.network not in BY_SLUG:
        console.print(f"Le réseau «\u00a0{identity.network}\u00a0» n’est pas observé.")
        sys.exit(2)
    settings = _settings()
    log_as_json("ERROR")
    look = asyncio.run(_look(identity, settings))
    show(look, console)
    if look.account is None and not look.posts:
        sys.exit(1)


def _settings() -> Settings:
    """Return the settings; nothing is stored, so that who says nothing means the real networks."""
    if "OBSERVATOIRE_INSTALLATION" in os.environ:
        return Settings()
    return Settings(installation="simulation" if "NETWORKS_VIA" in os.environ else "live")


async def _look(identity: Identity, settings: Settings) -> Look:
    credentials = credentials_of(settings.network_tokens)
    clock = settings.clock()
    async with client_of(settings, via=settings.networks_via) as http:
        # Nothing is published: the wire is made and never started.
        wire = settings.wire("look", clock.now)
        worker = Worker(wire, http, clock, reader_of, credentials)
        looker = Looker(worker, clock, names_of(credentials), settings.installation)
        return await looker.look(identity)
