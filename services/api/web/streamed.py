"""Answers sent as they are made: nobody holds the whole of them."""

import asyncio
from collections.abc import AsyncGenerator

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Send

from services.api.web.headers import matches

LONGEST_SECONDS = 600.0
"""How long one may take: whoever reads slowly holds a question open in the engine."""


class _Timed(StreamingResponse):
    """An answer that is cut after a while, and whose source is closed however it ends."""

    def __init__(
        self, parts: AsyncGenerator[bytes], media_type: str, headers: dict[str, str]
    ) -> None:
        super().__init__(parts, media_type=media_type, headers=headers)
        self._parts = parts

    async def stream_response(self, send: Send) -> None:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await super().stream_response(send)
        finally:
            await self._parts.aclose()


async def streamed(
    request: Request,
    parts: AsyncGenerator[bytes],
    media_type: str,
    *,
    disposition: str | None = None,
    digest: str | None = None,
) -> Response:
    """Return the answer whose bytes these are; what fails before the first of them is an error.

    `digest`, where it is known, is the ETag: an answer that the asker has is not made again.
    """
    headers = {"Content-Disposition": disposition} if disposition else {}
    if digest:
        headers["ETag"] = f'"{digest}"'
        if matches(request.headers.getlist("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
    first = await anext(parts, b"")
    return _Timed(_after(first, parts), media_type, headers)


async def _after(first: bytes, parts: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    try:
        yield first
        async for part in parts:
            yield part
    finally:
        await parts.aclose()
