"""What an authority's own site links to gives candidates; a hostile page costs a named refusal."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from contracts.territories import Territories
from libs.outbound.client import build_client
from services.api.census.address_file import import_addresses
from services.api.census.annuaire import read_records
from services.api.census.fetching import Unreadable
from services.api.census.report import Report, Unusable
from services.api.census.sites import (
    Link,
    Site,
    import_sites,
    links,
    read_page,
    sites_of,
)
from services.api.store import Store

HOME = b"""<!doctype html><html><head>
<link rel="me" href="https://mastodon.example/@lens">
<meta name="twitter:site" content="@VilledeLens">
<script type="application/ld+json">{"@graph": [{"@type": "City", "sameAs":
 ["https://www.instagram.com/villedelens/", "javascript:alert(1)"]}]}</script></head><body>
<a href="https://www.facebook.com/VilledeLens">Facebook</a>
<a href="/contact">Contact</a><a href="mailto:a@b.example">Nous ecrire</a><a href="http://[">?</a>
<a href="https://www.facebook.com/sharer/sharer.php?u=x">Partager</a>
<a href="https://www.instagram.com/villedelens/">Instagram</a>
<a href="https://www.instagram.com/p/Cxyz/">Une photo</a></body></html>"""
LENS = "https://www.lens.example/"
Handler = Callable[[httpx.Request], httpx.Response]


def html(body: bytes = HOME, **headers: str) -> httpx.Response:
    return httpx.Response(200, content=body, headers={"content-type": "text/html"} | headers)


def client(answer: Handler, robots: Handler = lambda _: httpx.Response(404)) -> httpx.AsyncClient:
    def served(request: httpx.Request) -> httpx.Response:
        return (robots if request.url.path == "/robots.txt" else answer)(request)

    return httpx.AsyncClient(transport=httpx.MockTransport(served))


async def imported(store: Store, territories: Territories, http: httpx.AsyncClient) -> Report:
    lens = territories.resolve("62498")
    assert lens
    async with http:
        return await import_sites(store, http, [Site(lens, LENS)])


async def test_links_of_a_home_page_are_candidates_with_how_they_stand(store, territories):
    report = await imported(store, territories, client(lambda _: html()))
    accounts = store.accounts.of_territory("62498")
    told = {one.network: store.accounts.history(one.account).proofs[0].detail for one in accounts}
    assert told == {
        "mastodon": "rel=me", "instagram": "sameAs", "x": "twitter:site", "facebook": "lien",
    }  # fmt: skip
    assert {one.state for one in accounts} == {"candidate"}
    assert report.refused == ()


async def test_the_site_and_another_source_verify_an_account(store, territories):
    line = b'{"address": "https://www.facebook.com/villedelens", "territories": ["62498"]}'
    import_addresses(store, [line], territories, reference="x")
    await imported(store, territories, client(lambda _: html()))
    states = {one.network: one.state for one in store.accounts.of_territory("62498")}
    assert states["facebook"] == "verified"
    assert states["instagram"] == "candidate"


async def test_a_page_of_many_accounts_verifies_none(store, territories):
    """A directory of clubs: each link may be anybody's."""
    named = [f"https://www.facebook.com/club{number}" for number in range(9)]
    page = "".join(f'<a href="{one}">x</a>' for one in named).encode()
    line = f'{{"address": "{named[3]}", "territories": ["62498"]}}'.encode()
    import_addresses(store, [line], territories, reference="x")
    await imported(store, territories, client(lambda _: html(page)))
    accounts = store.accounts.of_territory("62498")
    assert len(accounts) == 9
    assert sum(store.accounts.history(one.account).doubtful for one in accounts) >= 8


def moved(to: str) -> Handler:
    return lambda _: httpx.Response(302, headers={"location": to})


class Endless(httpx.AsyncByteStream):
    """A body that never ends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"<p>" * 30_000


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: httpx.Response(503), "http_503"),
        (lambda _: html(b"x", **{"content-type": "image/png"}), "not_html"),
        (lambda _: httpx.Response(200, stream=Endless()), "too_large"),
        (lambda _: html(b"", **{"content-encoding": "zstd"}), "compressed"),
        (moved("/again"), "too_many_redirects"),
        (moved("file:///etc/passwd"), "unreachable"),
        (moved("https://["), "unreachable"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
async def test_a_site_that_cannot_be_read_is_refused_by_name(store, territories, answer, reason):
    report = await imported(store, territories, client(answer))
    assert list(report.reasons) == [reason]


@pytest.mark.parametrize(
    ("robots", "read"),
    [
        (httpx.Response(200, text="User-agent: *\nDisallow: /"), False),
        (httpx.Response(200, text="User-agent: Autre\nDisallow: /"), True),
        (httpx.Response(200, text="User-agent: Observatoire\nDisallow: /"), False),
        (httpx.Response(200, content=b"\xff\x00 not text"), True),
        (httpx.Response(404), True),
        (httpx.Response(503), False),
    ],
)
async def test_what_robots_forbid_is_not_read(store, territories, robots, read):
    report = await imported(store, territories, client(lambda _: html(), lambda _: robots))
    assert ("robots" not in report.reasons) is read


async def test_a_robots_txt_that_no_parser_reads_refuses_its_site_alone(store, territories):
    robots = httpx.Response(200, text="User-agent: *\nCrawl-delay: ²")
    report = await imported(store, territories, client(lambda _: html(), lambda _: robots))
    assert list(report.reasons) == ["malformed"]


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254"])
async def test_no_site_leads_inside(host):
    async with build_client(contact="x", public_only=True) as http:
        with pytest.raises(Unreadable, match=r".") as refused:
            await read_page(http, f"http://{host}:9/")
    assert refused.value.reason == "not_public"


@pytest.mark.parametrize(
    "page", [b"", b"\x00" * 100, b"<a href=",
             b'<script type="application/ld+json">{"sameAs":"https://[x"}</script>',
             b"<script type=application/ld+json>{" * 50,
             b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>"],
)  # fmt: skip
def test_any_page_gives_links_or_none(page):
    assert links(page, LENS) == []


def test_a_link_that_stands_twice_is_told_by_its_strongest_form():
    page = b'<a href="https://x.com/a">a</a><a rel="me nofollow" href="https://x.com/a">a</a>'
    assert links(page, LENS) == [Link("https://x.com/a", "rel=me")]


def test_sites_are_those_of_main_desks(territories):
    def desk(name: str, *sites: str) -> dict[str, object]:
        return {
            "id": name, "nom": name,
            "pivot": [{"type_service_local": "mairie", "code_insee_commune": ["62498"]}],
            "site_internet": [{"valeur": site, "libelle": ""} for site in sites],
        }  # fmt: skip

    records = [
        desk(
            "Mairie - Lens",
            "www.lens.example",
            "https://www.lens.example",
            "a@lens.example",
            "http://[x",
        ),
        desk("Mairie annexe - Lens", "https://annexe.example"),
    ]
    found = list(sites_of(records, territories))
    assert [one.address for one in found if isinstance(one, Site)] == ["https://www.lens.example"]
    assert [one.reason for one in found if isinstance(one, Unusable)] == ["not_a_site"] * 2


@pytest.mark.recordings
def test_sites_of_recorded_desks(territories, recordings):
    data = (recordings / "annuaire" / "annuaire-mairies.json").read_bytes()
    found = list(sites_of(read_records(data), territories))
    assert sum(isinstance(one, Site) for one in found) >= 4
    assert all(one.address.startswith("http") for one in found if isinstance(one, Site))
