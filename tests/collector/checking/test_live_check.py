"""`observatoire live check`, on the fictional networks: what is read, refused, and what to do."""

import asyncio
import io
import json
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner
from rich.console import Console

from contracts.addresses import Identity
from contracts.networks import BY_SLUG, KNOWN, NETWORKS
from contracts.topics import ACCOUNTS_REGISTERED
from libs.clock import SteppedClock
from libs.french import typography
from libs.wire.wire import Wire
from services.collector.app import credentials_of, host_of, names_of
from services.collector.checking.check import Checked, Checker, unknown
from services.collector.checking.registry import registered
from services.collector.checking.report import TO_DO, show_checked, summary, told
from services.collector.commands import check
from services.collector.looking.look import Looker
from services.collector.networks import reader_of
from services.collector.worker import Worker
from simulation.country.world import World
from simulation.serving.faults import Fault
from simulation.serving.platforms import Networks
from tests.collector.fakes import KeptWire
from tests.events import account_registered
from tests.simulation.collecting import busiest
from tests.suites.memory import MemoryLog
from tests.suites.network import NOW

Handler = Callable[[httpx.Request], httpx.Response]
TOKENS = {one.slug: one.credential or f"token-of-{one.slug}" for one in NETWORKS if one.needs_token}


@pytest.fixture(scope="module")
def world() -> World:
    return World(size=50)


@pytest.fixture
def networks(world: World) -> Networks:
    return Networks(world, SteppedClock(NOW))


def asking(networks: Networks) -> Handler:
    """What answers for the fictional networks, without a server."""

    def handle(request: httpx.Request) -> httpx.Response:
        url = urlsplit(str(request.url))
        headers = {name.title(): value for name, value in request.headers.items()}
        target = f"{url.path}?{url.query}"
        answer, _ = networks.ask(request.method, url.netloc, target, headers, request.content)
        told = answer.headers | {"Content-Type": answer.content_type}
        return httpx.Response(answer.status, headers=told, content=answer.body)

    return handle


def example(networks: Networks, slug: str) -> Identity:
    account = busiest(networks, slug)
    moment = networks.moment()
    native = None if BY_SLUG[slug].paced else account.native_id
    handle = account.observed_handle(moment)
    return Identity(slug, account.address(moment), handle, native)


def checked_of(
    networks: Networks, slug: str, *accounts: Identity, handler: Handler | None = None,
    tokens: dict[str, str] | None = None,
) -> Checked:  # fmt: skip
    """What a check of a network finds, on its busiest account where none is named."""
    credentials = credentials_of(TOKENS if tokens is None else tokens)
    names = names_of(credentials)

    async def run() -> Checked:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(handler or asking(networks))
        ) as http:
            worker = Worker(KeptWire(), http, networks.clock, reader_of, credentials)
            looker = Looker(worker, networks.clock, names, "simulation")
            checker = Checker(http, networks.clock, looker, names, host_of)
            return await checker.check(BY_SLUG[slug], accounts or (example(networks, slug),))

    return asyncio.run(run())


def kinds(checked: Checked) -> list[str]:
    return [trouble.kind for trouble in checked.troubles]


def printed(checked: Checked) -> str:
    out = io.StringIO()
    show_checked(checked, Console(file=out, width=200))
    return out.getvalue()


@pytest.mark.parametrize("slug", [one.slug for one in NETWORKS if one.by_owner])
def test_a_network_that_owners_open_is_asked_for_its_hosts_alone(networks, slug):
    checked = checked_of(networks, slug)
    assert (checked.troubles, checked.looks) == ([], {})
    assert set(checked.reached) == set(BY_SLUG[slug].hosts)
    assert "titulaire" in printed(checked)
    assert summary([checked]).startswith("0\u00a0réseau")


@pytest.mark.parametrize("slug", [one.slug for one in NETWORKS if not one.by_owner])
def test_a_network_that_is_in_order_is_read_to_its_events(networks, slug):
    checked = checked_of(networks, slug)
    assert checked.troubles == []
    assert checked.read is not None
    assert checked.read.events
    said = printed(checked)
    assert checked.reached
    assert all(checked.accepted(name) for name in checked.credentials)
    assert all(host in said for host in checked.reached)
    assert BY_SLUG[slug].name in said
    assert "posts.observed.v1 × " in said
    assert not any(token in said for token in TOKENS.values())


def test_a_network_without_a_credential_says_how_one_is_had(networks):
    for network in (one for one in NETWORKS if one.needs_token):
        checked = checked_of(networks, network.slug, tokens={})
        assert "no_credential" in kinds(checked)
        says, steps = told(checked.troubles[0], network)
        assert network.obtaining
        assert says.startswith(f"{network.name}\u00a0: aucun jeton")
        assert len(steps) == len(network.obtaining) + 1
        assert f'{{"{network.slug}":' in steps[-1]
        assert all(permission in " ".join(steps) for permission in network.permissions)


EXPIRED = Fault("expired_token")
SPENT = Fault("429", seconds=600)


def refusing(code: int) -> Handler:
    """A Graph API that refuses everything by a code."""
    return lambda _: httpx.Response(400, json={"error": {"message": "(#0) No.", "code": code}})


@pytest.mark.parametrize("slug", [one.slug for one in NETWORKS if one.needs_token])
def test_an_expired_credential_is_told(networks, slug):
    networks.faults.known.append(EXPIRED)
    checked = checked_of(networks, slug)
    assert "credential" in kinds(checked)
    assert slug in next(one for one in checked.troubles if one.kind == "credential").about
    assert "OBSERVATOIRE_NETWORK_TOKENS" in printed(checked)


