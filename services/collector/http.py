"""How a network is reached: one client, one way to fetch, bounded in time, size and redirections.

With `NETWORKS_VIA` every request goes to that address instead, its Host and path unchanged, as
`curl --connect-to` would: collectors run against the fictional networks without knowing it.
"""

import asyncio
import errno
import ipaddress
import socket
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from libs.clock import Clock
from services.collector.network import Answer, Failure, Request, host_of

TIME_LIMIT = 20.0
"""Seconds for one request, redirections and body included (platform APIs, section 18)."""

MOST_REDIRECTIONS = 5
CONNECTIONS = 100
PERMANENT = {301, 308}
REDIRECTIONS = {301, 302, 303, 307, 308}


class Forbidden(Exception):
    """An address that no network has: one of a private network, or of no web scheme."""


class PublicResolver(AbstractResolver):
    """Refuses names that lead inside our own network: an address of a feed is somebody's word."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of a host; raises `OSError` when it has none."""
        found = await self._resolver.resolve(host, port, family)
        public = [entry for entry in found if ipaddress.ip_address(entry["host"]).is_global]
        if not public:
            raise OSError(errno.EACCES, f"{host} has no public address")
        return public

    async def close(self) -> None:
        """Release the resolver."""
        await self._resolver.close()


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


def user_agent(contact: str) -> str:
    """Return how we announce ourselves: project, version, and where to write to us."""
    return f"Observatoire/{version('observatoire')} (+{contact})"


def build_client(*, via: str | None, contact: str, public_only: bool) -> httpx.AsyncClient:
    """Return the client of the collectors. `public_only` refuses addresses of private networks."""

    def session() -> aiohttp.ClientSession:
        resolver = PublicResolver() if public_only and not via else None
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, resolver=resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=not via,
        )

    transport: httpx.AsyncBaseTransport = AiohttpTransport(client=session)
    if via:
        transport = ViaTransport(via, transport)
    return httpx.AsyncClient(
        transport=transport,
        headers={"User-Agent": user_agent(contact), "Accept-Language": "fr"},
        timeout=httpx.Timeout(TIME_LIMIT),
        follow_redirects=False,
    )


async def fetch(client: httpx.AsyncClient, request: Request, clock: Clock) -> Answer | Failure:
    """Make a request and return what was answered, or why nothing was.

    Redirections are followed for requests that allow them, without their secrets. A body larger
    than allowed is abandoned on the way.
    """
    try:
        async with asyncio.timeout(TIME_LIMIT):
            return await _follow(client, request, clock)
    except TimeoutError:
        return Failure("unavailable", f"no answer within {TIME_LIMIT:g} s")
    except httpx.TimeoutException as error:
        # The transport calls so a refused connection too: its own words are kept.
        return Failure("unavailable", str(error) or f"no answer within {TIME_LIMIT:g} s")
    except Forbidden as error:
        return Failure("refused", str(error))
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
        return Failure("unavailable", f"{type(error).__name__}: {error}")


async def _follow(client: httpx.AsyncClient, request: Request, clock: Clock) -> Answer | Failure:
    url, moved_to, permanent = request.url, None, True
    for made in range(1, MOST_REDIRECTIONS + 2):
        _check(url)
        secret = made == 1
        async with client.stream(
            "GET",
            url,
            params=_params(request, secret=secret) if made == 1 else None,
            headers=dict(request.headers + (request.secret_headers if secret else ())),
        ) as response:
            target = response.headers.get("location")
            if response.status_code in REDIRECTIONS and target and request.follows_redirects:
                permanent = permanent and response.status_code in PERMANENT
                url = urljoin(url, target)
                moved_to = url if permanent else moved_to
                continue
            body = await _body(response, request.largest)
            if body is None:
                return Failure("refused", f"a body of more than {request.largest} bytes")
            return Answer(
                response.status_code,
                {name.lower(): value for name, value in response.headers.items()},
                body,
                clock.now(),
                moved_to,
                made,
            )
    return Failure("unavailable", f"more than {MOST_REDIRECTIONS} redirections")


def _params(request: Request, *, secret: bool) -> list[tuple[str, str | int | float | None]] | None:
    pairs = request.params + (request.secret_params if secret else ())
    return list(pairs) or None


def _check(url: str) -> None:
    """Refuse what is no public web address. A literal address is not seen by the resolver."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Forbidden(f"not a web address: {host_of(url) or url[:80]}")
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    if not literal.is_global:
        raise Forbidden(f"an address of a private network: {literal}")


async def _body(response: httpx.Response, largest: int) -> bytes | None:
    """Return the decompressed body, or None as soon as it is larger than allowed."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > largest:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
