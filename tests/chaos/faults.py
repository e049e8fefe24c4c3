"""Faults drawn from a seed, one after the other: what was done, when, and how long it took."""

import asyncio
import os
import resource
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from aiokafka.errors import KafkaError

from contracts.topics import (
    ALERTS_DELIVERED,
    ALERTS_RAISED,
    COLLECT_JOBS,
    COLLECT_OUTCOMES,
    MENTIONS_MATCHED,
    MENTIONS_OBSERVED,
    POSTS_OBSERVED,
    TEXTS_OBSERVED,
)
from deploy.local.parts import EPOCH
from libs.sealing import new_pair
from libs.wire.backends.kafka import KafkaLog
from libs.wire.read_to_end import newest, partitions_of
from tests.chaos.line import SERVICES, Line
from tests.chaos.mails import MailServer, Manner
from tests.chaos.network import WEATHERS

PARTS = ("kafka", "clickhouse", *SERVICES)
MANNERS: tuple[Manner, ...] = (
    "refuses",
    "stalls",
    "closes",
    "hangs up",
    "wants authentication",
)
RECOVERY_SECONDS = 180.0

AGAIN_TOPICS = (
    *(POSTS_OBSERVED, TEXTS_OBSERVED, MENTIONS_OBSERVED, MENTIONS_MATCHED, COLLECT_OUTCOMES),
    *(COLLECT_JOBS, ALERTS_RAISED, ALERTS_DELIVERED),
)
AGAIN_MOST = 300
"""Records that are written a second time, in another order."""

LONGEST_JUMP = timedelta(minutes=15)
REFUSING = f"{Path(__file__).parent / 'refusing'}{os.pathsep}{Path(__file__).parents[2]}"
"""Where Python looks for what makes a service refuse everything."""

NOBODY = "127.0.0.1:9"
"""Where nothing listens."""

WRONG: tuple[tuple[str, str, str], ...] = (
    *((name, "KAFKA_URL", NOBODY) for name in SERVICES),
    *((name, "CLICKHOUSE_URL", f"http://{NOBODY}") for name in ("api", "scorer")),
    ("scorer", "OBSERVATOIRE_INTAKE_BATCH", "many"),
    ("alerts", "SMTP_URL", f"smtp://{NOBODY}"),
    ("alerts", "OBSERVATOIRE_RECIPIENTS_PRIVATE_KEYS", "not JSON"),
    ("alerts", "OBSERVATOIRE_RECIPIENTS_PRIVATE_KEYS", f'["{new_pair()[0]}"]'),
    ("collector", "OBSERVATOIRE_NETWORK_TOKENS", "{}"),
    ("collector", "NETWORKS_VIA", f"http://{NOBODY}"),
    ("api", "DATABASE_URL", "sqlite:////nowhere/at/all.db"),
)
"""Settings with which a service cannot do its work."""

TELLS = ("alerts", "kafka", "mail", "together")
"""What a fault's name holds that strikes what tells, or the log of what was told."""

BEFORE = timedelta(seconds=15)
"""A mail accepted so long before a fault may not be in the log when it strikes."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault: its name, the moments (machine, UTC) when it struck and when all was well again."""

    name: str
    began: datetime
    ended: datetime

    def may_repeat(self, accepted: datetime) -> bool:
        """Tell whether a mail accepted then may be sent again because of it."""
        tells = any(word in self.name for word in TELLS)
        return tells and self.began - BEFORE <= accepted <= self.ended


