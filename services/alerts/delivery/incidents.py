"""The incidents that are open for each address of a channel: what is told now, what waits.

Nothing is kept but in memory: an alert's offset is not committed while its incident is open, so
that whoever takes over reads it again, and knows from the log what was told.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from contracts.alerts import AlertRaised
from libs.clock import Clock
from libs.deciding.grouping import Incident
from services.alerts.delivery.deliveries import Delivery

log = structlog.get_logger(__name__)

HELD_MOST = 5_000
"""Alerts held in memory at most (some 10 kB each); beyond, each is told by itself."""

Release = Callable[[], None]
"""Says that an alert's record needs not be read again."""


@dataclass(slots=True)
class Open:
    """An incident open for an address: deliveries that wait, what to release at its end."""

    incident: Incident
    address: str
    deliveries: list[Delivery] = field(default_factory=list[Delivery])
    releases: list[Release] = field(default_factory=list[Release])
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)


Update = Callable[[list[Delivery], AlertRaised | None, Incident], Awaitable[None]]
"""Tells alerts that were held as one; None: they bring nothing new, and are only logged."""


class Incidents:
    """The open incidents of one channel; `update` is called when one is due."""

    def __init__(self, clock: Clock, update: Update) -> None:
        self._clock = clock
        self._update = update
        self._open: defaultdict[str, list[Open]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, delivery: Delivery, alert: AlertRaised, release: Release) -> Open | None:
        """Open an incident by an alert told now; None where it is held for an open one."""
        now = self._clock.now()
        known = self._of(delivery.address, alert)
        if known is None or self._held() >= HELD_MOST:
            return self._opened(Incident.of(alert, now), delivery.address, release)
        known.incident.hold(alert)
        known.deliveries.append(delivery)
        known.releases.append(release)
        known.changed.set()
        return None

    def recall(self, address: str, alert: AlertRaised, release: Release) -> None:
        """Know that an alert was told before, by the log."""
        known = self._of(address, alert)
        if known is not None:
            known.incident.recall(alert)
            known.releases.append(release)
            return
        incident = Incident.of(alert, alert.raised_at)
        if incident.ends_at <= self._clock.now():
            release()
            return
        self._opened(incident, address, release).told.set()

    def clear(self) -> list[Delivery]:
        """Forget everything: whoever takes over reads it again. Returns what was held, or
        on its way as an update."""
        opened = [one for known in self._open.values() for one in known]
        held = [delivery for one in opened for delivery in one.deliveries]
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._open.clear()
        return held

    def _of(self, address: str, alert: AlertRaised) -> Open | None:
        now = self._clock.now()
        return next((o for o in self._open.get(address, ()) if o.incident.takes(alert, now)), None)

    def _held(self) -> int:
        return sum(len(one.deliveries) for opened in self._open.values() for one in opened)

    def _opened(self, incident: Incident, address: str, release: Release) -> Open:
        opened = Open(incident, address, releases=[release])
        self._open[address].append(opened)
        task = asyncio.create_task(self._follow(opened))
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(task, opened))
        return opened

    def _ended(self, task: asyncio.Task[None], opened: Open) -> None:
        """Have no later alert wait for an incident that nobody follows any more."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("incident no longer followed", exc_info=error, held=len(opened.deliveries))
            self._forget(opened)

    def _forget(self, opened: Open) -> None:
        self._open[opened.address].remove(opened)
        if not self._open[opened.address]:
            del self._open[opened.address]

    async def _follow(self, opened: Open) -> None:
        """Tell the updates of an incident when they are due, until it ends."""
        incident = opened.incident
        await opened.told.wait()
        while True:
            due = incident.due()
            if due is not None and due <= self._clock.now():
                deliveries = opened.deliveries[:]
                _, told = incident.update(self._clock.now())
                await self._update(deliveries, told, incident)
                del opened.deliveries[: len(deliveries)]
                continue
            if self._clock.now() >= incident.ends_at:
                break
            opened.changed.clear()
            await _first(opened.changed.wait(), self._clock.sleep_until(due or incident.ends_at))
        self._forget(opened)
        for release in opened.releases:
            release()


async def _first(*waits: Awaitable[object]) -> None:
    """Return when one of several is over, the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
