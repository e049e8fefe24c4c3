"""How a network is asked: one way to fetch, bounded in time, size and redirections."""

import asyncio
from urllib.parse import urljoin

import aiohttp
import httpx

from libs.clock import Clock
from libs.outbound.client import TIME_LIMIT
from libs.outbound.public import Forbidden
from services.collector.readers.reader import Answer, Failure, Request

MOST_REDIRECTIONS = 5
PERMANENT = {301, 308}
REDIRECTIONS = {301, 302, 303, 307, 308}


async def fetch(client: httpx.AsyncClient, request: Request, clock: Clock) -> Answer | Failure:
    """Make a request and return what was answered, or why nothing was.

    Redirections are followed for a GET that allows them, without its secrets. A body larger
    than allowed is abandoned on the way.
    """
    # Redirections and body included: the client's own limit is for each step.
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
