"""The watches as they are now, known a moment later on one instance than on another."""

import asyncio
from collections.abc import Collection, Mapping

from contracts.watches import Watched

EXPECTED = 2.0
"""Seconds for which a watch that another instance knew already is waited for, once."""

LOOK_EVERY = 0.05


class Watches:
    """The rows of the table of watches."""

    def __init__(self, rows: Mapping[str, Watched]) -> None:
        self._rows = rows
        self._unknown: set[str] = set()

    def all(self) -> Collection[Watched]:
        """Return every watch, whatever its state."""
        return self._rows.values()

    def get(self, watch: str) -> Watched | None:
        """Return a watch as it is known now."""
        return self._rows.get(watch)

    async def expect(self, watch: str) -> Watched | None:
        """Return a watch that something refers to, None when it does not come to be known."""
        if watch not in self._rows and watch not in self._unknown:
            for _ in range(round(EXPECTED / LOOK_EVERY)):
                await asyncio.sleep(LOOK_EVERY)
                if watch in self._rows:
                    break
            else:
                self._unknown.add(watch)
        return self._rows.get(watch)
