"""Reads an address of any network, however it was typed: an identity, or a named refusal."""

import html
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from contracts.addresses.feeds import read_fediverse, read_feed
from contracts.addresses.forms import OBSERVED_OR_COMMON, Account, Form, Forms, Onward
from contracts.addresses.identity import Identity, Refusal, Refused
from contracts.addresses.presence import PRESENCE

ALL: tuple[Forms, ...] = (*OBSERVED_OR_COMMON, *PRESENCE)
_BY_SLUG = {forms.slug: forms for forms in ALL}
_BY_HOST = {host: forms for forms in ALL for host in forms.hosts}
_LABELS = {label: forms.slug for forms in ALL for label in forms.labels} | {
    "mastodon": "mastodon",
    "rss": "rss",
    "flux rss": "rss",
}

_SHORTENERS = ("bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "buff.ly", "urlz.fr", "cutt.ly")
# Hosts of which no address is an account.
_REFUSED_HOSTS: dict[str, tuple[Refusal, str | None]] = {
    **{host: (Refusal.SHORTENER, forms.slug) for forms in ALL for host in forms.shorteners},
    **dict.fromkeys(_SHORTENERS, (Refusal.SHORTENER, None)),
    "m.me": (Refusal.MESSAGING, "facebook"),
    "messenger.com": (Refusal.MESSAGING, "facebook"),
    "wa.me": (Refusal.MESSAGING, "whatsapp"),
    "chat.whatsapp.com": (Refusal.GROUP, "whatsapp"),
    "youtu.be": (Refusal.POST, "youtube"),
    "fb.watch": (Refusal.POST, "facebook"),
    "player.vimeo.com": (Refusal.POST, "vimeo"),
}
_SIGNS = re.compile(r"[\w.\-·&']+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SCHEME = re.compile(r"^(?:feed:)?(?:https?[:/]+|//)*\s*", re.IGNORECASE)
_HTTP = re.compile(r"^(?:feed:)?http:", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"^[a-z][a-z\d+.\-]*:(?!\d)", re.IGNORECASE)
_E_MAIL = re.compile(r"^(?:mailto:)?[^@\s/:]+@[^@\s/]+\.[a-z]{2,}$", re.IGNORECASE)
_HOST = re.compile(r"^(?=.{4,253}$)([a-z\d]([a-z\d\-]{0,61}[a-z\d])?\.)+[a-z][a-z\d\-]*[a-z\d]$")


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


def network_of_label(label: str) -> str | None:
    """Slug of the network that people call so ("X (ex-Twitter)" is "x"), null when unknown."""
    return _LABELS.get(" ".join(label.casefold().split()))


def read_address(text: str, network: str | None = None) -> Identity | Refused:
    """Identity of the account at this address, or why it is none.

    `network` (a slug) tells how to read what is not an address: a bare name or "@name", "user@host"
    for Mastodon, any page for a feed. Where an address says another network, the address is right.
    """
    cleaned = unicodedata.normalize("NFC", html.unescape(text).translate(_INVISIBLE)).strip()
    cleaned = cleaned.strip("<>\"'«»“”,;").strip()
    if not cleaned:
        return Refused(Refusal.EMPTY, network)
    return _read(cleaned, network, onward=True)


def _read(text: str, network: str | None, *, onward: bool) -> Identity | Refused:
    if (found := read_fediverse(_without_scheme(text), network)) is not None:
        return found
    if text.lower().startswith("did:"):
        return _read(f"https://bsky.app/profile/{text}", network, onward=False)
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
    return _read_elsewhere(place, network)


def _without_scheme(text: str) -> str:
    return _SCHEME.sub("", text)


def _take_apart(text: str) -> Place | None:
    rest = _without_scheme(text)
    if re.search(r"\s", rest) or (_OTHER_SCHEME.match(rest)):
        return None
    try:
        parts = urlsplit(f"https://{rest}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if not _HOST.match(host) or "@" in parts.netloc:
        return None
    path = parts.fragment[1:] if parts.fragment.startswith("!/") else parts.path
    scheme = "http" if _HTTP.match(text) else "https"
    origin = f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
    return Place(host, _decoded(path), parts.query, origin, parts.path)


def _decoded(path: str) -> str:
    return unicodedata.normalize("NFC", unquote(path)).strip("/ ")


def _read_bare(text: str, network: str | None) -> Identity | Refused:
    """A name alone: of what network must have been said."""
    if network is None:
        named = re.fullmatch(r"@?[\w.\-]+", text)
        return Refused(Refusal.NO_NETWORK if named else Refusal.NOT_AN_ADDRESS)
    forms = _BY_SLUG.get(network)
    if forms is None or forms.bare is None or not re.fullmatch(r"@?[\w.\-]+", text):
        return Refused(Refusal.NOT_AN_ADDRESS, network)
    return _read(forms.bare.format(quote(text.removeprefix("@"))), network, onward=False)


def _known_host(host: str) -> Forms | None:
    while host:
        if host in _BY_HOST:
            return _BY_HOST[host]
        _, _, host = host.partition(".")
    return None


def _read_known(forms: Forms, place: Place, *, onward: bool) -> Identity | Refused:
    for candidate in forms.forms:
        if (groups := _groups(candidate, place)) is not None:
            return _decide(forms.slug, candidate, groups, place, onward=onward)
    return Refused(Refusal.NOT_AN_ACCOUNT, forms.slug)


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
    return _identity(slug, outcome, groups)


def _identity(slug: str, account: Account, groups: dict[str, str]) -> Identity | Refused:
    lowered = {
        name: text if name == "id" else unicodedata.normalize("NFC", text.lower())
        for name, text in groups.items()
    }
    handle = lowered.get("handle", "")
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
    """A host that is no network's: a Bluesky handle, a feed, or only a website."""
    named = place.host.endswith(".bsky.social") and network is None
    if not place.path and (named or network == "bluesky"):
        return Identity("bluesky", f"https://bsky.app/profile/{place.host}", place.host)
    return read_feed(place.origin, place.raw_path, place.query, network)
