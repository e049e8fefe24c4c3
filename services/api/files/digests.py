"""The digests of the files of months: computed once, kept; the files themselves never are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from cachetools import LRUCache

from services.api.files.csv import Variant

MONTHS_KEPT = 60
"""A kilobyte each: five years of months, or fewer that were computed anew."""

Computed = tuple[str, datetime]
"""A month "AAAA-MM", and when it was computed (UTC): what its files depend on."""


@dataclass(frozen=True, slots=True)
class Published:
    """A file as it is served: its name, the SHA-256 of its bytes, its lines but the first."""

    name: str
    digest: str
    lines: int


@dataclass(frozen=True, slots=True)
class Digests:
    """The files of a month by network and variant, and the text that its hash is of."""

    files: dict[tuple[str, Variant], Published]
    text: Published


class KeptDigests:
    """The digests of the last months asked for; made one month at a time, each once."""

    def __init__(self, months: int = MONTHS_KEPT) -> None:
        self._kept = LRUCache[Computed, Digests](months)
        self._making = asyncio.Lock()

    def known(self, month: Computed) -> Digests | None:
        """Return the digests of a month, None where they are not made."""
        return self._kept.get(month)

    async def of(self, month: Computed, make: Callable[[], Awaitable[Digests]]) -> Digests:
        """Return the digests of a month, made when they are not known."""
        if (kept := self.known(month)) is not None:
            return kept
        async with self._making:
            kept = self.known(month)
            if kept is None:
                kept = self._kept[month] = await make()
            return kept
