"""Faults drawn from a seed, one after the other: what was done, when, and how long it took."""

import asyncio
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.chaos.line import SERVICES, Line
from tests.chaos.mails import MailServer, Manner

PARTS = ("kafka", "clickhouse", *SERVICES)
MANNERS: tuple[Manner, ...] = (
    "refuses",
    "stalls",
    "closes",
    "hangs up",
    "wants authentication",
)
RECOVERY_SECONDS = 180.0


@dataclass
class Faults:
    """Strikes a line until a moment; `struck` counts what was done, by kind and part."""

    line: Line
    mails: MailServer
    chance: Random
    longest_freeze: float
    struck: Counter[str] = field(default_factory=Counter[str])
    slowest: dict[str, float] = field(default_factory=dict[str, float])

    async def run(self, seconds: float) -> None:
        """Strike for so many seconds; whatever was frozen goes on at the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(self.chance.uniform(1.0, 5.0))
            (kind,) = self.chance.choices(
                [self._kill, self._freeze, self._mail, self._together, self._twice],
                [5, 4, 4, 1, 1],
            )
            await kind()
        self.mails.manner = "well"

    async def _kill(self) -> None:
        await self._struck("kill", self.chance.choice(PARTS))

    async def _together(self) -> None:
        """Broker and services at once, as a machine that restarts."""
        names = ("kafka", *SERVICES)
        self.struck["kill together"] += 1
        for name in names:
            self._signal(name, signal.SIGKILL)
        await self._back(*names)

    async def _twice(self) -> None:
        """The same part again as soon as it is back."""
        name = self.chance.choice(PARTS)
        await self._struck("kill", name)
        await self._struck("kill", name)

    async def _struck(self, kind: str, name: str) -> None:
        self.struck[f"{kind} {name}"] += 1
        self._signal(name, signal.SIGKILL)
        await self._back(name)

    async def _freeze(self) -> None:
        name = self.chance.choice(PARTS)
        seconds = self.chance.uniform(1.0, self.longest_freeze)
        pid = self.line.pid(name)
        if pid is None:
            return
        self.struck[f"freeze {name}"] += 1
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._signal(name, signal.SIGCONT, pid)
        await self._back(name)

    async def _mail(self) -> None:
        manner = self.chance.choice(MANNERS)
        self.struck[f"mail server {manner}"] += 1
        self.mails.manner = manner
        await asyncio.sleep(self.chance.uniform(2.0, 8.0))
        self.mails.manner = "well"

    def _signal(self, name: str, wanted: signal.Signals, pid: int | None = None) -> None:
        pid = pid or self.line.pid(name)
        if pid is not None:
            try:
                os.kill(pid, wanted)
            except ProcessLookupError:
                return

    async def _back(self, *names: str) -> None:
        """Wait until parts, and all services, are ready again; remember the slowest of each."""
        began = time.monotonic()
        # It is seen dead first: what answers a moment after the signal is the one before.
        await asyncio.sleep(0.5)
        left = set(names)
        while left:
            if time.monotonic() - began > RECOVERY_SECONDS:
                raise TimeoutError(f"{sorted(left)} not back: {self.line.told.sentences[-5:]}")
            for name in list(left):
                if await self.line.ready(name):
                    left.discard(name)
                    took = time.monotonic() - began
                    self.slowest[name] = max(self.slowest.get(name, 0.0), took)
            await asyncio.sleep(0.2)
