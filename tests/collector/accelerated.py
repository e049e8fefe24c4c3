"""Days of collecting in seconds: planner, worker and invented networks in one process.

The clock moves in steps, when the jobs granted at a moment have been answered. Nothing else is
replaced: the requests, the answers and the errors are those of the networks.
"""

from collections import Counter
from datetime import datetime, timedelta

import httpx

from contracts.jobs import JobEnded, JobGranted
from contracts.topics import COLLECT_OUTCOMES
from services.clock import SteppedClock
from services.collector.app import credentials_of, host_of, names_of
from services.collector.networks import reader_of
from services.collector.planner import Planner
from services.collector.worker import Worker
from simulation.platforms import Networks
from simulation.world import World
from tests.collector.fakes import KeptWire
from tests.collector.simulated import accounts

TOKENS = {"instagram": "17840000000000001:ig", "facebook": "fb", "youtube": "yt"}


class SimulatedWire(KeptWire):
    """A kept wire of a simulation."""

    def __init__(self) -> None:
        super().__init__()
        self.installation = "simulation"


class Accelerated:
    """A collector over an invented world, whose time is moved."""

    def __init__(self, world: World, start: datetime) -> None:
        self.world = world
        self.clock = SteppedClock(start)
        self.networks = Networks(world, self.clock)
        self.wire = SimulatedWire()
        self.jobs: list[JobGranted] = []
        credentials = credentials_of(TOKENS)
        self.planner = Planner(
            origin="simulation", epoch=1, credentials=names_of(credentials), host_of=host_of
        )
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.worker = Worker(self.wire, http, self.clock, reader_of, credentials)
        for account in accounts(world, start):
            self.planner.register(account, start)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        answer, _ = self.networks.ask(
            request.method, request.url.netloc.decode(), request.url.raw_path.decode(),
            request.headers,
        )  # fmt: skip
        headers = {"content-type": answer.content_type, **answer.headers}
        return httpx.Response(answer.status, content=answer.body, headers=headers)

    async def run(self, lasting: timedelta, step: timedelta, idle: timedelta) -> None:
        """Let time pass: by `step` while jobs are granted, else to the next thing due."""
        end = self.clock.now() + lasting
        while (now := self.clock.now()) < end:
            jobs = self.planner.plan(now)
            self.jobs += jobs
            for job in jobs:
                self.planner.advance(await self.worker.run(job), now)
            due = self.planner.next_at()
            following = now + step if jobs or due is None else max(due, now + step)
            self.clock.step_to(min(following, now + idle, end))

    @property
    def outcomes(self) -> list[JobEnded]:
        """Return how the jobs ended."""
        return self.wire.of(COLLECT_OUTCOMES)

    def causes(self) -> Counter[tuple[str, str, str]]:
        """Count the outcomes by network, operation and cause."""
        return Counter((end.network, end.operation, end.cause) for end in self.outcomes)
