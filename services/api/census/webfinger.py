"""Who an address of the fediverse is, as the servers themselves say it (WebFinger, RFC 7033).

`@com@ville.fr` may be held by another host (`social.ville.fr`). The domain of the name says which
actor that is, the actor's host must say the same name: one that only one of them says proves
nothing. Where the name is of the authority's own domain, that domain answers for the account.
The same words are spoken by Mastodon, Pixelfed and Friendica; which it is stands in nodeinfo
(nodeinfo.diaspora.software).
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from contracts.addresses import Identity, read_address
from contracts.networks import network_of
from libs.outbound.public import Forbidden
from services.api.census.fetching import SITE_SECONDS, Unreadable, fetched, joined
from services.api.store import Claim, Proof

DOCUMENT_BYTES = 64 * 1024
ACTOR = "application/activity+json"
PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
UNKNOWN_THERE = ("http_404", "http_410")
_ACCT = re.compile(r"(?:acct:)?@?([\w.\-]{1,64})@([a-z\d.\-]{3,253})", re.IGNORECASE | re.ASCII)


class Relation(msgspec.Struct, frozen=True):
    """A link of a document: what it is, and where it leads."""

    rel: str = ""
    href: str | None = None
    type: str | None = None


class Document(msgspec.Struct, frozen=True):
    """What a host says of a name (JRD), or where its nodeinfo is."""

    subject: str = ""
    links: Sequence[Relation] = ()

    def leads(self, rel: str, kind: str | None = None) -> str:
        """Return where the first link of that relation leads, over https; "" for none."""
        return next(
            (
                one.href
                for one in self.links
                if one.rel == rel
                and kind in (None, one.type)
                and one.href
                and one.href.startswith("https://")
                and joined("", one.href)
            ),
            "",
        )


class Software(msgspec.Struct, frozen=True):
    """What runs on a host."""

    name: str = ""
    version: str = ""


class NodeInfo(msgspec.Struct, frozen=True):
    """Of a host, the part that is used."""

    software: Software


D = TypeVar("D", Document, NodeInfo)


class ContradictedError(Exception):
    """Two hosts that do not say the same of one account."""


@dataclass(frozen=True, slots=True)
class Attested:
    """An account that its name's domain and its own host agree on.

    `name` is « user@domain » as it is written, `home` « user@host » where it is held; `software`
    what runs there ("pixelfed 0.12"), "" where it is not said.
    """

    name: str
    home: str
    page: str
    software: str

    @property
    def domain(self) -> str:
        """Return the domain that answers for it."""
        return self.name.rpartition("@")[2]


async def ask(http: httpx.AsyncClient, handle: str) -> Attested:
    """Return who a handle is. Raises `Unreadable`, `ContradictedError`, httpx's errors."""
    said = await _document(http, handle)
    name, actor = _name(said.subject), said.leads("self", ACTOR)
    if not name or not actor:
        raise ContradictedError(f"{handle}: no subject, or no actor")
    if name != handle.lower():
        await _agrees(http, name, name, actor)
    page = said.leads(PROFILE_PAGE)
    host = (urlsplit(actor).hostname or "").lower()
    user = urlsplit(actor).path.rstrip("/").rpartition("/")[2].removeprefix("@")
    if page and urlsplit(page).hostname == host:
        user = urlsplit(page).path.rstrip("/").rpartition("/")[2].removeprefix("@") or user
    home = f"{user}@{host}".lower()
    if home not in (name, handle.lower()):
        await _agrees(http, home, name, actor)
    return Attested(name, home, page, await _software(http, host))


async def attest_all(
    http: httpx.AsyncClient, site: str, claims: Sequence[Claim], seconds: float = SITE_SECONDS
) -> list[Claim]:
    """Return the claims of a site as their servers bear them out, one after another.

    After `seconds` in all, those that remain are left as they are.
    """
    told: list[Claim] = []
    until = asyncio.get_running_loop().time() + seconds
    for claim in claims:
        try:
            async with asyncio.timeout_at(until):
                told += await attest(http, site, claim)
        except TimeoutError:
            told.append(claim)
    return told


