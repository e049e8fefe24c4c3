"""Which offsets may be committed while messages of many records are under way at once."""

from collections import OrderedDict
from typing import Generic, TypeVar

P = TypeVar("P")


class Watermark(Generic[P]):
    """Counts what is left to do of each record, by partition, in order of offset."""

    def __init__(self) -> None:
        self._left: dict[P, OrderedDict[int, int]] = {}
        self._next: dict[P, int] = {}

    def add(self, partition: P, offset: int, tasks: int) -> None:
        """Take a record with so many things to do; offsets of a partition come in order."""
        if tasks:
            self._left.setdefault(partition, OrderedDict())[offset] = tasks
        self._next[partition] = offset + 1

    def done(self, partition: P, offset: int) -> None:
        """Take one thing off a record; one of a partition that was dropped counts for nothing."""
        left = self._left.get(partition, OrderedDict())
        if offset in left:
            left[offset] -= 1
            if left[offset] == 0:
                del left[offset]

    def positions(self) -> dict[P, int]:
        """Return where to read from after a restart: the first record with something left."""
        return {
            partition: next(iter(self._left.get(partition, ())), following)
            for partition, following in self._next.items()
        }

    def clear(self) -> None:
        """Drop all partitions."""
        self._left.clear()
        self._next.clear()
