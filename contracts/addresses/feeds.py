"""Feeds: known by what their address ends with, or because it was said to be one."""

import re
from urllib.parse import quote

from contracts.addresses.identity import Identity
from contracts.networks import NETWORKS

_FEED = re.compile(r"(^|/)(feed|rss|atom)$|\.(rss|atom|xml|rdf)$|(^|/)(feed|feeds|rss)/", re.I)
_PARAMETER = re.compile(r"(^|&)(feed|format|type)=(rss2?|atom|feed)(&|$)", re.I)
_SLUG = next(network.slug for network in NETWORKS if network.paced)


def looks_like_a_feed(path: str, query: str) -> bool:
    """Tell whether an address says that it is a feed's."""
    return bool(_FEED.search(path.rstrip("/")) or _PARAMETER.search(query))


def feed_of(origin: str, path: str, query: str) -> Identity:
    """Identity of a feed: its address, whole (one served by http alone must not become https)."""
    address = f"{origin}/{quote(path.lstrip('/'), safe='/:@!$&()*+,;=~%')}"
    if query:
        address += f"?{quote(query, safe='/:@!$&()*+,;=~?%')}"
    return Identity(_SLUG, address, address)
