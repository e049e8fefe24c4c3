"""What makes a record bad, and when too many are: the one rule of every consumer.

A record is good when strict pydantic reads it as the event of its topic, and its origin has a place
in the installation (definitions, "Collecting"). Intake reads faster (contracts/codec.py), by the
same rule, with the same reasons and under the same ceiling.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import structlog
from pydantic import ValidationError

from contracts.codec import foreign_origin, origins_of, reason_of
from contracts.event import Event

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)

CEILING_RATIO = 0.20
CEILING_WINDOW = 10_000


class Stopped(Exception):
    """Too many records are bad: a bad deployment makes lag, not a full dead-letter topic."""


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """An event as it was received, and where it stood."""

    event: E
    topic: str
    partition: int
    offset: int


class Ceiling:
    """Tells when the share of bad records among the last ones passes the ceiling.

    Twenty per cent of the last 10,000 records (definitions, "Collecting"); before so many were
    read, the share is of the window, so that a first bad record stops nothing.
    """

    def __init__(self, ratio: float = CEILING_RATIO, window: int = CEILING_WINDOW) -> None:
        self._allowed = ratio * window
        self._window = window
        self._runs: deque[tuple[int, int]] = deque()
        self._read = 0
        self._bad = 0

    def count(self, read: int, bad: int) -> None:
        """Count a batch; raises `Stopped` when more than the allowed share of the window is bad."""
        self._runs.append((read, bad))
        self._read += read
        self._bad += bad
        while self._read - self._runs[0][0] >= self._window:
            old_read, old_bad = self._runs.popleft()
            self._read -= old_read
            self._bad -= old_bad
        if self._bad > self._allowed:
            raise Stopped(
                f"{self._bad} bad records among the last {min(self._read, self._window)}: "
                "the consumer stops and commits nothing; mend the producer or the reader, restart"
            )


class Judge(Generic[E]):
    """Reads the records of one event for one group; bad ones are buried, under their ceiling."""

    def __init__(
        self,
        event: type[E],
        installation: Literal["live", "simulation"],
        group: str,
        bury: "Callable[[Sequence[tuple[ConsumerRecord[bytes, bytes], str]]], Awaitable[None]]",
    ) -> None:
        """Prepare; `bury` keeps bad records with their reasons, and returns when they are kept."""
        self._event = event
        self._installation: Literal["live", "simulation"] = installation
        self._group = group
        self._bury = bury
        self._ceiling = Ceiling()
        self._counted: dict[tuple[str, int], int] = {}

    async def read(self, records: "Sequence[ConsumerRecord[bytes, bytes]]") -> list[Received[E]]:
        """Return the events of the good records; raises `Stopped` above the ceiling."""
        good: list[Received[E]] = []
        bad: list[tuple[ConsumerRecord[bytes, bytes], str]] = []
        read = fresh_bad = 0
        for record in records:
            judged = self._judge(record)
            fresh = self._is_fresh(record)
            read += fresh
            if isinstance(judged, str):
                bad.append((record, judged))
                fresh_bad += fresh
            else:
                good.append(judged)
        self._ceiling.count(read, fresh_bad)
        if bad:
            await self._bury(bad)
            first, reason = bad[0]
            place = f"{first.topic}/{first.partition}/{first.offset}"
            log.warning(
                "dead letters", group=self._group, count=len(bad), first=place, reason=reason
            )
        return good

    def _judge(self, record: "ConsumerRecord[bytes, bytes]") -> Received[E] | str:
        """Return what a record says, or why it is bad."""
        try:
            event = self._event.read(record.value or b"")
        except ValidationError as error:
            return reason_of(error)
        if event.origin not in origins_of(self._installation):
            return foreign_origin(event.origin, self._installation)
        return Received(event, record.topic, record.partition, record.offset)

    def _is_fresh(self, record: "ConsumerRecord[bytes, bytes]") -> bool:
        """Tell a record from one that is read again: an engine away is no bad deployment."""
        place = (record.topic, record.partition)
        if record.offset <= self._counted.get(place, -1):
            return False
        self._counted[place] = record.offset
        return True
