"""An account of the fediverse is who its domain and its own host agree that it is."""

import asyncio
import json

import httpx
import pytest

from services.api.census.sites import Site, import_sites, linked
from services.api.census.webfinger import ContradictedError, ask, attest, attest_all
from services.api.store import Store

SITE = "https://www.lens.example/"
DOMAIN, HOST = "lens.example", "social.lens.example"
PAGE = b'<a rel="me" href="https://social.lens.example/@com">Mastodon</a>'


def said(subject: str, actor: str, page: str) -> dict[str, object]:
    return {
        "subject": f"acct:{subject}",
        "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page},
            {"rel": "self", "type": "application/activity+json", "href": actor},
            {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://x/{uri}"},
        ],
    }


COM = said(f"com@{DOMAIN}", f"https://{HOST}/users/com", f"https://{HOST}/@com")
NAMES = {(DOMAIN, f"com@{DOMAIN}"): COM, (HOST, f"com@{HOST}"): COM}


def hosts(
    names: dict[tuple[str, str], object], software: str = "mastodon", status: int = 404
) -> httpx.AsyncClient:
    """Hosts of the web: the site of Lens, its domain and its instance, each with what it says."""

    def answer(request: httpx.Request) -> httpx.Response:
        host, path = request.url.host, request.url.path
        if path == "/.well-known/webfinger":
            resource = request.url.params["resource"].removeprefix("acct:")
            found = names.get((host, resource))
            if isinstance(found, bytes):
                return httpx.Response(200, content=found)
            return httpx.Response(200, json=found) if found else httpx.Response(status)
        if path == "/.well-known/nodeinfo" and software:
            links = [{"rel": "x", "href": f"https://{host}/nodeinfo/2.0"}]
            return httpx.Response(200, json={"links": links})
        if path == "/nodeinfo/2.0":
            return httpx.Response(200, json={"software": {"name": software, "version": "1.2"}})
        if host == "www.lens.example" and path == "/":
            return httpx.Response(200, content=PAGE, headers={"content-type": "text/html"})
        return httpx.Response(404)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


async def imported(store: Store, territories, http: httpx.AsyncClient, site: str = SITE):
    async with http:
        await import_sites(store, http, [Site(territories.resolve("62498"), site)])
    (account,) = store.accounts.of_territory("62498")
    return account, store.accounts.history(account.account)


@pytest.mark.parametrize("handle", [f"com@{DOMAIN}", f"com@{HOST}"])
async def test_a_name_and_its_host_agree_from_either_side(handle):
    async with hosts(NAMES) as http:
        known = await ask(http, handle)
    assert (known.name, known.home) == (f"com@{DOMAIN}", f"com@{HOST}")
    assert (known.domain, known.software) == (DOMAIN, "mastodon 1.2")


async def test_the_authority_s_own_domain_bears_out_what_its_site_links_to(store, territories):
    account, history = await imported(store, territories, hosts(NAMES))
    assert (account.state, account.handle) == ("candidate", f"com@{HOST}")
    proofs = {one.source: one.detail for one in history.proofs}
    assert proofs["webfinger"] == f"acct:com@{DOMAIN}"
    assert proofs["site"] == f"rel=me, WebFinger com@{DOMAIN}, mastodon 1.2"


async def test_a_domain_of_somebody_else_is_no_second_proof(store, territories):
    own = said(f"com@{HOST}", f"https://{HOST}/users/com", f"https://{HOST}/@com")
    lens = Site(territories.resolve("62498"), SITE)
    (claim,) = linked(lens, PAGE, "lu", store.now())
    for site, sources in (("https://autre.example/", ["site"]), (SITE, ["site", "webfinger"])):
        async with hosts({(HOST, f"com@{HOST}"): own}) as http:
            told = await attest(http, site, claim)
        assert [one.proof.source for one in told] == sources


@pytest.mark.parametrize(
    "names",
    [
        {(HOST, f"com@{HOST}"): COM},
        {**NAMES, (DOMAIN, f"com@{DOMAIN}"): said("x@y.example", "https://y.example/u/x", "")},
        {(HOST, f"com@{HOST}"): {"subject": "https://social.lens.example/@com"}},
        {},
    ],
    ids=["the domain knows nobody", "the domain says another", "no account", "unknown there"],
)  # fmt: skip
async def test_what_the_servers_do_not_bear_out_is_doubtful(store, territories, names):
    account, history = await imported(store, territories, hosts(names))
    assert (account.state, history.doubtful) == ("candidate", True)


async def test_a_domain_cannot_call_its_own_an_account_that_denies_it():
    stolen = said("com@evil.example", "https://big.example/users/com", "https://big.example/@com")
    honest = said("com@big.example", "https://big.example/users/com", "https://big.example/@com")
    names = {
        ("evil.example", "com@evil.example"): stolen,
        ("big.example", "com@big.example"): honest,
    }
    async with hosts(names) as http:
        with pytest.raises(ContradictedError):
            await ask(http, "com@evil.example")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", json.dumps({"links": 3}).encode(), b"x" * 100_000]
)
async def test_a_server_that_says_nothing_usable_changes_nothing(store, territories, body):
    account, history = await imported(store, territories, hosts({(HOST, f"com@{HOST}"): body}))
    assert (account.state, history.doubtful) == ("candidate", False)
    assert history.proofs[0].detail == "rel=me"


MALFORMED = [
    said(f"com@{DOMAIN}", "https://[x", f"https://{HOST}/@com"),
    said(f"com@{DOMAIN}", f"https://{HOST}/users/com", "https://[x"),
    said(f"com@{DOMAIN}", "https://\u2100.example/", "https://[x]/"),
    b'{"subject": "x", "y": ' + b"[" * 60_000,
]


@pytest.mark.parametrize("said_there", MALFORMED)
async def test_an_address_that_is_none_stops_nobody(store, territories, said_there):
    names = {(DOMAIN, f"com@{DOMAIN}"): said_there, (HOST, f"com@{HOST}"): said_there}
    account, _ = await imported(store, territories, hosts(names))
    assert account.state == "candidate"


async def test_a_host_that_never_ends_holds_up_a_site_for_a_while_alone(store, territories):
    """Its accounts are told as the page links to them."""
    asked: list[str] = []

    async def hang(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        await asyncio.Event().wait()
        raise AssertionError

    lens = Site(territories.resolve("62498"), SITE)
    claims = list(linked(lens, PAGE.replace(b"com", b"com2") + PAGE, "lu", store.now()))
    async with httpx.AsyncClient(transport=httpx.MockTransport(hang)) as http:
        told = await asyncio.wait_for(attest_all(http, SITE, claims, seconds=0.01), 5)
    assert told == claims
    assert asked


async def test_a_server_that_is_away_changes_nothing(store, territories):
    account, history = await imported(store, territories, hosts({}, status=503))
    assert (account.state, history.doubtful) == ("candidate", False)


@pytest.mark.parametrize("software", ["pixelfed", "friendica", ""])
async def test_which_software_it_is_stands_in_the_proof(store, territories, software):
    _, history = await imported(store, territories, hosts(NAMES, software))
    told = next(one.detail for one in history.proofs if one.source == "site")
    assert told.endswith(f"{software} 1.2" if software else DOMAIN)
