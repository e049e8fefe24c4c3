"""What a browser says of the page that makes it send a request, and whether that may be answered.

Two things that any page of the Web can do to a server that its reader's machine reaches: make the
browser send it a form (CSRF), and call it by a name of its own that leads there (DNS rebinding).
Programs say nothing of this and are let through. Source: Fetch Metadata (W3C), RFC 6454.
"""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

LOCAL = ("127.0.0.1", "localhost", "[::1]")
"""Names by which a machine calls itself."""

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
"""Methods that change nothing."""

FROM_HERE = frozenset(("same-origin", "none"))
"""Of `Sec-Fetch-Site`: our own page, or a person who typed the address."""


def known_host(host: str, names: Collection[str]) -> bool:
    """Tell whether a `Host` header is one of our names (each with or without a port)."""
    return "*" in names or host in names or name_of(host) in names


def sent_by_another_site(headers: Mapping[str, str], sites: Collection[str]) -> bool:
    """Tell whether a page of another site makes a browser send this.

    `headers` is asked in small letters; `sites` are our hosts, with their ports. None: we have no
    pages, and whatever page sends it is another site's.
    """
    if headers.get("sec-fetch-site", "none") not in FROM_HERE:
        return True
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc not in sites
    except ValueError:
        return True


def name_of(host: str) -> str:
    """Return a host without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
