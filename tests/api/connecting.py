"""A portal whose agents connect accounts of the fictional networks, reached in memory."""

import re
from functools import cache
from html import unescape
from typing import Any

import httpx

from contracts.accounts import AccountConnected, AccountRegistered, Ownership
from contracts.addresses import Identity, read_address
from contracts.networks import NETWORKS
from contracts.territories import Territories
from contracts.topics import ACCOUNTS_CONNECTED
from libs.clock import SteppedClock
from libs.identity.declared import DeclaredApplication
from libs.sealing import new_pair
from services.api.app import build
from services.api.store import Store
from services.api.store.registry.claims import Claim, OwnerKind, Proof
from services.api.store.relay.outbox import read_pending
from services.collector.connecting.connections import Connections
from services.collector.networks import reader_of
from simulation.country.accounts import Account
from simulation.country.world import World
from simulation.networks.threads import FLOOR
from simulation.serving.platforms import Networks
from tests.api.answers import RecordedFigures
from tests.api.attacks.test_sign_in import Place
from tests.api.conftest import SIMULATION
from tests.api.world import NOW
from tests.collector.fakes import KeptWire
from tests.simulation.collecting import observed

PRIVATE, PUBLIC = new_pair()
CONNECTABLE = tuple(network.slug for network in NETWORKS if network.consent)
TOWN = "00101"
VIA = "http://monde.example:9"
BACK = "/connecter/threads/retour"


def application(slug: str) -> DeclaredApplication:
    """Ours at a fictional network."""
    return DeclaredApplication.model_validate(
        {"client_id": f"essai-{slug}", "client_secret": f"essai-{slug}"}
    )


SETTINGS = SIMULATION.model_copy(
    update={
        "network_applications": {slug: application(slug) for slug in CONNECTABLE},
        "tokens_public_key": PUBLIC,
        "networks_via": VIA,
        "portal_url": "http://portail.example",
    }
)


@cache
def invented() -> World:
    return World(size=200)


def client_of(networks: Networks) -> httpx.AsyncClient:
    """A client of the fictional networks, without a server."""

    def answer(request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        found, _ = networks.ask(
            request.method, request.url.host, target, request.headers, request.content
        )
        headers = {"content-type": found.content_type} | found.headers
        return httpx.Response(found.status, headers=headers, content=found.body)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


def some(network: str) -> Account:
    """An account that its owner may connect; on Threads, one that nobody else may read."""
    known = invented().by_network[network]
    if network == "facebook":  # one that Meta has not opened to us
        return next(one for one in known if one.form == "unreviewed" and _named(one))
    return small() if network == "threads" else next(one for one in known if _plain(one))


def _plain(account: Account) -> bool:
    return observed(account) and not account.hidden and _named(account)


def _named(account: Account) -> bool:
    """Whether it has the name of its first day now."""
    moment = int(NOW.timestamp())
    return account.open_at(moment) and account.handle_at(moment) == account.first_handle


def small(but: str = "") -> Account:
    """An account on Threads that few follow: nobody else may read it."""
    return next(
        one
        for one in invented().by_network["threads"]
        if one.knots[0] < FLOOR and _named(one) and one.first_handle != but
    )


def register(
    store: Store,
    handle: str,
    territory: str = TOWN,
    owner_kind: OwnerKind = "collectivité",
    network: str = "threads",
) -> AccountRegistered:
    """Have the registry know an account of a territory."""
    identity = read_address(f"@{handle}", network)
    assert isinstance(identity, Identity)
    owners = (Ownership(territory=territory, home=True),)
    proof = Proof("file", "f", NOW)
    claim = Claim(identity, owners, proof, "verified", owner_kind=owner_kind)
    return store.accounts.register(claim).account


class Connecting(Place):
    """The portal, the fictional networks, and who decides there."""

    def __init__(self, places: Territories, figures: RecordedFigures) -> None:
        self.clock = SteppedClock(NOW)
        self.networks = Networks(invented(), self.clock)
        self._made = places, figures
        super().__init__(SETTINGS, places, figures)

    def restart(self, **changed: object) -> None:
        hosts = {"allowed_hosts": ("portail.example",)}
        self.app = build(
            self.settings.model_copy(update=hosts | changed),
            figures=self._made[1],
            places=self._made[0],
            clock=self.clock,
            store=self.store,
            networks=client_of(self.networks),
        ).app

    def collector(self, wire: KeptWire) -> Connections:
        """A collector's connections, that knows what the portal tells."""
        http = client_of(self.networks)
        known = self.settings.network_applications
        made = Connections(wire, http, self.clock, reader_of, [PRIVATE], known)  # type: ignore[arg-type]
        for one in self.told():
            made.take(one)
        return made

    def register(self, handle: str, **known: Any) -> AccountRegistered:
        return register(self.store, handle, **known)

    async def sent(self, browser: httpx.AsyncClient, account: str, code: str = TOWN) -> str:
        """Begin to connect an account, and return the page of the network to which that leads."""
        answer = await browser.post(f"/equipe/{code}/connecter/{account}")
        assert answer.status_code == 200, answer.text
        address = unescape(re.findall(r'content="0; url=([^"]+)"', answer.text)[0])
        assert address.startswith(f"{VIA}/__world__/at/")
        return address

    def decide(self, address: str, handle: str, choice: str = "oui") -> str:
        """Decide on that page, for an account; return the address that it leads back to."""
        host, _, path = address.removeprefix(f"{VIA}/__world__/at/").partition("/")
        body = httpx.QueryParams({"choix": choice, "compte": handle})
        answer, _ = self.networks.ask("POST", host, f"/{path}", {}, str(body).encode())
        assert answer.status == 303, answer.body
        return answer.headers["Location"]

    async def connected(
        self, browser: httpx.AsyncClient, account: AccountRegistered
    ) -> httpx.Response:
        """Connect an account, from its page to the way back."""
        return await browser.get(self.decide(await self.sent(browser, account.account),
                                             account.handle))  # fmt: skip

    def told(self) -> list[AccountConnected]:
        """What waits to be told of connections."""
        pending = read_pending(self.store)
        return [
            one.event
            for one in pending
            if one.topic is ACCOUNTS_CONNECTED and isinstance(one.event, AccountConnected)
        ]

    def state(self, account: AccountRegistered) -> str | None:
        """How the connection of an account stands; None without any."""
        held = self.store.connections.of_accounts([account.account]).get(account.account)
        return held.state if held else None
