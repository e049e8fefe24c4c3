"""Metrics that no service has of itself: lag of groups, age of figures, disks.

Each part is asked by itself: what does not answer keeps its last figures, and
`observatoire_looked_timestamp_seconds` tells how old they are. Of several processes of the api each
asks, and all say the same.
"""

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC

import structlog
from aiokafka import TopicPartition

from libs.clock import Clock
from services.api import metrics
from services.api.figures.ops_rows import Disk
from services.api.figures.queries import Figures
from services.api.figures.views import PERIODS, READING_AGES, View
from services.api.operations.broker import AskedBroker
from services.api.store import Store
from services.api.store.relay.outbox import backlog

log = structlog.get_logger(__name__)

EVERY_SECONDS = 15.0
DISKS = View("disks", Disk, fresh=True)
"""Beside the views of figures: what it answers is of the machine, not of what was observed."""

MOST_LOOKS = 5_000
"""Moments kept of each partition: a day of looks at a partition that never rests."""


class Seen:
    """When the records of each partition were first seen to be there: how old the unread are.

    What was there before the first look is taken to be of that moment: after a start, ages are at
    least what is told.
    """

    def __init__(self) -> None:
        self._looks: defaultdict[TopicPartition, deque[tuple[float, int]]] = defaultdict(
            lambda: deque(maxlen=MOST_LOOKS)
        )

    def look(self, ends: Mapping[TopicPartition, int], now: float) -> None:
        """Note where partitions end at a moment (seconds of any clock that only rises)."""
        for place, end in ends.items():
            looks = self._looks[place]
            if not looks or looks[-1][1] < end:
                looks.append((now, end))

    def age(self, place: TopicPartition, offset: int, now: float) -> float:
        """Return for how many seconds the record at an offset has been there, 0 if it is not."""
        for moment, end in self._looks[place]:
            if end > offset:
                return now - moment
        return 0.0


class Observing:
    """Asks broker, engine and outbox, again and again."""

    def __init__(
        self,
        namespace: str,
        broker: AskedBroker,
        figures: Figures,
        store: Store | None,
        clock: Clock,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._namespace = namespace
        self._broker = broker
        self._figures = figures
        self._store = store
        self._clock = clock
        self._timer = timer
        self._seen = Seen()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Ask each part once; what fails is told by the age of its figures."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "broker": self._groups,
            "engine": self._shown,
            "outbox": self._outbox,
        }
        for of, ask in parts.items():
            try:
                await ask()
            except Exception as error:  # whatever it is: the next look is in some seconds
                log.warning("not looked at", of=of, error=repr(error))
            else:
                metrics.LOOKED.labels(of).set_to_current_time()

    async def _groups(self) -> None:
        found = await self._broker.backlog(self._namespace)
        now = self._timer()
        for group in found.groups:
            self._seen.look({place: end for place, (_, end) in group.places.items()}, now)
        for gone in (metrics.GROUP_LAG, metrics.GROUP_LAG_SECONDS, metrics.GROUP_MEMBERS):
            gone.clear()
        for group in found.groups:
            name = group.name.removeprefix(f"{self._namespace}.")
            ages = [self._seen.age(place, at, now) for place, (at, _) in group.places.items()]
            metrics.GROUP_LAG.labels(name).set(group.lag)
            metrics.GROUP_LAG_SECONDS.labels(name).set(max(ages, default=0.0))
            metrics.GROUP_MEMBERS.labels(name).set(group.members)
        metrics.DEAD_LETTERS.set(found.dead_letters)

    async def _shown(self) -> None:
        at = self._clock.now().astimezone(UTC).isoformat()
        for one in await self._figures.read(READING_AGES, at=at):
            metrics.ACCOUNTS.labels(one.network).set(one.accounts)
            metrics.READING_LATE.labels(one.network).set(one.late_ratio)
            for quantile, age in (("0.5", one.p50), ("0.95", one.p95)):
                if age is not None:
                    metrics.READING_AGE.labels(one.network, quantile).set(age)
        for period in (await self._figures.read(PERIODS))[:1]:
            metrics.MONTH_COMPUTED.set(period.computed_at.timestamp())
        for one in await self._figures.read(DISKS):
            metrics.DISK_FREE.labels("clickhouse", one.disk).set(one.free)
            metrics.DISK_SIZE.labels("clickhouse", one.disk).set(one.size)

    async def _outbox(self) -> None:
        if self._store is None:
            return
        waiting = await asyncio.to_thread(backlog, self._store)
        metrics.OUTBOX_WAITING.set(waiting.keys)
        age = self._clock.now() - waiting.oldest if waiting.oldest else None
        metrics.OUTBOX_OLDEST.set(max(0.0, age.total_seconds()) if age else 0.0)
