"""Reads an address of any network, however it was typed: an identity, or a named refusal."""

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, quote, unquote, urlsplit

from contracts.addresses.feeds import feed_of, looks_like_a_feed
from contracts.addresses.hosts import ascii_host
from contracts.addresses.identity import Identity, Refusal, Refused
from contracts.networks import KNOWN, Network, network_of
from contracts.networks.forms import Account, Form, Onward

_BY_HOST = {host: network for network in KNOWN for host in network.forms.hosts}
_LABELS = {label: network.slug for network in KNOWN for label in network.forms.labels}
_FEDIVERSE = tuple(network for network in KNOWN if network.forms.federated)
_SCHEMES = tuple(
    (one.forms.scheme, one.forms.bare) for one in KNOWN if one.forms.scheme and one.forms.bare
)
_ANYWHERE = tuple(network for network in KNOWN if network.forms.anywhere)

_SHORTENERS = ("bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "buff.ly", "urlz.fr", "cutt.ly")
# Hosts of which no address is an account.
_REFUSED_HOSTS: dict[str, tuple[Refusal, str | None]] = {
    **{host: (Refusal.SHORTENER, one.slug) for one in KNOWN for host in one.forms.shorteners},
    **{host: (why, one.slug) for one in KNOWN for host, why in one.forms.refused.items()},
    **dict.fromkeys(_SHORTENERS, (Refusal.SHORTENER, None)),
}
_SIGNS = re.compile(r"[\w.\-·&']+")
_NO_HANDLES = re.compile(r"\.(invalid|local|localhost|internal|arpa|onion|alt)$")
"""Hosts that are nobody's handle (atproto.com/specs/handle); `handle.invalid` says « none »."""

_SCHEME = re.compile(r"^(?:feed:|acct:)?(?:https?[:/]+|//)*\s*", re.IGNORECASE)
_HTTP = re.compile(r"^(?:feed:)?http:", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"^[a-z][a-z\d+.\-]*:(?!\d)", re.IGNORECASE)
_E_MAIL = re.compile(r"^(?:mailto:)?[^@\s/:]+@[^@\s/]+\.[a-z]{2,}$", re.IGNORECASE)
_USER = re.compile(
    r"@?(?P<handle>[a-z\d_](?:[a-z\d_.\-]{0,62}[a-z\d_])?)"
    r"@(?P<host>[^\s/?#@:]+\.[^\s/?#@:]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart: host in lower case, path decoded and without outer slashes.

    `origin` (scheme, host, port) and `raw_path` are as written, for addresses kept whole.
    """

    host: str
    path: str
    query: str
    origin: str
    raw_path: str
    port: int | None


def network_of_label(label: str) -> str | None:
    """Slug of the network that people call so ("X (ex-Twitter)" is "x"), null when unknown."""
    return _LABELS.get(" ".join(label.casefold().split()))


def read_address(text: str, network: str | None = None) -> Identity | Refused:
    """Identity of the account at this address, or why it is none.

    `network` (a slug) tells how to read what is not an address: a bare name or "@name", "user@host"
    where accounts are on hosts of their own, any page for a feed. Where an address says another
    network, the address is right.
    """
    seen = (sign for sign in html.unescape(text) if unicodedata.category(sign) != "Cf")
    cleaned = unicodedata.normalize("NFC", "".join(seen)).strip().strip("<>()[]\"'«»“”,;").strip()
    if not cleaned:
        return Refused(Refusal.EMPTY, network)
    return _read(cleaned, network, onward=True)


def read_author(address: str) -> Identity | None:
    """Return the account that an address names: its own, or that of who published what is there.

    Null where it names nobody by itself (`watch?v=…`, an article of a site) and for a feed, which
    may be many people's. On a host that is no network's a name is of that host, whatever software
    answers there.
    """
    if address.startswith("@") and isinstance(named := _read_user(address, None), Identity):
        return named
    place = _take_apart(_with_scheme(address) or address)
    if place is None or place.host.removeprefix("www.") in _REFUSED_HOSTS:
        return None
    if (known := _known_host(place.host)) is not None:
        return _author_at(place, known.slug, known.forms.forms)
    if place.port:
        return None
    found = (_author_at(place, one.slug, one.forms.anywhere) for one in _ANYWHERE)
    return next(filter(None, found), None)


def _author_at(place: Place, slug: str, forms: Sequence[Form]) -> Identity | None:
    for candidate in forms:
        if (groups := _groups(candidate, place)) is None:
            continue
        if author := groups.get("author"):
            return _author_at(replace(place, path=author), slug, forms)
        read = _decide(slug, candidate, _with_host(groups, place), place, onward=False)
        return read if isinstance(read, Identity) else None
    return None


def _read(text: str, network: str | None, *, onward: bool) -> Identity | Refused:
    if (found := _read_user(_without_scheme(text), network)) is not None:
        return found
    if (named := _with_scheme(text)) is not None:
        return _read(named, network, onward=False)
    if _E_MAIL.match(text):
        return Refused(Refusal.E_MAIL, network)
    place = _take_apart(text)
    if place is None:
        return _read_bare(text, network)
    if place.host.removeprefix("www.") in _REFUSED_HOSTS:
        refusal, slug = _REFUSED_HOSTS[place.host.removeprefix("www.")]
        return Refused(refusal, slug or network)
    known = _known_host(place.host)
    if known is not None:
        return _read_known(known, place, onward=onward)
    return _read_anywhere(place, network) or _read_elsewhere(place, network)


def _read_user(text: str, network: str | None) -> Identity | Refused | None:
    """Identity of "@user@host"; without its first "@" it is an e-mail unless a network is said."""
    said = _USER.fullmatch(text)
    named = [one for one in _FEDIVERSE if one.slug == network]
    if said is None or not (named or text.startswith("@")):
        return None
    one = (named or _FEDIVERSE)[0]
    account = one.forms.federated
    groups = {"handle": said["handle"], "host": said["host"]}
    return None if account is None else _identity(one.slug, account, groups)


def _with_scheme(text: str) -> str | None:
    """Address of what names an account by a scheme of its network's own (« did: »)."""
    for scheme, bare in _SCHEMES:
        if text.lower().startswith(scheme):
            return bare.format(text)
    return None


def _without_scheme(text: str) -> str:
    return _SCHEME.sub("", text)


def _take_apart(text: str) -> Place | None:
    rest = _without_scheme(text)
    if re.search(r"\s", rest) or (_OTHER_SCHEME.match(rest)):
        return None
    try:
        parts = urlsplit(f"https://{rest}")
        host, port = ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if host is None or "@" in parts.netloc:
        return None
    path = parts.fragment[1:] if parts.fragment.startswith("!/") else parts.path
    scheme = "http" if _HTTP.match(text) else "https"
    origin = f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
    return Place(host, _decoded(path), parts.query, origin, parts.path, port)


def _decoded(path: str) -> str:
    return unicodedata.normalize("NFC", unquote(path)).strip("/ ")


def _read_bare(text: str, network: str | None) -> Identity | Refused:
    """A name alone: of what network must have been said."""
    if network is None:
        named = re.fullmatch(r"@?[\w.\-]+", text)
        return Refused(Refusal.NO_NETWORK if named else Refusal.NOT_AN_ADDRESS)
    forms = network_of(network).forms
    if forms.bare is None or not re.fullmatch(r"@?[\w.\-]+", text):
        return Refused(Refusal.NOT_AN_ADDRESS, network)
    return _read(forms.bare.format(quote(text.removeprefix("@"))), network, onward=False)


def _known_host(host: str) -> Network | None:
    while host:
        if host in _BY_HOST:
            return _BY_HOST[host]
        _, _, host = host.partition(".")
    return None


def _read_known(network: Network, place: Place, *, onward: bool) -> Identity | Refused:
    for candidate in network.forms.forms:
        if (groups := _groups(candidate, place)) is not None:
            return _decide(network.slug, candidate, groups, place, onward=onward)
    return Refused(Refusal.NOT_AN_ACCOUNT, network.slug)


def _read_anywhere(place: Place, network: str | None) -> Identity | Refused | None:
    """What stands on a host of its own: an account of a federated network, the one said first."""
    if place.port:
        return None
    for one in sorted(_ANYWHERE, key=lambda one: one.slug != network):
        if any(f".{place.host}".endswith(f".{site}") for site in one.forms.elsewhere):
            continue
        for candidate in one.forms.anywhere:
            unsaid = one.slug != network and candidate.unsaid
            if unsaid and not unsaid.search(place.host):
                continue
            if (groups := _groups(candidate, place)) is not None:
                whole = _with_host(groups, place)
                return _decide(one.slug, candidate, whole, place, onward=False)
    return None


def _with_host(groups: dict[str, str], place: Place) -> dict[str, str]:
    return groups | {"host": groups.pop("remote", place.host)}


def _groups(candidate: Form, place: Place) -> dict[str, str] | None:
    matched = candidate.pattern.fullmatch(place.path)
    if matched is None:
        return None
    if candidate.parameter is None or candidate.value is None:
        return {name: text for name, text in matched.groupdict().items() if text}
    values = parse_qs(place.query).get(candidate.parameter, [])
    valued = candidate.value.fullmatch(values[0].strip()) if values else None
    return valued.groupdict() if valued else None


def _decide(
    slug: str, candidate: Form, groups: dict[str, str], place: Place, *, onward: bool
) -> Identity | Refused:
    outcome = candidate.outcome
    if isinstance(outcome, Refusal):
        return Refused(outcome, slug)
    if isinstance(outcome, Onward):
        target = parse_qs(place.query).get(outcome.parameter)
        return (
            _read(target[0], None, onward=False)
            if target and onward
            else Refused(Refusal.NOT_AN_ACCOUNT, slug)
        )
    found = _identity(slug, outcome, groups)
    if candidate.parameter is None or isinstance(found, Refused) or found.native_id:
        return found
    # A parameter may say a name that no path has: x.com/i is nobody.
    again = _read(found.address, slug, onward=False)
    return again if isinstance(again, Refused) else found


def _identity(slug: str, account: Account, groups: dict[str, str]) -> Identity | Refused:
    lowered = {
        name: text if name == "id" else unicodedata.normalize("NFC", text.lower())
        for name, text in groups.items()
    }
    if "host" in lowered:
        lowered["host"] = (ascii_host(lowered["host"]) or "").removeprefix("www.")
    handle = lowered.get("handle", "")
    if handle and account.hosted:
        host = ascii_host(handle) or ""
        lowered["handle"] = handle = "" if _NO_HANDLES.search(host) else host
    if "" in (lowered.get("host"), lowered.get("handle")):
        return Refused(Refusal.INVALID_HANDLE, slug)
    # Lower case may take more signs than the original, which no network has in its names.
    if handle and (handle.strip("._-") == "" or not _SIGNS.fullmatch(handle)):
        return Refused(Refusal.INVALID_HANDLE, slug)
    quoted = {name: quote(text, safe="@:._-") for name, text in lowered.items()}
    return Identity(
        slug,
        account.address.format(**quoted),
        account.handle.format(**lowered) if account.handle else None,
        account.native_id.format(**lowered) if account.native_id else None,
        account.doubtful,
    )


def _read_elsewhere(place: Place, network: str | None) -> Identity | Refused:
    """A host that is no network's: a handle where handles are hosts, a feed, or only a website."""
    for one in KNOWN:
        suffix, bare = one.forms.suffix, one.forms.bare
        named = suffix is not None and network is None and place.host.endswith(suffix)
        if suffix and bare and not place.path and (named or network == one.slug):
            return _read(bare.format(place.host), one.slug, onward=False)
    said = network is not None and network_of(network).paced
    if said or looks_like_a_feed(place.raw_path, place.query):
        return feed_of(place.origin, place.raw_path, place.query)
    return Refused(Refusal.WEBSITE, network)
