"""Handing one message over: again and again until it is accepted, refused, or a day has passed."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NamedTuple

import structlog

from libs.background import with_jitter
from libs.clock import Clock
from services.alerts.delivery.channel import GiveUp, GuardedChannel, TryLater
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.redaction import RedactedError
from services.alerts.delivery.slots import Slots
from services.alerts.metrics import RETRIED

log = structlog.get_logger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)
"""From the first attempt at a message."""

LONGEST_WAIT_SECONDS = 60.0


_STATUS = re.compile(r"(\d{3}):", re.A)


def counted(error: TryLater) -> str:
    """Return the word by which a failed attempt is counted: a status, or one of ours.

    What the other side says beside it, and who it is, would make metrics without end.
    """
    if found := _STATUS.match(str(error)):
        return found[1]
    return "our setting" if error.ours else "no answer"


class Ended(NamedTuple):
    """How a delivery ended, why where it was not accepted, after how many attempts."""

    outcome: str
    why: str | None = None
    attempts: int = 0


class Attempts:
    """Those of one channel; `first_wait` is the mean of the first wait (s), which then doubles.

    `handing_over` are the tasks whose message the other side may have accepted by now; `faults` is
    what is wrong on our side with deliveries that wait, by id. While it is `ending` nothing is
    tried again: whoever takes over does.
    """

    def __init__(self, channel: GuardedChannel, clock: Clock, first_wait: float) -> None:
        self.slots = Slots(channel.parallel, channel.pace, clock)
        self.handing_over: set[asyncio.Task[None] | None] = set()
        self.faults: dict[str, str] = {}
        self.ending = False
        self._channel = channel
        self._clock = clock
        self._first_wait = first_wait

    async def make(self, delivery: Delivery, send: Callable[[], Awaitable[None]]) -> Ended:
        """Try until accepted, refused, or a day has passed.

        The day is that of the message: a restart begins no other.
        """
        try:
            return await self._make(delivery, send)
        finally:
            self.faults.pop(delivery.id, None)

    async def _make(self, delivery: Delivery, send: Callable[[], Awaitable[None]]) -> Ended:
        now, attempts = self._clock.now(), 0
        began = min(delivery.due_at or now, now)
        shown = self._channel.shown(delivery.address)
        host = self._channel.host_of(delivery.address)
        while True:
            attempts += 1
            try:
                async with self.slots.turn(host, delivery.address):
                    self.handing_over.add(asyncio.current_task())
                    await send()
                self.slots.note(host, failing=False)
                return Ended("delivered", None, attempts)
            except TryLater as error:
                self.handing_over.discard(asyncio.current_task())
                self.slots.note(host, failing=True)
                why, after, kind = str(error), error.after, counted(error)
                if error.ours:
                    self.faults[delivery.id] = why
            except GiveUp as error:
                log.warning("not delivered", to=shown, alert=delivery.message, why=str(error))
                return Ended("failed", str(error), attempts)
            except Exception as error:
                # A fault of ours, which a release may mend: to a person, never none.
                self.handing_over.discard(asyncio.current_task())
                name = error.kind if isinstance(error, RedactedError) else type(error).__name__
                why, after, kind = f"internal error: {name}", None, "internal error"
                self.faults[delivery.id] = why
                if attempts == 1:
                    log.exception("not delivered yet", to=shown, alert=delivery.message)
            if self.ending:
                raise asyncio.CancelledError
            if self._clock.now() - began > GIVE_UP_AFTER:
                return Ended("failed", why, attempts)
            RETRIED.labels(self._channel.scheme, kind).inc()
            log.info("again later", to=shown, alert=delivery.message, why=why, attempt=attempts)
            if after is None:
                after = with_jitter(attempts, self._first_wait, LONGEST_WAIT_SECONDS)
            await self._clock.sleep(after)
