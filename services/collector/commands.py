"""`collector run` runs the service, `collector plan` says what it asks and costs.

`collect account` looks once, `live check` looks at every network.
"""

import asyncio
import os
import sys
from collections.abc import Sequence

import click
from aiokafka.errors import KafkaError
from rich.console import Console

from contracts.addresses import Identity, Refused, read_address
from contracts.networks import BY_SLUG, NETWORKS, Network
from libs.outbound.client import client_of
from libs.process import log_as_json, run
from libs.settings import Settings
from services.collector.app import PARTS, build, credentials_of, host_of, names_of, same_tokens
from services.collector.checking.check import Checked, Checker, unknown
from services.collector.checking.plan import planned, seen, told
from services.collector.checking.registry import registered
from services.collector.checking.report import show_checked, summary
from services.collector.looking.look import Look, Looker
from services.collector.looking.report import show
from services.collector.networks import reader_of
from services.collector.worker import Worker


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
    settings = Settings()
    settings.require_given("kafka_url")
    run(lambda: build(settings, parts=parts or PARTS), settings)


@collector.command()
def plan() -> None:
    """Say of each network what the registry as it is asks a day, what is covered, and its cost.

    Of the accounts on the broker and the credentials of these settings; in French. Asks no network.
    """
    log_as_json("ERROR")
    sys.exit(asyncio.run(_plan(_settings(), Console())))


async def _plan(settings: Settings, console: Console) -> int:
    credentials, clock = credentials_of(settings.network_tokens), settings.clock()
    now = clock.now()
    wire = settings.wire("plan", clock.now)
    try:
        accounts, looks = await registered(wire), await seen(wire, now)
    except KafkaError as error:
        return _unread(console, error)
    names, same = names_of(credentials), same_tokens(credentials)
    found = planned(accounts, looks, names, same, settings.network_budgets, host_of)
    for one in found:
        console.print("\n".join(told(one, looks, now)), highlight=False, markup=False)
    if not found:
        console.print("Aucun compte à lire au registre.")
    return 0


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
    console = Console()
    identity = read_address(address, slug) if address else None
    if isinstance(identity, Refused):
        console.print(f"{identity.refusal.sentence}")
        sys.exit(2)
    log_as_json("ERROR")
    settings = _settings()
    wanted = [BY_SLUG[slug]] if slug else list(NETWORKS)
    if identity is not None:
        wanted = [one for one in wanted if one.slug == identity.network]
    sys.exit(asyncio.run(_check(settings, wanted, identity, console, named=slug is not None)))


async def _check(
    settings: Settings,
    wanted: Sequence[Network],
    identity: Identity | None,
    console: Console,
    *,
    named: bool,
) -> int:
    credentials = credentials_of(settings.network_tokens)
    names, clock = names_of(credentials), settings.clock()
    wire = settings.wire("check", clock.now)
    try:
        accounts = {identity.network: [identity]} if identity else await registered(wire)
    except KafkaError as error:
        code = _unread(console, error)
        console.print("Ou donnez un compte par --account.")
        return code
    for name in unknown(names):
        console.print(f"Jeton «\u00a0{name}\u00a0»\u00a0: d’aucun réseau observé.")
    async with client_of(settings, via=settings.networks_via) as http:
        worker = Worker(wire, http, clock, reader_of, credentials)
        looker = Looker(worker, clock, names, settings.installation)
        checker = Checker(http, clock, looker, names, host_of)
        done: list[Checked] = []
        for network in wanted:
            done.append(await checker.check(network, accounts.get(network.slug, ())))
            show_checked(done[-1], console)
            if named and (look := done[-1].read):
                console.print()
                show(look, console)
    console.print(f"\n{summary(done)}", highlight=False)
    return int(any((one.accounts or named) and not one.read for one in done))


def _unread(console: Console, error: KafkaError) -> int:
    console.print(f"Le registre des comptes n’a pas pu être lu\u00a0: {error}. Voyez KAFKA_URL.")
    return 1


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
