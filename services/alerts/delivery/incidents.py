"""The incidents that are open for each address of a channel: what is told now, what waits.

What waits is in memory alone: its records are not committed, so that whoever takes over reads them
again. What was told is opened again from the messages that were composed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from contracts.alerts import AlertRaised
from contracts.watches import recipient_name
from libs.clock import Clock
from libs.deciding.grouping import Incident, Message
from services.alerts.delivery.deliveries import Delivery

log = structlog.get_logger(__name__)

HELD_MOST = 5_000
"""Alerts held in memory at most (some 10 kB each); beyond, each is told by itself."""


@dataclass(slots=True)
class Open:
    """An incident open for a recipient, and the deliveries that wait for its next message.

    `begun` is set once it is known whether what was composed before was accepted.
    """

    incident: Incident
    recipient: str
    deliveries: list[Delivery] = field(default_factory=list[Delivery])
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)


Update = Callable[[list[Delivery], Message | None, Incident], Awaitable[None]]
"""Tells alerts that were held as one, and counts them as told where they are accepted.

None: they bring nothing new, and are only logged.
"""


class Incidents:
    """The open incidents of one channel; `update` is called when one is due."""

    def __init__(self, clock: Clock, update: Update) -> None:
        self._clock = clock
        self._update = update
        self._open: defaultdict[str, list[Open]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, delivery: Delivery, alert: AlertRaised) -> Open | None:
        """Open an incident by an alert told now; None where it is held for an open one.

        What comes next waits until it is known what became of it (`begun`).
        """
        now, recipient = self._clock.now(), recipient_name(delivery.address)
        opened = self._open.get(recipient, ())
        known = next((one for one in opened if one.incident.takes(alert, now)), None)
        if known is None or self._held() >= HELD_MOST:
            return self.open(Incident.of(alert, now), recipient)
        known.incident.hold(alert)
        known.deliveries.append(delivery)
        known.changed.set()
        return None

    def open(self, incident: Incident, recipient: str) -> Open:
        """Follow an incident until it ends."""
        opened = Open(incident, recipient)
        self._open[recipient].append(opened)
        self.watch_over(self._follow(opened), opened)
        return opened

    def begun(self, opened: Open, telling: asyncio.Task[None]) -> None:
        """Go on with an incident whose first message was told; where it was not logged, forget it.

        What was held for it is then told at the next start, as the first message.
        """
        if telling.cancelled():
            return
        if telling.exception():
            self._forget(opened)
        opened.begun.set()

    def watch_over(self, following: Coroutine[Any, Any, None], opened: Open) -> None:
        """Run what an incident waits for; where it fails, no later alert waits for it."""
        task = asyncio.create_task(following)
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(task, opened))

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

    def _held(self) -> int:
        return sum(len(one.deliveries) for opened in self._open.values() for one in opened)

    def _ended(self, task: asyncio.Task[None], opened: Open) -> None:
        """Have no later alert wait for an incident that nobody follows any more."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("incident no longer followed", exc_info=error, held=len(opened.deliveries))
            self._forget(opened)

    def _forget(self, opened: Open) -> None:
        if opened in (known := self._open.get(opened.recipient, [])):
            known.remove(opened)
        if not known:
            self._open.pop(opened.recipient, None)

    async def _follow(self, opened: Open) -> None:
        """Tell the updates of an incident when they are due, until it ends."""
        incident = opened.incident
        await opened.begun.wait()
        while True:
            due = incident.due()
            if due is not None and due <= self._clock.now():
                deliveries = opened.deliveries[:]
                _, message = incident.update()
                await self._update(deliveries, message, incident)
                del opened.deliveries[: len(deliveries)]
                continue
            if self._clock.now() >= incident.ends_at:
                break
            opened.changed.clear()
            await _first(opened.changed.wait(), self._clock.sleep_until(due or incident.ends_at))
        self._forget(opened)


async def _first(*waits: Awaitable[object]) -> None:
    """Return when one of several is over, the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
