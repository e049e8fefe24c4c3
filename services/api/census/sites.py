"""The authority's own site: the accounts that its home page links to, the strongest proof of all.

What a page says is data: it is read whole in memory up to a bound, parsed, never run. One page a
site, after its robots.txt, some sites at once. A link gives a candidate; together with what another
source says of the same territory, it verifies (the registry's rule).
Source: microformats.org/wiki/rel-me, schema.org/sameAs, RFC 9309 (robots.txt).
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpx
from selectolax.lexbor import LexborHTMLParser

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from contracts.networks import network_of
from contracts.territories import Territories, Territory
from libs.outbound.public import Forbidden
from services.api.census.annuaire import BrokenFieldError, Record, desk_of, nested
from services.api.census.fetching import SITE_SECONDS, Unreadable, fetched, joined
from services.api.census.report import Report, Tell, Unusable, take_in
from services.api.census.roles import role_of
from services.api.census.webfinger import attest_all
from services.api.store import Claim, Proof, Store

SITES_AT_ONCE = 8
"""Sites of town halls asked at the same time."""

AGENT = "Observatoire"
A_FEW = 2
"""Accounts of one network on one page: more of them is a list of others, each of them doubtful."""

How = Literal["rel=me", "sameAs", "twitter:site", "lien"]
ORDER: Sequence[How] = ("rel=me", "sameAs", "twitter:site", "lien")
"""How a page names an account, the strongest first."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site that the annuaire gives for a territory."""

    territory: Territory
    address: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address on a page, and how it stands there."""

    address: str
    how: How


def sites_of(records: Iterable[Record], territories: Territories) -> Iterator[Site | Unusable]:
    """Return the site of each main desk of the annuaire, or why it gives none (pure)."""
    seen: set[tuple[str, str]] = set()
    for record in records:
        desk = desk_of(record, territories)
        if isinstance(desk, Unusable):
            yield desk
            continue
        if not desk.main:
            continue
        try:
            entries = nested(record.get("site_internet"))
        except BrokenFieldError as problem:
            yield Unusable(desk.territory.code, "broken_field", f"site_internet: {problem}")
            continue
        for entry in entries:
            given = cast("Record", entry) if isinstance(entry, dict) else {"valeur": entry}
            address = _address(str(given.get("valeur") or ""))
            if address is None:
                yield Unusable(desk.territory.code, "not_a_site", str(given.get("valeur")))
            elif (key := (desk.territory.code, address)) not in seen:
                seen.add(key)
                yield Site(desk.territory, address)


def links(page: bytes, address: str) -> list[Link]:
    """Return what a page links to, its strongest form of each address first (pure)."""
    tree = LexborHTMLParser(page)
    found: list[Link] = []
    for node in tree.css("a[href], link[rel][href]"):
        to = joined(address, node.attributes.get("href"))
        rel = (node.attributes.get("rel") or "").lower().split()
        if to and (node.tag == "a" or "me" in rel):
            found.append(Link(to, "rel=me" if "me" in rel else "lien"))
    for node in tree.css('script[type="application/ld+json"]'):
        found += (Link(one, "sameAs") for one in _same_as(node.text()))
    for node in tree.css('meta[name="twitter:site"]'):
        if name := (node.attributes.get("content") or "").strip().removeprefix("@"):
            found.append(Link(f"https://x.com/{name}", "twitter:site"))
    found.sort(key=lambda one: ORDER.index(one.how))
    return list({one.address: one for one in reversed(found)}.values())[::-1]


def linked(site: Site, page: bytes, reference: str, now: datetime) -> Iterator[Claim]:
    """Return a claim for each account that a page links to (pure).

    Links to anything else (share buttons, posts, other sites) are passed over.
    """
    accounts: dict[str, tuple[Identity, Link]] = {}
    for link in links(page, site.address):
        read = read_address(link.address)
        if isinstance(read, Identity) and not network_of(read.network).paced:
            accounts.setdefault(read.key, (read, link))
    many = Counter(read.network for read, _ in accounts.values())
    for read, link in accounts.values():
        role = role_of(read.handle or read.address)
        doubtful = many[read.network] > A_FEW and link.how != "rel=me"
        yield Claim(
            identity=replace(read, doubtful=read.doubtful or doubtful),
            owners=(Ownership(territory=site.territory.code, role=role),),
            proof=Proof("site", f"{site.address}, {reference}", now, link.how),
        )


async def read_page(http: httpx.AsyncClient, address: str) -> bytes:
    """Return the home page of a site, redirects followed. Raises `Unreadable`."""
    try:
        async with asyncio.timeout(SITE_SECONDS):
            if not await _allowed(http, address):
                raise Unreadable("robots")
            return await _page(http, address)
    except TimeoutError as problem:
        raise Unreadable("too_slow") from problem
    except Forbidden as problem:
        raise Unreadable("not_public", str(problem)) from problem
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise Unreadable("unreachable", type(problem).__name__) from problem
    except ValueError as problem:  # an address, or a rule of robots.txt, that is none
        raise Unreadable("malformed", str(problem)) from problem


async def import_sites(
    store: Store,
    http: httpx.AsyncClient,
    found: Iterable[Site | Unusable],
    *,
    dry_run: bool = False,
    tell: Tell = lambda _, __: None,
) -> Report:
    """Read the sites and register, as candidates, the accounts that they link to."""
    everything = list(found)
    sites = [one for one in everything if isinstance(one, Site)]
    gate, done = asyncio.Semaphore(SITES_AT_ONCE), 0

    async def read(site: Site) -> list[Claim | Unusable]:
        nonlocal done
        try:
            async with gate:
                page = await read_page(http, site.address)
                now = store.now()
                claims = list(linked(site, page, f"lu le {now:%Y-%m-%d}", now))
                return list(await attest_all(http, site.address, claims))
        except Unreadable as problem:
            return [Unusable(site.address, problem.reason, str(problem))]
        finally:
            done += 1
            tell(done, len(sites))

    read_all = await asyncio.gather(*(read(site) for site in sites))
    claims: list[Claim | Unusable] = [one for one in everything if isinstance(one, Unusable)]
    claims += (one for page in read_all for one in page)
    return take_in(store, len(sites), claims, dry_run=dry_run)


async def _allowed(http: httpx.AsyncClient, address: str) -> bool:
    """Whether robots.txt lets us read the page: one that is not there forbids nothing."""
    status, _, text = await fetched(http, urljoin(address, "/robots.txt"))
    if status >= 500:  # RFC 9309, 2.3.1.4: everything is disallowed meanwhile
        return False
    rules = RobotFileParser()
    rules.parse(text.decode(errors="replace").splitlines() if status == 200 else [])
    return rules.can_fetch(AGENT, address)


async def _page(http: httpx.AsyncClient, address: str) -> bytes:
    status, kind, page = await fetched(http, address)
    if status != 200:
        raise Unreadable(f"http_{status}")
    if "html" not in (kind or "html"):
        raise Unreadable("not_html", kind)
    return page


def _address(value: str) -> str | None:
    """Return the address of a site as it was typed, its scheme added; None for a mail, or none."""
    value = value.strip()
    if not value or "@" in value or " " in value:
        return None
    address = value if "//" in value else f"https://{value}"
    whole = joined("", address)
    return whole if whole and "." in urlsplit(whole).netloc else None


def _same_as(text: str) -> Iterator[str]:
    """Yield the addresses of `sameAs` in JSON-LD, at any depth that it can have."""
    try:
        waiting: list[object] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += cast("list[object]", one)
        elif isinstance(one, dict):
            held = cast("dict[str, object]", one)
            same = held.get("sameAs")
            for address in cast("list[object]", same) if isinstance(same, list) else [same]:
                if isinstance(address, str) and (whole := joined("", address)):
                    yield whole
            waiting += (part for name, part in held.items() if name != "sameAs")
