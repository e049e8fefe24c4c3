"""Addresses without a host of their own network: the fediverse, and feeds.

Any host may be a Mastodon instance: ``https://host/@name`` is read as one unless the host is known
for something else. A feed is known by what its address ends with, or because it was said to be one.
"""

import re
from urllib.parse import quote

from contracts.addresses.identity import Identity, Refusal, Refused

# Sites that write /@name and are no Mastodon instance.
_NOT_INSTANCES = (
    "medium.com",
    "tiktok.com",
    "youtube.com",
    "threads.net",
    "threads.com",
    "snapchat.com",
    "instagram.com",
    "facebook.com",
    "twitter.com",
    "x.com",
    "substack.com",
    "odysee.com",
)
_HOST = r"(?P<host>(?:[a-z\d](?:[a-z\d\-]{0,61}[a-z\d])?\.)+[a-z][a-z\d\-]*[a-z\d])"
_USER = r"(?P<user>[a-z\d_](?:[a-z\d_.\-]{0,62}[a-z\d_])?)"
_HANDLE = re.compile(rf"@?{_USER}@{_HOST}", re.IGNORECASE)
_PROFILE = re.compile(
    rf"{_HOST}/+(?:web/)?(?:@|users/){_USER}(?:@(?P<remote>[a-z\d.\-]+\.[a-z\d\-]+))?"
    r"(?P<rest>/.*)?",
    re.IGNORECASE,
)
_SECTIONS = ("", "with_replies", "media", "about", "followers", "following")
_FEED = re.compile(r"(^|/)(feed|rss|atom)$|\.(rss|atom|xml|rdf)$|(^|/)(feed|feeds|rss)/", re.I)
_PARAMETER = re.compile(r"(^|&)(feed|format|type)=(rss2?|atom|feed)(&|$)", re.I)


def read_fediverse(text: str, network: str | None) -> Identity | Refused | None:
    """Identity of a Mastodon account, refusal of one of its posts, null for anything else.

    "user@host" alone is an e-mail address unless `network` says "mastodon".
    """
    handle = _HANDLE.fullmatch(text)
    if handle and (text.startswith("@") or network == "mastodon"):
        return _mastodon(handle["user"], handle["host"])
    profile = _PROFILE.fullmatch(re.split(r"[?#]", text, maxsplit=1)[0])
    if profile is None or _known_elsewhere(profile["host"]):
        return None
    user, rest = profile["user"], (profile["rest"] or "").strip("/")
    if rest not in _SECTIONS:
        return Refused(Refusal.POST, "mastodon")
    if user.lower().endswith((".rss", ".atom")):
        user = user.rsplit(".", 1)[0]
    return _mastodon(user, profile["remote"] or profile["host"])


def read_feed(origin: str, path: str, query: str, network: str | None) -> Identity | Refused:
    """Identity of a feed; any other page is a website, unless it was said to be a feed.

    The address is kept whole: a feed served by http alone must not become https.
    """
    looks_so = bool(_FEED.search(path.rstrip("/")) or _PARAMETER.search(query))
    if network != "rss" and not looks_so:
        return Refused(Refusal.WEBSITE, network)
    address = f"{origin}/{quote(path.lstrip('/'), safe='/:@!$&()*+,;=~%')}"
    if query:
        address += f"?{quote(query, safe='/:@!$&()*+,;=~?%')}"
    return Identity("rss", address, address)


def _mastodon(user: str, host: str) -> Identity:
    user, host = user.lower(), host.lower().removeprefix("www.")
    return Identity("mastodon", f"https://{host}/@{user}", f"{user}@{host}")


def _known_elsewhere(host: str) -> bool:
    lowered = host.lower()
    return any(lowered == site or lowered.endswith(f".{site}") for site in _NOT_INSTANCES)
