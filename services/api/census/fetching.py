"""One page or document of somebody else's host: bounded in size and redirects, never compressed."""

from urllib.parse import urljoin, urlsplit

import httpx

PAGE_BYTES = 3 << 20
REDIRECTS = 5
"""Redirections followed for one page."""

SITE_SECONDS = 30.0
"""Seconds that a site may take to give its page, and as many for what else is asked about it."""


class Unreadable(Exception):
    """A site that gives no page: `reason` is a word of the report."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


async def fetched(
    http: httpx.AsyncClient, address: str, most: int = PAGE_BYTES
) -> tuple[int, str, bytes]:
    """Return status, type and body at the end of the redirects, each checked by the client.

    Raises `Unreadable`, httpx's errors, `libs.outbound.public.Forbidden`.

    Nothing compressed is taken: a bomb would be a hundred megabytes before it could be counted.
    """
    for _ in range(REDIRECTS + 1):
        asked = http.stream("GET", address, headers={"Accept-Encoding": "identity"})
        async with asked as answer:
            if answer.is_redirect:
                to = joined(address, answer.headers.get("location"))
                if to is None:
                    raise Unreadable("unreachable", "redirected to what is no address of the web")
                address = to
                continue
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise Unreadable("compressed")
            kept = bytearray()
            async for piece in answer.aiter_bytes():
                kept += piece
                if len(kept) > most:
                    raise Unreadable("too_large")
            return answer.status_code, answer.headers.get("content-type", "").lower(), bytes(kept)
    raise Unreadable("too_many_redirects")


def joined(address: str, to: str | None) -> str | None:
    """Return where a link of a page leads; None where that is no address of the web."""
    try:
        whole = urljoin(address, (to or "").strip())
        return whole if urlsplit(whole).scheme in ("http", "https") else None
    except ValueError:
        return None
