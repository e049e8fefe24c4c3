"""How a network is asked: one way to fetch, bounded in time, size and redirections."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import aiohttp
import httpx

from libs.clock import Clock
from libs.outbound.client import ANSWER_SECONDS
from libs.outbound.public import Forbidden
from services.collector.readers.reader import Answer, Failure, Request

MOST_REDIRECTIONS = 5
"""Redirections followed for one request."""

PERMANENT = {301, 308}
REDIRECTIONS = {301, 302, 303, 307, 308}
LARGEST_ANYWHERE = 512 * 1024
"""Bytes; beyond, an answer needs room, of which there is little. Few feeds are larger."""

Grow = Callable[[], Awaitable[None]]
"""Waits until there is room for a large body."""


class Room:
    """Room for large bodies: so many are held at a time, the others wait on their hosts' side."""

    def __init__(self, bodies: int) -> None:
        self._left = asyncio.Semaphore(bodies)

    @asynccontextmanager
    async def for_one(self) -> AsyncGenerator[Grow]:
        """Give what waits for room, which is given back once the body is done with."""
        held = False

        async def grow() -> None:
            nonlocal held
            if not held:
                await self._left.acquire()
                held = True

        try:
            yield grow
        finally:
            if held:
                self._left.release()


async def _roomy() -> None:
    """There is room."""


async def fetch(
    client: httpx.AsyncClient, request: Request, clock: Clock, grow: Grow = _roomy
) -> Answer | Failure:
    """Make a request and return what was answered, or why nothing was.

    Redirections are followed for a GET that allows them, without its secrets. A body larger
    than allowed is abandoned on the way; one that is large waits for `grow`.
    """
    # Redirections and body included: the client's own limit is for each step.
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await _follow(client, request, clock, grow)
    except TimeoutError:
        return Failure("unavailable", f"no answer within {ANSWER_SECONDS:g} s")
    except httpx.TimeoutException as error:
        # The transport calls so a refused connection too: its own words are kept.
        return Failure("unavailable", str(error) or f"no answer within {ANSWER_SECONDS:g} s")
    except Forbidden as error:
        return Failure("refused", str(error))
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
        return Failure("unavailable", f"{type(error).__name__}: {error}")


async def _follow(
    client: httpx.AsyncClient, request: Request, clock: Clock, grow: Grow
) -> Answer | Failure:
    url, moved_to, permanent = request.url, None, True
    follows = request.follows_redirects and request.method == "GET"
    for made in range(1, MOST_REDIRECTIONS + 2):
        secret = made == 1
        async with client.stream(
            request.method,
            url,
            params=_params(request, secret=secret) if made == 1 else None,
            headers=dict(request.headers + (request.secret_headers if secret else ())),
            content=request.body or None,
        ) as response:
            target = response.headers.get("location")
            if response.status_code in REDIRECTIONS and target and follows:
                permanent = permanent and response.status_code in PERMANENT
                url = urljoin(url, target)
                moved_to = url if permanent else moved_to
                continue
            body = await body_of(response, request.largest, grow)
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


async def body_of(response: httpx.Response, largest: int, grow: Grow) -> bytes | None:
    """Return the decompressed body, or None as soon as it is larger than allowed."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > largest:
            return None
        if size > LARGEST_ANYWHERE:
            await grow()
        chunks.append(chunk)
    return b"".join(chunks)
