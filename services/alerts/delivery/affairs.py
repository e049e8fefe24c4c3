"""The events that are open for each address of a channel: what is told now, what waits.

Nothing is kept but in memory: an alert's offset is not committed while its event is open, so that
whoever takes over reads it again, and knows from the log what was told.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from contracts.alerts import AlertRaised
from libs.clock import Clock
from libs.deciding.grouping import Affair
from services.alerts.delivery.errands import Errand

HELD_MOST = 5_000
"""Alerts held in memory at most (some 10 kB each); beyond, each is told by itself."""

Release = Callable[[], None]
"""Says that an alert's record needs not be read again."""


@dataclass(slots=True)
class Open:
    """An event that is open for an address: errands that wait, what to release at its end."""

    affair: Affair
    address: str
    errands: list[Errand] = field(default_factory=list[Errand])
    releases: list[Release] = field(default_factory=list[Release])
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)


Update = Callable[[list[Errand], AlertRaised | None, Affair], Awaitable[None]]
"""Tells alerts that were held as one; None: they bring nothing new, and are only logged."""


class Affairs:
    """The open events of one channel; `update` is called when one is due."""

    def __init__(self, clock: Clock, update: Update) -> None:
        self._clock = clock
        self._update = update
        self._open: defaultdict[str, list[Open]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, errand: Errand, alert: AlertRaised, release: Release) -> Open | None:
        """Open an event by an alert that is told now; None where it is held for an open one."""
        now = self._clock.now()
        known = self._of(errand.address, alert)
        if known is None or self._held() >= HELD_MOST:
            return self._opened(Affair.of(alert, now), errand.address, release)
        known.affair.hold(alert)
        known.errands.append(errand)
        known.releases.append(release)
        known.changed.set()
        return None

    def recall(self, address: str, alert: AlertRaised, release: Release) -> None:
        """Know that an alert was told before, by the log."""
        known = self._of(address, alert)
        if known is not None:
            known.affair.recall(alert)
            known.releases.append(release)
            return
        affair = Affair.of(alert, alert.raised_at)
        if affair.ends_at <= self._clock.now():
            release()
            return
        self._opened(affair, address, release).told.set()

    def clear(self) -> list[Errand]:
        """Forget everything: whoever takes over reads it again. Returns what was held, or
        on its way as an update."""
        held = [errand for known in self._open.values() for one in known for errand in one.errands]
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._open.clear()
        return held

    def _of(self, address: str, alert: AlertRaised) -> Open | None:
        now = self._clock.now()
        return next((o for o in self._open.get(address, ()) if o.affair.takes(alert, now)), None)

    def _held(self) -> int:
        return sum(len(one.errands) for opened in self._open.values() for one in opened)

    def _opened(self, affair: Affair, address: str, release: Release) -> Open:
        opened = Open(affair, address, releases=[release])
        self._open[address].append(opened)
        task = asyncio.create_task(self._follow(opened))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return opened

    async def _follow(self, opened: Open) -> None:
        """Tell the updates of an event when they are due, until it ends."""
        affair = opened.affair
        await opened.told.wait()
        while True:
            due = affair.due()
            if due is not None and due <= self._clock.now():
                errands = opened.errands[:]
                _, told = affair.update(self._clock.now())
                await self._update(errands, told, affair)
                del opened.errands[: len(errands)]
                continue
            if self._clock.now() >= affair.ends_at:
                break
            opened.changed.clear()
            await _first(opened.changed.wait(), self._clock.sleep_until(due or affair.ends_at))
        self._open[opened.address].remove(opened)
        if not self._open[opened.address]:
            del self._open[opened.address]
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
