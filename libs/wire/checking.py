"""What is done with bad records, and when too many are: the same for every consumer.

What makes a record bad is said in libs/wire/codec.py; intake reads faster there, by the same rule,
and under the same ceiling.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from aiokafka import TopicPartition

from contracts.dead_letters import CEILING_RATIO
from contracts.event import Event, Installation
from libs.tracing.spans import Headers, context_of
from libs.wire.backends.log import Bad, Batches, Record
from libs.wire.codec import validated
from libs.wire.metrics import BAD_RECORDS

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

CEILING_WINDOW = 10_000
CEILING_CONSECUTIVE = 500
"""A consumer stops at so many bad records in a row, or at a share of those of the window."""

CEILING_STEPS = 100
"""By which the window moves on: lanes read a record or two at a time, and keep no run of each."""


class Stopped(Exception):
    """Too many records are bad: a bad deployment makes lag, not a full dead-letter topic."""


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """An event as it was received, and where it stood."""

    event: E
    place: TopicPartition
    offset: int
    headers: Headers = ()

    @property
    def trace(self) -> str | None:
        """Return the context that what is done with it goes on from."""
        return context_of(self.headers)


class Ceiling:
    """Tells when too many of the last records are bad.

    That is 20 % of the last 10,000 records. Until so many were read, the share is still of 10,000,
    so that a first bad record stops nothing. Or it is `consecutive` bad ones in a row: where every
    record is bad, a restart does not let 2,000 more pass.
    """

    def __init__(
        self,
        ratio: float = CEILING_RATIO,
        window: int = CEILING_WINDOW,
        consecutive: int = CEILING_CONSECUTIVE,
    ) -> None:
        self._allowed = ratio * window
        self._window = window
        self._consecutive = consecutive
        self._runs: deque[tuple[int, int]] = deque()
        self._read = self._bad = self._in_a_row = 0
        self._counted: dict[TopicPartition, int] = {}

    def count(self, place: TopicPartition, records: Sequence[Record], bad: Sequence[int]) -> None:
        """Count records of one partition, with the indexes of the bad ones in order.

        What is read again counts once: an engine away is no bad deployment. Raises `Stopped`.
        """
        counted = self._counted.get(place, -1)
        if not records or records[-1].offset <= counted:
            return
        again = 0
        if records[0].offset <= counted:
            again = sum(record.offset <= counted for record in records)
        self._counted[place] = records[-1].offset
        self._add(len(records) - again, [index - again for index in bad if index >= again])

    def add_bad(self) -> None:
        """Count a record as bad that was counted as read: the engine has refused it since."""
        self._add(0, [0])

    def _add(self, read: int, bad: Sequence[int]) -> None:
        longest, before = self._in_a_row, -1
        for index in bad if read else ():
            self._in_a_row = self._in_a_row + 1 if index == before + 1 else 1
            longest, before = max(longest, self._in_a_row), index
        if before < read - 1:
            self._in_a_row = 0
        if self._runs and self._runs[-1][0] + read <= self._window // CEILING_STEPS:
            before_read, before_bad = self._runs.pop()
            self._runs.append((before_read + read, before_bad + len(bad)))
        else:
            self._runs.append((read, len(bad)))
        self._read += read
        self._bad += len(bad)
        while self._read - self._runs[0][0] >= self._window:
            old_read, old_bad = self._runs.popleft()
            self._read -= old_read
            self._bad -= old_bad
        if self._bad > self._allowed:
            said = f"{self._bad} bad records among the last {min(self._read, self._window)}"
        elif longest >= self._consecutive:
            said = f"{longest} bad records one after the other"
        else:
            return
        raise Stopped(
            f"{said}: the consumer stops and commits nothing; "
            "mend the producer or the reader, restart"
        )


class RecordCheck(Generic[E]):
    """Reads the records of one event for one group; bad ones are dead letters, under a ceiling."""

    def __init__(
        self,
        event: type[E],
        installation: Installation,
        group: str,
        keep: Callable[[Sequence[Bad]], Awaitable[None]],
    ) -> None:
        """Prepare; `keep` takes bad records with their reasons, and returns when they are kept."""
        self._event = event
        self._installation: Installation = installation
        self._group = group
        self._keep = keep
        self._ceiling = Ceiling()

    async def read(self, batches: Batches) -> list[Received[E]]:
        """Return the events of the good records; raises `Stopped` above the ceiling."""
        good: list[Received[E]] = []
        bad: list[Bad] = []
        for place, records in batches.items():
            indexes: list[int] = []
            for index, record in enumerate(records):
                checked = self.check(record.value)
                if isinstance(checked, str):
                    indexes.append(index)
                    bad.append((place, record, checked))
                else:
                    good.append(Received(checked, place, record.offset, record.headers))
            self._ceiling.count(place, records, indexes)
        if bad:
            await self._keep(bad)
            tell_bad(bad, self._group)
        return good

    def check(self, value: bytes | None) -> E | str:
        """Return what a record says, or why it is bad."""
        return validated(self._event, value, self._installation)


def tell_bad(bad: Sequence[Bad], group: str) -> None:
    """Count records that went to the dead letters, and say it in one line of the log."""
    for place, _, _ in bad:
        # The installation before the name of the topic is the process's own.
        BAD_RECORDS.labels(group, place.topic.partition(".")[2]).inc()
    place, record, reason = bad[0]
    first = f"{place.topic}/{place.partition}/{record.offset}"
    log.warning("dead letters", group=group, count=len(bad), first=first, reason=reason)
