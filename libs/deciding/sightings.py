"""What a watch has seen and when: recognises repeats, counts any window of the last five weeks."""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Self

from contracts.alerts import HourCount
from contracts.sightings import digest_of, minute_of, packed, unpacked

COUNTS_KEPT = timedelta(days=36)
"""Five weeks and a day: four weeks to compare with, and longer than the topics keep mentions."""

SUBJECTS_MOST = 20_000
"""Subjects recognised; beyond, the oldest remain as counts by hour. In base64 they are 320 kB of a
snapshot at most."""

_DELETED = 1 << 31


class Sightings:
    """Distinct subjects and the minute each was published; a deleted one no longer counts."""

    def __init__(self, hours: Iterable[HourCount] = ()) -> None:
        self._minutes: dict[int, int] = {}
        self._deleted: set[int] = set()
        self._counted: list[int] = []
        self._hours = Counter({minute_of(hour.hour) // 60: hour.count for hour in hours})

    def __contains__(self, subject: str) -> bool:
        return digest_of(subject) in self._minutes

    def __len__(self) -> int:
        return len(self._minutes)

    def see(self, subject: str, published_at: datetime) -> bool:
        """Remember a subject; tells whether it was new."""
        digest = digest_of(subject)
        if digest in self._minutes:
            return False
        self._minutes[digest] = minute_of(published_at)
        insort(self._counted, self._minutes[digest])
        return True

    def published_at(self, subject: str) -> datetime | None:
        """Return the minute a subject was published, None when it was not seen."""
        minute = self._minutes.get(digest_of(subject))
        return None if minute is None else datetime.fromtimestamp(minute * 60, UTC)

    def delete(self, subject: str) -> None:
        """Count a subject no longer; it is still recognised."""
        digest = digest_of(subject)
        if digest in self._minutes and digest not in self._deleted:
            self._deleted.add(digest)
            del self._counted[bisect_right(self._counted, self._minutes[digest]) - 1]

    def count(self, after: datetime, until: datetime) -> int:
        """Count what was published in `]after, until]`, to the minute.

        What remains only as counts by hour is shared evenly within its hour.
        """
        first, last = minute_of(after), minute_of(until)
        exact = bisect_right(self._counted, last) - bisect_right(self._counted, first)
        if not self._hours:
            return exact
        coarse = 0
        for hour in range((first + 1) // 60, last // 60 + 1):
            if count := self._hours.get(hour, 0):
                inside = min(last, hour * 60 + 59) - max(first + 1, hour * 60) + 1
                coarse += count * inside / 60
        return exact + round(coarse)

    def learn(self, past: str, until: datetime) -> None:
        """Take what was published before an instant as it is packed, in place of what was counted.

        Subjects that were seen are still recognised.
        """
        end = minute_of(until)
        self._deleted |= {digest for digest, minute in self._minutes.items() if minute < end}
        self._hours = Counter({h: n for h, n in self._hours.items() if h >= end // 60})
        for digest, minute in unpacked(past):
            self._minutes[digest] = minute
            self._deleted.discard(digest)
        self._counted = sorted(m for d, m in self._minutes.items() if d not in self._deleted)

    def earliest(self) -> datetime | None:
        """Return when the oldest of what is known was published."""
        minutes = [*self._counted[:1], *(hour * 60 for hour in self._hours)]
        return datetime.fromtimestamp(min(minutes) * 60, UTC) if minutes else None

    def prune(self, now: datetime) -> None:
        """Forget what is older than five weeks; beyond the limit, keep only counts by hour."""
        oldest = minute_of(now - COUNTS_KEPT)
        for digest in [d for d, minute in self._minutes.items() if minute < oldest]:
            self._drop(digest)
        excess = len(self._minutes) - SUBJECTS_MOST
        if excess > 0:
            for digest in sorted(self._minutes, key=self._minutes.__getitem__)[:excess]:
                if digest not in self._deleted:
                    self._hours[self._minutes[digest] // 60] += 1
                self._drop(digest)
        self._hours = Counter({h: count for h, count in self._hours.items() if h >= oldest // 60})
        self._counted = sorted(m for d, m in self._minutes.items() if d not in self._deleted)

    def _drop(self, digest: int) -> None:
        del self._minutes[digest]
        self._deleted.discard(digest)

    def hours(self) -> tuple[HourCount, ...]:
        """Return what remains only as counts by hour, oldest first."""
        return tuple(
            HourCount(hour=datetime.fromtimestamp(hour * 3600, UTC), count=count)
            for hour, count in sorted(self._hours.items())
        )

    def pack(self) -> str:
        """Write the subjects as base64 of 12 bytes each: 8 of hash, 4 of minute and deletion."""
        return packed(
            (digest, minute | (_DELETED if digest in self._deleted else 0))
            for digest, minute in self._minutes.items()
        )

    @classmethod
    def unpack(cls, text: str, hours: Iterable[HourCount] = ()) -> Self:
        """Read what `pack` and `hours` wrote."""
        sightings = cls(hours)
        for digest, minute in unpacked(text):
            sightings._minutes[digest] = minute & ~_DELETED
            if minute & _DELETED:
                sightings._deleted.add(digest)
            else:
                sightings._counted.append(minute)
        sightings._counted.sort()
        return sightings
