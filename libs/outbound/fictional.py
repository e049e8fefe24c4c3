"""Where pages of the fictional networks are, for a browser and for their server."""

import httpx

PAGES = "/__world__/at/"
"""Where the server of the fictional networks has their pages: then the host, then the path."""


def page_via(url: str, via: str | None) -> str:
    """Return where a browser finds a page; with `via`, that of the same fictional network.

    A browser writes the Host of who it asks: the server has the page under the name of its own.
    """
    if via is None:
        return url
    page = httpx.URL(url)
    return f"{via.rstrip('/')}{PAGES}{page.host}{page.raw_path.decode()}"
