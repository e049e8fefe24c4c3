"""When each watch is to be looked at again, soonest first."""

import heapq
from datetime import datetime

ENTRIES_FEW = 1_000
"""Entries that are not worth tidying."""


class Timers:
    """One moment a watch; another replaces it. Memory is that of watches, not of changes."""

    def __init__(self) -> None:
        self._at: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def __len__(self) -> int:
        """Return how many entries are kept, those that were replaced included."""
        return len(self._heap)

    def put(self, watch: str, at: datetime) -> None:
        """Look at a watch at a moment, and not at the one put before."""
        if self._at.get(watch) == at:
            return
        self._at[watch] = at
        heapq.heappush(self._heap, (at, watch))
        if len(self._heap) > 2 * len(self._at) + ENTRIES_FEW:
            self._heap = [(at, watch) for watch, at in self._at.items()]
            heapq.heapify(self._heap)

    def take(self, now: datetime) -> set[str]:
        """Return the watches that are due, and forget their moments."""
        due: set[str] = set()
        while self._heap and self._heap[0][0] <= now:
            at, watch = heapq.heappop(self._heap)
            if self._at.get(watch) == at:
                del self._at[watch]
                due.add(watch)
        return due

    def clear(self) -> None:
        """Forget every moment."""
        self._at.clear()
        self._heap.clear()