def test_a_permission_that_was_taken_back_is_told_with_its_name(networks):
    checked = checked_of(networks, "instagram", handler=refusing(10))
    assert (kinds(checked), checked.read) == (["permission"], None)
    assert "instagram_manage_insights" in printed(checked)
    assert "illisible" in summary([checked])


@pytest.mark.parametrize("slug", ["instagram", "bluesky", "vimeo"])
def test_a_quota_at_zero_is_told(networks, slug):
    networks.faults.known.append(SPENT)
    checked = checked_of(networks, slug)
    assert set(kinds(checked)) == {"quota"}
    assert f"{slug}-2" in printed(checked)


def test_what_is_left_of_a_quota_is_told(networks):
    checked = checked_of(networks, "vimeo")
    assert checked.quota_left("vimeo") is not None
    assert str(checked.quota_left("vimeo")) in printed(checked)


def test_a_field_that_is_refused_is_named_and_the_rest_is_read(networks):
    answer = asking(networks)

    def without_views(request: httpx.Request) -> httpx.Response:
        if "views_total" in str(request.url):
            error = {"type": "access_forbidden", "message": "No access to 'views_total'"}
            return httpx.Response(403, json={"error": error})
        return answer(request)

    checked = checked_of(networks, "dailymotion", handler=without_views)
    assert kinds(checked) == ["field"]
    assert checked.read is not None
    said = printed(checked)
    assert "champs refusés\u00a0: views_total" in said
    assert "réactions" in said
    assert "vues (nous n’y avons pas accès)" in said


@pytest.mark.parametrize(
    "error",
    [
        httpx.ProxyError("403, message='Forbidden', url='http://proxy:3128'"),
        httpx.ConnectError("no route to host"),
        httpx.ConnectTimeout(""),
    ],
)
def test_a_host_that_is_not_reached_is_named_once(networks, error):
    def closed(_: httpx.Request) -> httpx.Response:
        raise error

    checked = checked_of(networks, "instagram", handler=closed)
    assert (kinds(checked), checked.read) == (["host"], None)
    said = printed(checked)
    assert "graph.facebook.com" in said
    assert "OBSERVATOIRE_HTTPS_PROXY" in said
    assert "accepté," not in said, "nobody answered"


def test_a_network_that_answers_nonsense_is_reached_and_unavailable(networks):
    checked = checked_of(networks, "instagram", handler=lambda _: httpx.Response(502))
    assert kinds(checked) == ["unavailable"]


def test_one_account_that_is_gone_says_nothing_of_the_network(networks):
    gone = Identity("instagram", "https://www.instagram.com/nobody/", "nobody.example")
    checked = checked_of(networks, "instagram", gone, example(networks, "instagram"))
    assert (checked.troubles, checked.read is not None) == ([], True)
    alone = checked_of(networks, "instagram", gone)
    assert (kinds(alone), alone.read) == (["gone"], None)


def test_each_credential_is_tried(networks):
    networks.faults.known.append(Fault("expired_token", credential="second"))
    tokens = {"vimeo": "first", "vimeo-2": "second"}
    checked = checked_of(networks, "vimeo", tokens=tokens)
    assert [(one.kind, one.about) for one in checked.troubles] == [("credential", "vimeo-2")]
    assert checked.read is not None


def test_a_credential_of_no_network_is_named():
    assert unknown({"vimeo": ("vimeo",), "instagrm": ("instagrm",)}) == ["instagrm"]


def test_every_trouble_has_steps_and_every_observed_network_its_hosts():
    assert all(steps for kind, steps in TO_DO.items() if kind != "no_credential")
    for network in NETWORKS:
        assert bool(network.obtaining) == network.needs_token, network.slug
    assert not any(one.hosts or one.obtaining for one in KNOWN if not one.observed)


def test_french_has_its_spaces():
    assert typography("X : « a » ; b ?") == "X\u00a0: «\u00a0a\u00a0»\u202f; b\u202f?"
    assert typography("http://proxy:3128 à 12:30") == "http://proxy:3128 à 12:30"


async def test_the_registry_gives_the_accounts_that_are_collected():
    wire = Wire("nowhere:1", "simulation", log=MemoryLog())
    for name, changes in {
        "a": {},
        "b": {"state": "candidate"},
        "c": {"owner_kind": "personne"},
        "d": {"network": "linkedin"},
    }.items():
        event = account_registered(name, NOW, **{"network": "bluesky", "handle": name} | changes)
        await wire.publish(ACCOUNTS_REGISTERED, event)
    found = await registered(wire)
    assert {slug: [one.handle for one in some] for slug, some in found.items()} == {
        "bluesky": ["a"]
    }


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, **settings: str) -> tuple[int, str]:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(check, list(arguments))
    return done.exit_code, done.output


def test_the_command_refuses_what_is_no_account(monkeypatch):
    assert run(monkeypatch, "--account", "mairie@ville.fr")[0] == 2


def test_without_a_broker_the_registry_is_said_not_to_be_read(monkeypatch):
    code, said = run(
        monkeypatch, "--network", "vimeo", KAFKA_URL="127.0.0.1:9",
        OBSERVATOIRE_INSTALLATION="live", OBSERVATOIRE_NETWORK_TOKENS=json.dumps({}),
    )  # fmt: skip
    assert (code, "KAFKA_URL" in said) == (1, True)
