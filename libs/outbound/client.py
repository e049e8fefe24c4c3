"""The ways by which services reach others, by HTTP: guarded, behind a proxy if there is one.

- They reach public addresses only, but for those that the installation itself names (`trusted`).
  The address that is checked is the one that is connected to.
- Behind a proxy, names are resolved by the proxy, which must refuse those of its own network;
  addresses given as numbers are still checked here.
- With `via` every request goes to that address instead, its Host and path unchanged, as
  `curl --connect-to` would: the line runs against fictional networks without knowing it.
"""

import ssl
from collections.abc import Collection, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import aiohttp
import httpx
import structlog
from httpx_aiohttp import AiohttpTransport

from libs.outbound.public import check, public_socket
from libs.settings import Settings

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 20.0
"""Seconds for one step of a request (connecting, reading), unless its caller sets another."""

CONNECTIONS_AT_ONCE = 100


class Guarded(httpx.AsyncBaseTransport):
    """Sends requests of trusted hosts by one transport, others by another once checked.

    Raises `libs.outbound.public.Forbidden`.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        trusted: Collection[str] = (),
        direct: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._inner = inner
        self._trusted = trusted
        self._direct = direct or inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request where it may go."""
        if request.url.host in self._trusted:
            return await self._direct.handle_async_request(request)
        check(request.url)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()
        await self._direct.aclose()


class ViaTransport(httpx.AsyncBaseTransport):
    """Sends every request to one address over http, keeping its Host header and path."""

    def __init__(self, via: str, inner: httpx.AsyncBaseTransport) -> None:
        self._via = httpx.URL(via)
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request elsewhere; httpx has already written its Host."""
        request.url = request.url.copy_with(
            scheme="http", host=self._via.host, port=self._via.port or 80
        )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Outward(AiohttpTransport):
    """Sends requests; the name and password of an address go as a header alone.

    httpx has made that header already, and aiohttp refuses to be told them twice.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request."""
        if request.url.userinfo:
            request.url = request.url.copy_with(userinfo=b"")
        return await super().handle_async_request(request)


def user_agent(contact: str) -> str:
    """Return how we announce ourselves: project, version, and where to write to us."""
    return f"Observatoire/{version('observatoire')} (+{contact})"


@cache
def tls(ca_file: Path | None) -> ssl.SSLContext:
    """Return whom to trust: the usual authorities, and those of a file (PEM) beside them.

    Read once: it takes 20 ms.
    """
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _session(
    *,
    public: bool,
    proxy: str | None,
    ca_file: Path | None,
    headers: Mapping[str, str] | None = None,
) -> aiohttp.ClientSession:
    """Return a session, reaching public addresses only if `public`."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=CONNECTIONS_AT_ONCE,
            ssl=tls(ca_file),
            socket_factory=public_socket if public else None,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=proxy,
        headers=headers,
    )


def build_client(
    *,
    contact: str,
    public_only: bool,
    via: str | None = None,
    proxy: str | None = None,
    ca_file: Path | None = None,
    trusted: Collection[str] = (),
) -> httpx.AsyncClient:
    """Return the client; `trusted` are hosts reached without check nor proxy."""

    def transport(*, public: bool, proxy: str | None) -> Outward:
        return Outward(client=lambda: _session(public=public, proxy=proxy, ca_file=ca_file))

    reached: httpx.AsyncBaseTransport
    if via:
        reached = ViaTransport(via, transport(public=False, proxy=None))
    else:
        direct = transport(public=False, proxy=None)
        reached = transport(public=public_only and not proxy, proxy=proxy)
        if public_only or proxy:
            reached = Guarded(reached, trusted, direct)
        if public_only and proxy:
            log.warning("names are resolved by the proxy: it must refuse private addresses")
    return httpx.AsyncClient(
        transport=reached,
        headers={"User-Agent": user_agent(contact), "Accept-Language": "fr"},
        timeout=httpx.Timeout(ANSWER_SECONDS),
        follow_redirects=False,
    )


def client_of(
    settings: Settings, *, via: str | None = None, trusted: Collection[str] = ()
) -> httpx.AsyncClient:
    """Return the client of an installation; a live one reaches public addresses only."""
    return build_client(
        contact=settings.contact,
        public_only=settings.installation == "live",
        via=via,
        proxy=settings.proxy_url,
        ca_file=settings.ca_file,
        trusted=trusted,
    )


def channels_client_of(settings: Settings) -> httpx.AsyncClient:
    """Return the client by which channels are reached: hosts that settings name are trusted."""
    urls = settings.channel_urls.values()
    return client_of(settings, trusted={httpx.URL(url).host for url in urls})


def session_of(settings: Settings, *, via: str | None = None) -> aiohttp.ClientSession:
    """Return the session of an installation for WebSockets, by the rules of `client_of`.

    With `via` it is the caller who writes that address. To be made in the event loop.
    """
    proxy = None if via else settings.proxy_url
    return _session(
        public=settings.installation == "live" and not via and not proxy,
        proxy=proxy,
        ca_file=settings.ca_file,
        headers={"User-Agent": user_agent(settings.contact)},
    )
