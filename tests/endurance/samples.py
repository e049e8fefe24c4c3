"""What the processes of a line hold, and how far behind its groups are, every few seconds."""

import asyncio
import csv
import re
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import psutil
from aiokafka.admin import AIOKafkaAdminClient

from contracts.operations.metrics import ALERTS_DELIVERIES_WAITING
from libs.wire.backends.clients import admin_of, opened
from libs.wire.backends.kafka import KafkaLog
from libs.wire.backends.log import Consumer
from libs.wire.waiting import committed_offsets
from tests.chaos.compare import GROUPS
from tests.chaos.line import SERVICES, Line
from tests.endurance.trend import Points
from tests.topics import places_of

PARTS = ("kafka", "clickhouse", "world", *SERVICES)
TO_BE_TOLD = "alerts, to be told"
"""Beside the groups: couriers commit an alert when its event is over, half an hour later."""

_WAITING = re.compile(rf"^{ALERTS_DELIVERIES_WAITING.shown}(?:{{[^}}]*}})? (\S+)$", re.M)


class Lag(NamedTuple):
    """Records that a group has not committed, of how many that were published."""

    records: int
    published: int


@dataclass
class Sample:
    """One look: seconds since the first; MB, handles and cores by part; records by group."""

    at: float
    memory: dict[str, float] = field(default_factory=dict[str, float])
    handles: dict[str, float] = field(default_factory=dict[str, float])
    cores: dict[str, float] = field(default_factory=dict[str, float])
    lag: dict[str, float] = field(default_factory=dict[str, float])

    def kinds(self) -> dict[str, dict[str, float]]:
        """Return what was seen, by kind."""
        return {
            "memory": self.memory, "handles": self.handles, "cores": self.cores, "lag": self.lag,
        }  # fmt: skip


class Sampler:
    """Looks at a line that runs; `pids` are the processes seen of each part."""

    def __init__(self, line: Line, admin: AIOKafkaAdminClient, consumer: Consumer) -> None:
        self.pids: dict[str, set[int]] = {name: set() for name in PARTS}
        self._line = line
        self._admin = admin
        self._consumer = consumer
        self._worked: dict[str, tuple[float, float]] = {}
        self._began = time.monotonic()

    @classmethod
    @asynccontextmanager
    async def opened(cls, line: Line) -> AsyncIterator["Sampler"]:
        """Give one, connected to the broker itself."""
        consumer = KafkaLog(line.kafka_url).consumer()
        await consumer.start()
        try:
            async with opened(admin_of(line.kafka_url)) as admin:
                yield cls(line, admin, consumer)
        finally:
            await consumer.stop()

    async def lags(self) -> dict[str, Lag]:
        """Return how far behind each group is now."""
        found: dict[str, Lag] = {}
        for group, topics in GROUPS.items():
            done = await committed_offsets(self._admin, f"simulation.{group}")
            ends = await self._consumer.end_offsets(places_of("simulation", topics))
            left = sum(max(0, end - done.get(place, 0)) for place, end in ends.items())
            found[group] = Lag(left, sum(ends.values()))
        return found

    async def to_be_told(self) -> float:
        """Return how many messages the couriers have not handed over yet."""
        async with httpx.AsyncClient(timeout=5) as http:
            said = await http.get(self._line.address("alerts", "/metrics"))
        return sum(map(float, _WAITING.findall(said.text)))

    async def look(self) -> Sample:
        """Look once."""
        sample = Sample(time.monotonic() - self._began)
        for name in PARTS:
            with suppress(psutil.NoSuchProcess):  # it died; another is there at the next look
                self._look_at(name, sample)
        sample.lag = {group: float(lag.records) for group, lag in (await self.lags()).items()}
        with suppress(httpx.HTTPError):
            sample.lag[TO_BE_TOLD] = await self.to_be_told()
        return sample

    def _look_at(self, name: str, sample: Sample) -> None:
        pid = self._line.pid(name)
        if pid is None:
            return
        self.pids[name].add(pid)
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
        sample.memory[name] = sum(one.memory_info().rss for one in family) / 2**20
        sample.handles[name] = sum(one.num_fds() for one in family)
        worked = sum(sum(one.cpu_times()[:2]) for one in family)
        before = self._worked.get(name)
        if before is not None and sample.at > before[0]:
            sample.cores[name] = max(0.0, worked - before[1]) / (sample.at - before[0])
        self._worked[name] = sample.at, worked


async def samples(sampler: Sampler, seconds: float, every: float) -> list[Sample]:
    """Look every so often for so long."""
    loop = asyncio.get_running_loop()
    found, due, end = list[Sample](), loop.time(), loop.time() + seconds
    while due < end:
        await asyncio.sleep(max(0.0, due - loop.time()))
        found.append(await sampler.look())
        due += every
    return found


def series(found: Iterable[Sample], kind: str) -> dict[str, Points]:
    """Return the series of a kind, by name."""
    by_name: dict[str, list[tuple[float, float]]] = {}
    for one in found:
        for name, value in one.kinds()[kind].items():
            by_name.setdefault(name, []).append((one.at, value))
    return dict(by_name)


def write(found: Iterable[Sample], place: Path) -> None:
    """Write samples as CSV, a line a value."""
    with place.open("w", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(("seconds", "kind", "name", "value"))
        for one in found:
            for kind, values in one.kinds().items():
                lines.writerows((round(one.at), kind, n, round(v, 3)) for n, v in values.items())
