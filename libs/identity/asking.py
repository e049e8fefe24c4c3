"""One bounded request to who answers for somebody: an identity provider, a network's OAuth."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

import httpx

from libs.outbound.public import Forbidden

ANSWER_SECONDS = 10.0
"""Seconds for one request, its answer included: somebody waits."""

LARGEST_ANSWER_BYTES = 262_144
"""Bytes of an answer."""


class Unreachable(Exception):
    """Who is asked does not answer, or answers what none of their kind does."""


class Refused(Exception):
    """Who comes back is not believed; the words are for the log, never for the page."""


async def ask(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: str = "",
) -> tuple[int, str, bytes]:
    """Return status, type and body of an answer. Redirections are not followed.

    Raises `Unreachable`, which tells no query of an address: secrets may stand there.
    """
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            http.stream(method, url, headers=dict(headers or {}), content=body or None) as answer,
        ):
            read = bytearray()
            async for part in answer.aiter_bytes():
                read += part
                if len(read) > LARGEST_ANSWER_BYTES:
                    raise Unreachable("an answer without end")
            return answer.status_code, answer.headers.get("content-type", ""), bytes(read)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, Forbidden) as error:
        said = str(error).replace(url, url.partition("?")[0])
        raise Unreachable(f"{type(error).__name__}: {said}") from error


def with_query(url: str, asked: Mapping[str, str]) -> str:
    """Return an address with more in its query."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"


def json_object(answer: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer; raises `Unreachable` for anything else."""
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise Unreachable("no JSON") from error
    if not isinstance(found, dict):
        raise Unreachable("no JSON object")
    return cast("dict[str, Any]", found)
