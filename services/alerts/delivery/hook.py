"""Drivers that deliver by an HTTP POST: how it is sent is here, what is sent is in each driver."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import aiohttp
import httpx

from contracts.channels import BY_SCHEME
from contracts.messages import MessageDue
from libs.outbound.public import Forbidden
from libs.outbound.retry_after import wait_asked
from services.alerts.delivery.channel import GiveUp, Outside, TryLater
from services.alerts.delivery.telling import Telling

ANSWER_SECONDS = 30.0
"""Seconds for one attempt, its answer included."""

LONGEST_ASKED = timedelta(hours=1)
"""Whatever the other side asks for, a message is tried again after so long."""

ANSWER_BYTES = 65_536
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message as it is posted: `path` follows the host, `json` is the body."""

    path: str
    json: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    method: str = "POST"

    def __bytes__(self) -> bytes:
        return json.dumps(self.json, ensure_ascii=False).encode()


class Hook(ABC):
    """The driver of a channel by HTTP; `later` are statuses, beside the usual, to try again."""

    scheme: ClassVar[str]
    parallel: ClassVar[int] = 4
    pace: ClassVar[float] = 0.0
    longest: ClassVar[int]
    later: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, outside: Outside) -> None:
        self._http = outside.http
        self._now = outside.now
        self._base = outside.base(self.scheme)
        self.token = outside.tokens.get(self.scheme, "")

    def message_id(self, message: str, address: str) -> str | None:
        """Return none, unless the other side recognises repeats."""
        return None

    @abstractmethod
    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert as it is posted."""

    @abstractmethod
    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return a message of the api as it is posted."""

    def signed(self, address: str, body: Post) -> Mapping[str, str]:
        """Return the headers of one attempt, beside those of the body."""
        return {}

    async def send(self, address: str, body: Post) -> None:
        """Post; returns when the other side has accepted it, else `DeliveryError`."""
        base = self._base or f"https://{BY_SCHEME[self.scheme].host_of(address)}"
        headers = {"Content-Type": "application/json", **body.headers, **self.signed(address, body)}
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._http.stream(
                    body.method, base.rstrip("/") + body.path, content=bytes(body), headers=headers
                ) as answer,
            ):
                said = await _read(answer)
        except (Forbidden, httpx.InvalidURL) as error:
            raise GiveUp(str(error)) from None
        except (httpx.HTTPError, aiohttp.ClientError, TimeoutError) as error:
            # The transport lets some of aiohttp's own through: an answer that is no HTTP.
            raise TryLater(str(error) or type(error).__name__) from None
        sort_status(answer, said, self._now(), later=self.later)

    async def close(self) -> None:  # noqa: B027
        """Nothing to let go of: the HTTP client is another's."""


def sort_status(
    answer: httpx.Response, said: str, now: datetime, *, later: frozenset[int] = frozenset()
) -> None:
    """Sort the status of an answer: returns when accepted, else raises what is to be done.

    Later: 408, 425, 429, all 5xx, and what the channel adds; any other is to give up. Asked to wait
    for nothing, the courier waits as it does when nothing is asked.
    """
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status in (408, 425, 429) or status >= 500 or status in later:
        wait = wait_asked(answer.headers.get("Retry-After"), now, LONGEST_ASKED)
        raise TryLater(f"{status}: {said}", wait.total_seconds() if wait else None)
    raise GiveUp(f"{status}: {said}")


async def _read(answer: httpx.Response) -> str:
    """Return the beginning of an answer."""
    read = b""
    async for chunk in answer.aiter_bytes():
        read += chunk
        if len(read) >= ANSWER_BYTES:
            break
    return read[:ANSWER_BYTES].decode(errors="replace")
