"""What an operator asks by hand, once: what is to be read and its cost, each network, one account.

Nothing is stored or published; what is said is in French.
"""

from collections.abc import Sequence

from aiokafka.errors import KafkaError
from rich.console import Console

from contracts.addresses import Identity
from contracts.networks import Network
from libs.outbound.client import client_of
from libs.settings import Settings
from services.collector.app import credentials_of, host_of, names_of, same_tokens
from services.collector.checking.check import Checked, Checker, unknown
from services.collector.checking.plan import planned, seen, told
from services.collector.checking.registry import registered
from services.collector.checking.report import show_checked, summary
from services.collector.looking.look import Looker
from services.collector.looking.report import show
from services.collector.networks import reader_of
from services.collector.worker import Worker


async def plan(settings: Settings, console: Console) -> int:
    """Say what each network asks a day and costs; return the exit code."""
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


async def check(
    settings: Settings,
    wanted: Sequence[Network],
    identity: Identity | None,
    console: Console,
    *,
    named: bool,
) -> int:
    """Say of each network what can be read with these settings; return the exit code."""
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
    meant = (one for one in done if (one.accounts or named) and not one.network.by_owner)
    return int(any(not one.read for one in meant))


def _unread(console: Console, error: KafkaError) -> int:
    console.print(f"Le registre des comptes n’a pas pu être lu\u00a0: {error}. Voyez KAFKA_URL.")
    return 1


async def look_at(identity: Identity, settings: Settings, console: Console) -> int:
    """Observe one public account and say what is seen; return the exit code."""
    credentials = credentials_of(settings.network_tokens)
    clock = settings.clock()
    async with client_of(settings, via=settings.networks_via) as http:
        # Nothing is published: the wire is made and never started.
        wire = settings.wire("look", clock.now)
        worker = Worker(wire, http, clock, reader_of, credentials)
        looker = Looker(worker, clock, names_of(credentials), settings.installation)
        look = await looker.look(identity)
    show(look, console)
    return int(look.account is None and not look.posts)
