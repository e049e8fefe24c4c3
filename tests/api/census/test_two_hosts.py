"""WebFinger between two servers: a town's domain, and the instance that holds its account.

Both are on this machine, each with its name, over TLS; names are resolved to them, and the guarded
client of a live installation reaches them because it is told to, as nothing else is.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp.connector
import httpx
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from libs.outbound.client import build_client
from services.api.census.sites import Site, import_sites
from services.api.census.webfinger import ContradictedError, ask
from services.api.store import Store
from tests.api.census.test_webfinger import DOMAIN, HOST, PAGE, SITE, said
from tests.authority import certificate

pytestmark = pytest.mark.proof
TOWN = ("www.lens.example", DOMAIN)
NAMES = (*TOWN, HOST)
COM = said(f"com@{DOMAIN}", f"https://{HOST}/users/com", f"https://{HOST}/@com")
THEFT = said("com@evil.example", f"https://{HOST}/users/com", f"https://{HOST}/@com")


@dataclass
class Server:
    """A server of its own; `known` are the names that it answers for, `asked` what it was asked."""

    known: dict[str, object]
    sends_to: str | None = None
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    port: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as a web server, or as Mastodon does."""
        self.asked.append((request.host, request.path))
        match request.path:
            case "/":
                return web.Response(body=PAGE, content_type="text/html")
            case "/.well-known/webfinger" if self.sends_to:
                raise web.HTTPMovedPermanently(f"https://{self.sends_to}{request.path_qs}")
            case "/.well-known/webfinger":
                found = self.known.get(request.query["resource"].removeprefix("acct:"))
                if found is None:
                    raise web.HTTPNotFound
                return web.json_response(found, content_type="application/jrd+json")
            case "/.well-known/nodeinfo":
                return web.json_response(
                    {"links": [{"rel": "x", "href": f"https://{HOST}/nodeinfo/2.0"}]}
                )
            case "/nodeinfo/2.0":
                software = {"name": "mastodon", "version": "4.5.1"}
                return web.json_response({"software": software})
            case _:
                raise web.HTTPNotFound


class Web:
    """The servers by their names, and clients that find them."""

    def __init__(self, authority: Path) -> None:
        self._stack = AsyncExitStack()
        self._authority = authority
        self.servers: dict[str, Server] = {}

    async def serve(self, server: Server, *names: str) -> Server:
        """Serve under these names, on a port of its own."""
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(self._authority)
        app = web.Application()
        app.router.add_get("/{path:.*}", server.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        server.port = runner.addresses[0][1]
        self.servers |= dict.fromkeys(names, server)
        return server

    def client(self, *trusted: str) -> httpx.AsyncClient:
        """Return the client of a live installation that is led to `trusted` hosts."""
        return build_client(contact="x", public_only=True, ca_file=self._authority, trusted=trusted)

    async def close(self) -> None:
        """Stop the servers."""
        await self._stack.aclose()


def resolver_of(servers: Mapping[str, Server]) -> type[AbstractResolver]:
    """Return a resolver that leads each name to its server on this machine."""

    class Resolver(AbstractResolver):
        def __init__(self, **_: Any) -> None:
            pass

        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
            there = {"port": servers[host].port, "family": 2, "proto": 0, "flags": 0}
            return [ResolveResult(hostname=host, host="127.0.0.1", **there)]

        async def close(self) -> None:
            pass

    return Resolver


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Web]:
    made = Web(certificate(tmp_path / "ca.pem", *NAMES, "evil.example"))
    monkeypatch.setattr(aiohttp.connector, "DefaultResolver", resolver_of(made.servers))
    yield made
    await made.close()


@pytest.mark.parametrize("sends_to", [None, HOST])
async def test_a_town_s_domain_and_its_instance_agree(served, sends_to, store: Store, territories):
    """The domain says it itself, or sends on to the instance, as Mastodon has it set up."""
    town = await served.serve(Server({f"com@{DOMAIN}": COM}, sends_to), *TOWN)
    instance = await served.serve(Server({f"com@{DOMAIN}": COM, f"com@{HOST}": COM}), HOST)
    assert town.port != instance.port
    async with served.client(*NAMES) as http:
        known = await ask(http, f"com@{HOST}")
        assert (known.name, known.home) == (f"com@{DOMAIN}", f"com@{HOST}")
        await import_sites(store, http, [Site(territories.resolve("62498"), SITE)])
    (account,) = store.accounts.of_territory("62498")
    proofs = {one.source: one.detail for one in store.accounts.history(account.account).proofs}
    assert account.handle == f"com@{HOST}"
    assert proofs["webfinger"] == f"acct:com@{DOMAIN}"
    assert proofs["site"].endswith("mastodon 4.5.1")
    assert {host for host, _ in town.asked} == set(TOWN)
    assert {host for host, _ in instance.asked} == {HOST}


async def test_a_domain_that_takes_another_s_account_for_its_own_proves_nothing(served):
    await served.serve(Server({f"com@{HOST}": COM, f"com@{DOMAIN}": COM}), HOST)
    await served.serve(Server({"com@evil.example": THEFT}), "evil.example")
    async with served.client(*NAMES, "evil.example") as http:
        with pytest.raises(ContradictedError):
            await ask(http, "com@evil.example")


async def test_a_live_installation_reaches_neither_unless_it_is_told_to(served):
    town = await served.serve(Server({f"com@{DOMAIN}": COM}), *TOWN)
    async with served.client() as http:
        with pytest.raises(httpx.TransportError, match="public"):
            await ask(http, f"com@{DOMAIN}")
    assert town.asked == []


async def test_a_domain_that_sends_to_a_host_of_this_machine_leads_nowhere(served):
    """Only the town's domain is trusted: where it sends is checked as any other address."""
    town = await served.serve(Server({}, sends_to=HOST), *TOWN)
    instance = await served.serve(Server({f"com@{DOMAIN}": COM}), HOST)
    async with served.client(*TOWN) as http:
        with pytest.raises(httpx.TransportError, match="public"):
            await ask(http, f"com@{DOMAIN}")
    assert (len(town.asked), instance.asked) == (1, [])
