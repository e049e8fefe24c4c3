"""The records at which a work fails that has to begin again from what is committed."""

from collections.abc import Mapping

from aiokafka import TopicPartition

from libs.wire.backends.log import Batches


class Suspects:
    """Counts how often a work has failed before it was beyond the same records.

    `tries` is that count. A record that became a dead letter is not read again.
    """

    def __init__(self) -> None:
        self.tries = 0
        self._ends: dict[TopicPartition, int] = {}
        self._left_out: set[tuple[TopicPartition, int]] = set()

    def failed(self, part: Batches) -> None:
        """Know that the work failed at one of these records, if at any."""
        self.tries += bool(part)
        for place, records in part.items():
            self._ends[place] = max(self._ends.get(place, 0), records[-1].offset + 1)

    def passed(self, handled: Mapping[TopicPartition, int]) -> None:
        """Know up to where records were handled: beyond all suspects, none is one."""
        if all(handled.get(place, 0) >= end for place, end in self._ends.items()):
            self._ends, self.tries = {}, 0

    def leave_out(self, place: TopicPartition, offset: int) -> None:
        """Give this record to the work no more."""
        self._left_out.add((place, offset))

    def without(self, batches: Batches) -> Batches:
        """Return the records that are not left out; a partition without any is not among them."""
        if not self._left_out:
            return batches
        left = {
            place: [each for each in records if (place, each.offset) not in self._left_out]
            for place, records in batches.items()
        }
        return {place: records for place, records in left.items() if records}

    def clear(self) -> None:
        """Forget everything: the partitions are another's."""
        self._ends, self.tries = {}, 0
        self._left_out.clear()