@dataclass
class Faults:
    """Strikes a line until a moment, or so many times; `struck` holds what was done, in order."""

    line: Line
    mails: MailServer
    chance: Random
    longest_freeze: float
    struck: list[Struck] = field(default_factory=list[Struck])
    slowest: dict[str, float] = field(default_factory=dict[str, float])
    lost: list[str] = field(default_factory=list[str])
    """Parts that did not come back by themselves."""

    tell: Callable[[str], None] = lambda _: None
    refused: bool = False
    """Whether a deployment refused everything: what it put aside is to be given back."""

    async def run(self, seconds: float, most: int | None = None) -> None:
        """Strike for so many seconds, or `most` times."""
        end = time.monotonic() + seconds
        kinds: Mapping[Callable[[], Awaitable[None]], int] = {
            self._kill: 5, self._freeze: 4, self._mail: 4, self._network: 6, self._member: 3,
            self._room: 3, self._clock: 3, self._wrong: 3, self._refusing: 1, self._again: 3,
            self._together: 1, self._twice: 1, self._both: 2,
        }  # fmt: skip
        bag: list[Callable[[], Awaitable[None]]] = []
        while time.monotonic() < end and (most is None or len(self.struck) < most):
            if not bag:  # all kinds as often as they are meant to strike, in an order of chance
                bag = [kind for kind, often in kinds.items() for _ in range(often)]
                self.chance.shuffle(bag)
            await asyncio.sleep(self.chance.uniform(0.5, 2.5))
            await bag.pop()()

    @property
    def counted(self) -> dict[str, int]:
        """How often each fault struck."""
        return dict(sorted(Counter(one.name for one in self.struck).items()))

    @property
    def longest(self) -> dict[str, float]:
        """How long each fault lasted at most, from the strike until all was well again (s)."""
        lasted: dict[str, float] = {}
        for one in self.struck:
            seconds = (one.ended - one.began).total_seconds()
            lasted[one.name] = max(round(seconds, 1), lasted.get(one.name, 0.0))
        return dict(sorted(lasted.items()))

    @asynccontextmanager
    async def _fault(self, name: str, *parts: str) -> AsyncIterator[None]:
        """Strike within; then wait until parts are ready again, and note it."""
        began = datetime.now(UTC)
        try:
            yield
        finally:
            await self._back(name, *parts)
            self.struck.append(Struck(name, began, datetime.now(UTC)))
            self.tell(f"{len(self.struck)}: {name}, {datetime.now(UTC) - began}")

    async def _kill(self) -> None:
        name = self.chance.choice(PARTS)
        async with self._fault(f"kill {name}", name):
            self._signal(name, signal.SIGKILL)

    async def _together(self) -> None:
        """Broker and services at once, as a machine that restarts."""
        names = ("kafka", *SERVICES)
        async with self._fault("kill together", *names):
            for name in names:
                self._signal(name, signal.SIGKILL)

    async def _twice(self) -> None:
        """The same part again as soon as it is back."""
        name = self.chance.choice(PARTS)
        for _ in range(2):
            async with self._fault(f"kill {name}", name):
                self._signal(name, signal.SIGKILL)

    async def _freeze(self) -> None:
        name = self.chance.choice(PARTS)
        pid = self.line.pid(name)
        if pid is None:
            return
        async with self._fault(f"freeze {name}", name):
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(self.chance.uniform(1.0, self.longest_freeze))
            finally:
                self._signal(name, signal.SIGCONT, pid)

    async def _mail(self) -> None:
        manner = self.chance.choice(MANNERS)
        async with self._fault(f"mail server {manner}"):
            self.mails.manner = manner
            await asyncio.sleep(self.chance.uniform(2.0, 8.0))
            self.mails.manner = "well"

    async def _network(self) -> None:
        """A slow, resetting, refusing, silent network between the services and one place."""
        place = self.chance.choice(list(self.line.network.proxies))
        weather = self.chance.choice(WEATHERS)
        async with self._fault(f"network {place} {weather}", *SERVICES):
            self.line.network.change(place, weather)
            await asyncio.sleep(self.chance.uniform(2.0, self.longest_freeze))
            self.line.network.change(place, "well")

    async def _member(self) -> None:
        """One more process of a service, for a while: its groups share partitions anew, twice."""
        name = self.chance.choice(SERVICES)
        async with self._fault(f"one more {name}", name):
            child = self.line.member(name)
            await asyncio.sleep(self.chance.uniform(5.0, 15.0))
            await asyncio.to_thread(child.kill if self.chance.random() < 0.5 else child.stop)

    async def _room(self) -> None:
        """No room on the disk for one part: whatever it writes to a file is refused."""
        name = self.chance.choice(PARTS)
        pid = self.line.pid(name)
        if pid is None:
            return
        async with self._fault(f"no room {name}", name):
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
            await asyncio.sleep(self.chance.uniform(2.0, 8.0))
            if self.line.pid(name) == pid:  # else it died of it, and has begun again with room
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))

    async def _clock(self) -> None:
        """A service whose clock is ahead or behind for a while, and comes back."""
        name = self.chance.choice(SERVICES)
        jump = self.chance.uniform(-1.0, 1.0) * LONGEST_JUMP
        epoch = {"OBSERVATOIRE_CLOCK_EPOCH": (EPOCH + jump).isoformat()}
        await self._deployed(f"clock {name}", name, epoch)

    async def _wrong(self) -> None:
        """A deployment with a setting that lets a service do nothing."""
        name, setting, value = self.chance.choice(WRONG)
        await self._deployed(f"wrong {setting} {name}", name, {setting: value})

    async def _refusing(self) -> None:
        """A deployment whose readers refuse every record, and comes back."""
        name = self.chance.choice(("scorer", "alerts", "collector"))
        self.refused = True
        await self._deployed(f"refuses everything {name}", name, {"PYTHONPATH": REFUSING})

    async def _deployed(self, fault: str, name: str, settings: Mapping[str, str]) -> None:
        """Start a service with other settings, then with its own."""
        own = dict(self.line.environments[name])
        async with self._fault(fault, name):
            try:
                self.line.environments[name].update(settings)
                self._signal(name, signal.SIGKILL)
                await asyncio.sleep(self.chance.uniform(8.0, 20.0))
            finally:
                self.line.environments[name].clear()
                self.line.environments[name].update(own)
                self._signal(name, signal.SIGKILL)

    async def _again(self) -> None:
        """The newest records of a topic once more, in another order."""
        topic = self.chance.choice(AGAIN_TOPICS)
        async with self._fault(f"again {topic.name}"):
            log = KafkaLog(self.line.kafka_url, "again")
            try:
                found = await newest(log, partitions_of(topic, "simulation"), AGAIN_MOST)
            except KafkaError:
                return
            self.chance.shuffle(found)
            await log.start()
            for place, record in found:
                await (await log.send(place.topic, record.value, record.key))
            await log.stop()

    async def _both(self) -> None:
        """Two at once."""
        kinds = [self._kill, self._freeze, self._mail, self._network, self._member, self._room]
        one, other = self.chance.sample(kinds, 2)
        await asyncio.gather(one(), other())

    def _signal(self, name: str, wanted: signal.Signals, pid: int | None = None) -> None:
        pid = pid or self.line.pid(name)
        if pid is not None:
            try:
                os.kill(pid, wanted)
            except ProcessLookupError:
                return

    async def _back(self, fault: str, *names: str) -> None:
        """Wait until parts are ready again; remember the slowest of each."""
        began = time.monotonic()
        # It is seen dead first: what answers a moment after the signal is the one before.
        await asyncio.sleep(0.5)
        left = set(names)
        while left:
            if time.monotonic() - began > RECOVERY_SECONDS:
                self.lost += [f"{fault}: {name}" for name in left]
                self.tell(f"not back: {self.lost[-1]}")
                for name in left:  # for what comes after; it is told in the report
                    self._signal(name, signal.SIGKILL)
                return
            for name in list(left):
                if await self.line.ready(name):
                    left.discard(name)
                    took = time.monotonic() - began
                    self.slowest[name] = max(self.slowest.get(name, 0.0), took)
            await asyncio.sleep(0.2)
