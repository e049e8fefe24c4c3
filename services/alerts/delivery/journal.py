"""The delivery log as a set: who has been told what, so that a replay tells nothing twice.

Beside it what was composed: a message that was begun and is not logged is handed over as it was.
"""

import asyncio
import sys
from collections.abc import Iterable, Sequence

import structlog
from aiokafka import TopicPartition

from contracts.alerts import AlertComposed, AlertDelivered
from contracts.event import hashed_id
from contracts.topics import ALERTS_COMPOSED, ALERTS_DELIVERED
from libs.deciding.grouping import OPEN
from libs.wire.backends.log import Record
from libs.wire.codec import validated
from libs.wire.read_to_end import partitions_of, read_to_end
from libs.wire.wire import Wire

log = structlog.get_logger(__name__)

MARGIN_MS = 3_600_000
"""Record timestamps are those of the producers' machines, whose clocks may differ."""

REMEMBERED = 200_000
"""Deliveries known at once (about 40 MB); the older half is then left to the log."""


COMPOSED_MOST = 10_000
"""Deliveries whose message was begun and that are not logged: as many are known as may be under way
at once (slots.py). What no courier composed is logged by none, and would stay for good."""


def delivery_id(message: str, address: str) -> str:
    """Return the id of telling a message to an address: the same for every attempt and outcome."""
    return hashed_id("told", message, address)


class Journal:
    """The ids in `alerts.delivered` since the oldest record to deliver.

    A delivery is logged after its alert was raised: what was logged since the time of a record
    tells whether it was delivered, whoever delivered it. Beyond `remembered` the older half is
    forgotten, and read again should a record of that time come back.
    """

    def __init__(self, wire: Wire, remembered: int = REMEMBERED) -> None:
        self._wire = wire
        self._remembered = self._most = remembered
        self._delivered: dict[str, int] = {}
        self._silent: set[str] = set()
        self._composed: dict[str, AlertComposed] = {}
        self._since_ms: int | None = None
        self._fresh = False
        self._lock = asyncio.Lock()

    def __contains__(self, delivery: str) -> bool:
        return delivery in self._delivered

    def __len__(self) -> int:
        return len(self._delivered)

    def composed(self, delivery: str) -> AlertComposed | None:
        """Return the message that was begun for a delivery, as who hands it over wrote last."""
        return self._composed.get(delivery)

    def all_composed(self) -> list[AlertComposed]:
        """Return the messages read back, in order of composition."""
        once = {one.event_id: one for one in self._composed.values()}
        return sorted(once.values(), key=lambda one: one.composed_at)

    def accepted(self, composed: AlertComposed) -> bool:
        """Tell whether the log says that a message was accepted."""
        return any(one in self and one not in self._silent for one in composed.deliveries)

    def logged(self, deliveries: Iterable[str]) -> bool:
        """Tell whether the log has a line of each."""
        return all(one in self for one in deliveries)

    def add(self, delivery: str, at_ms: int, *, accepted: bool = True) -> None:
        """Remember what we logged ourselves; `at_ms` is the time of the record delivered, or later.

        (Unix milliseconds.)
        """
        self._delivered[delivery] = at_ms
        (self._silent.discard if accepted else self._silent.add)(delivery)
        if len(self._delivered) > self._most:
            self._forget()

    def reopen(self) -> None:
        """Read the log anew before the next delivery: somebody else may have delivered since.

        What is known stays known: another courier of the process may be about to look.
        """
        self._fresh = False

    async def cover(self, timestamp_ms: int) -> None:
        """Know all deliveries of records of this time (Unix milliseconds) and later."""
        async with self._lock:
            since = self._since_ms
            if self._fresh and since is not None and timestamp_ms >= since:
                return
            # Deliveries are added meanwhile, which must not forget what is being read.
            self._most, self._fresh = sys.maxsize, True
            try:
                await self._read(max(0, timestamp_ms - MARGIN_MS))
                self._since_ms = timestamp_ms
            except BaseException:
                self._fresh = False
                raise
            finally:
                # What was just needed must not be forgotten at the next delivery.
                self._most = max(self._remembered, 2 * len(self._delivered))

    def _forget(self) -> None:
        """Forget the older half, and know the log from the newest of it on only."""
        by_age = sorted(self._delivered.items(), key=lambda one: one[1])
        half = len(by_age) // 2
        self._delivered = dict(by_age[half:])
        self._silent &= self._delivered.keys()
        if self._since_ms is not None:
            self._since_ms = max(self._since_ms, by_age[half - 1][1] + MARGIN_MS + 1)

    async def _read(self, since_ms: int) -> None:
        found: dict[str, AlertComposed] = {}

        def take(place: TopicPartition, records: Sequence[Record]) -> None:
            for record in records:
                if place.topic == ALERTS_COMPOSED.on(self._wire.namespace):
                    found.update(self._composed_of(record.value))
                else:
                    self._note(record.value, record.timestamp)

        topics = (ALERTS_COMPOSED, ALERTS_DELIVERED)
        places = [each for one in topics for each in partitions_of(one, self._wire.namespace)]
        await read_to_end(self._wire.log, places, take, since_ms=since_ms)
        # At once: who was to hand a message over before is not seen again while it is read.
        self._composed |= found
        newest = max((one.composed_at for one in self._composed.values()), default=None)
        begun = [
            (delivery, one)
            for delivery, one in self._composed.items()
            if delivery not in self or (newest and newest - one.composed_at < OPEN)
        ]
        self._composed = dict(begun[-COMPOSED_MOST:])

    def _note(self, value: bytes | None, at_ms: int) -> None:
        """Remember a delivery; a line that cannot be read must not stop those that can."""
        read = validated(AlertDelivered, value, self._wire.installation)
        if isinstance(read, str):
            log.error("unreadable delivery", why=read)
        else:
            self.add(read.event_id, at_ms, accepted=read.outcome == "delivered")

    def _composed_of(self, value: bytes | None) -> dict[str, AlertComposed]:
        read = validated(AlertComposed, value, self._wire.installation)
        if isinstance(read, str):
            log.error("unreadable message", why=read)
            return {}
        return dict.fromkeys(read.deliveries, read)
