"""Priority queues of what is due, soonest first: no tick looks at every subject."""

import heapq
import itertools
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.jobs import Operation
from services.collector.planning.schedule import Due, Subject

ENTRIES_FEW = 1_000
"""Entries of a heap that are not worth tidying."""


class Group(NamedTuple):
    """Subjects that one request may serve together; those that their owners connected, alone."""

    network: str
    operation: Operation
    batched: bool
    owned: bool = False


class Entry(NamedTuple):
    """A subject due at a moment; it is stale when the subject's turn has changed since."""

    at: datetime
    order: int
    subject: str
    turn: int
    late: timedelta


class Agenda:
    """A heap by group of subjects. Putting a subject again makes its earlier entries stale."""

    def __init__(self) -> None:
        self._heaps: dict[Group, list[Entry]] = {}
        self._turns: dict[str, int] = {}
        self._roomy: dict[Group, int] = {}
        self._order = itertools.count()

    def put(self, subject: Subject, dues: tuple[Due, ...]) -> None:
        """Note what is due of a subject, and forget what was noted before."""
        turn = self._turns[subject.id] = next(self._order)
        for due in dues:
            group = Group(subject.network.slug, due.operation, subject.batched, subject.owned)
            entry = Entry(due.at, next(self._order), subject.id, turn, due.late)
            heap = self._heaps.setdefault(group, [])
            heapq.heappush(heap, entry)
            if len(heap) > self._roomy.get(group, ENTRIES_FEW):
                self._tidy(group, heap)

    def put_back(self, group: Group, entry: Entry, at: datetime | None = None) -> None:
        """Return an entry that was taken and not used, as it was or for later."""
        heapq.heappush(self._heaps[group], entry._replace(at=at or entry.at))

    def drop(self, subject: str) -> None:
        """Forget a subject; no turn is given twice, so that old entries stay stale."""
        self._turns.pop(subject, None)

    def take(self, group: Group, until: datetime) -> Entry | None:
        """Take the soonest entry of a group that is due by `until`, or None."""
        entry = self._first(group)
        if entry is None or entry.at > until:
            return None
        heapq.heappop(self._heaps[group])
        return entry

    def urgent(self, now: datetime) -> list[Group]:
        """Return the groups that have something due, in the order targets would be missed."""
        due: list[tuple[datetime, Group]] = []
        for group in self._heaps:
            entry = self._first(group)
            if entry is not None and entry.at <= now:
                due.append((entry.at + entry.late, group))
        return [group for _, group in sorted(due)]

    def next_at(self) -> datetime | None:
        """Return the soonest moment at which something is due."""
        moments = [entry.at for group in self._heaps if (entry := self._first(group))]
        return min(moments, default=None)

    def lags(self, now: datetime) -> dict[tuple[str, Operation], float]:
        """Return by how many seconds the soonest of each network and operation is late."""
        lags: dict[tuple[str, Operation], float] = {}
        for group in self._heaps:
            entry = self._first(group)
            key = (group.network, group.operation)
            late = (now - entry.at).total_seconds() if entry else 0.0
            lags[key] = max(lags.get(key, 0.0), late, 0.0)
        return lags

    def _tidy(self, group: Group, heap: list[Entry]) -> None:
        """Take out stale entries, which may be due in weeks, once they may be half of a heap."""
        heap[:] = [entry for entry in heap if entry.turn == self._turns.get(entry.subject)]
        heapq.heapify(heap)
        self._roomy[group] = max(ENTRIES_FEW, 2 * len(heap))

    def _first(self, group: Group) -> Entry | None:
        heap = self._heaps.get(group)
        while heap and heap[0].turn != self._turns.get(heap[0].subject):
            heapq.heappop(heap)
        return heap[0] if heap else None