async def attest(http: httpx.AsyncClient, site: str, claim: Claim) -> list[Claim]:
    """Return a claim as its servers bear it out; other networks' as they are.

    An account that its own server does not know, or that two hosts name differently, is doubtful;
    a server that does not answer says nothing. On the authority's own domain its word is kept too:
    with the page that links to the account it is one source (`registering.VOICES`).
    """
    identity = claim.identity
    if network_of(identity.network).forms.federated is None or not identity.handle:
        return [claim]
    if identity.doubtful or not _ACCT.fullmatch(identity.handle):
        return [claim]
    try:
        known = await ask(http, identity.handle)
    except ContradictedError as problem:
        return [_doubtful(claim, f"WebFinger se contredit : {problem}")]
    except Unreadable as problem:
        unknown = problem.reason in UNKNOWN_THERE
        return [_doubtful(claim, "inconnu de son serveur (WebFinger)") if unknown else claim]
    except (httpx.HTTPError, httpx.InvalidURL, Forbidden, ValueError):
        return [claim]
    read = read_address(f"@{known.home}", identity.network)
    if not isinstance(read, Identity) or read.network != identity.network:
        return [claim]
    told = ", ".join(filter(None, (claim.proof.detail, f"WebFinger {known.name}", known.software)))
    borne_out = replace(claim, identity=read, proof=replace(claim.proof, detail=told))
    if not _same_domain(site, known.domain):
        return [borne_out]
    where = f"https://{known.domain}/.well-known/webfinger"
    proof = Proof("webfinger", where, claim.proof.seen_at, f"acct:{known.name}")
    return [borne_out, replace(borne_out, proof=proof)]


async def _agrees(http: httpx.AsyncClient, asked: str, name: str, actor: str) -> None:
    other = await _document(http, asked)
    if _name(other.subject) != name or other.leads("self", ACTOR) != actor:
        raise ContradictedError(f"{asked} n’est pas {name}")


async def _document(http: httpx.AsyncClient, handle: str) -> Document:
    host = handle.rpartition("@")[2].lower()
    resource = quote(f"acct:{handle.lower()}", safe="")
    return await _read(http, f"https://{host}/.well-known/webfinger?resource={resource}", Document)


async def _software(http: httpx.AsyncClient, host: str) -> str:
    """Return what a host says that it runs; "" where it does not say."""
    try:
        document = await _read(http, f"https://{host}/.well-known/nodeinfo", Document)
        where = next((to for one in document.links if (to := joined("", one.href))), "")
        if urlsplit(where).hostname != host:
            return ""
        software = (await _read(http, where, NodeInfo)).software
    except (Unreadable, httpx.HTTPError, httpx.InvalidURL, Forbidden, ValueError):
        return ""
    return f"{software.name[:40]} {software.version[:40]}".strip()


async def _read(http: httpx.AsyncClient, address: str, kind: type[D]) -> D:
    status, _, body = await fetched(http, address, DOCUMENT_BYTES)
    if status != 200:
        raise Unreadable(f"http_{status}")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
        raise Unreadable("not_json", str(problem)) from problem


def _name(subject: str) -> str:
    found = _ACCT.fullmatch(subject)
    return f"{found[1]}@{found[2]}".lower() if found else ""


def _doubtful(claim: Claim, why: str) -> Claim:
    detail = ", ".join(filter(None, (claim.proof.detail, why)))
    return replace(
        claim,
        identity=replace(claim.identity, doubtful=True),
        proof=replace(claim.proof, detail=detail),
    )


def _same_domain(site: str, domain: str) -> bool:
    """Whether a domain is that of a site, or below it: who holds one holds the other."""
    own = (urlsplit(site).hostname or "").lower().removeprefix("www.")
    return bool(own) and (domain == own or domain.endswith(f".{own}"))
