"""Days of collecting in seconds: planner, worker and invented networks in one process.

The clock moves in steps, when the jobs granted at a moment have been answered. Nothing else is
replaced: the requests, the answers and the errors are those of the networks. A fault that closes a
connection, or is slower than a client waits, is raised as the client's transport would.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

import httpx

from contracts.accounts import AccountConnected, AccountRegistered
from contracts.event import Event
from contracts.jobs import JobEnded, JobGranted
from contracts.networks import NETWORKS, network_of
from contracts.topics import COLLECT_OUTCOMES, Topic
from deploy.local.keys import INVENTED_APPLICATIONS
from libs.clock import SteppedClock
from libs.identity.declared import DeclaredApplication
from libs.identity.grants import read_token
from libs.wire.wire import Wire
from services.collector.app import credentials_of, host_of, names_of, same_tokens
from services.collector.connecting.connections import Connections
from services.collector.networks import reader_of
from services.collector.planning.planner import Planner
from services.collector.readers.http import ANSWER_SECONDS
from services.collector.worker import Worker
from simulation.country.world import World
from simulation.serving.owned import OwnedNetwork
from simulation.serving.platforms import Networks
from tests.collector.fakes import KeptWire

TOKENS = {one.slug: one.credential or one.slug for one in NETWORKS if one.needs_token}
MOST_UNCONFIRMED = 2000
LOOK_EVERY = timedelta(minutes=10)
"""Between two looks at tokens that are to be renewed."""

APPLICATIONS = {
    slug: DeclaredApplication.model_validate(told) for slug, told in INVENTED_APPLICATIONS.items()
}


class SimulatedWire(KeptWire):
    """A kept wire of a simulation."""

    def __init__(self) -> None:
        super().__init__()
        self.installation = "simulation"


class HurriedWire(Wire):
    """A wire to a real broker that waits for acknowledgements by thousands, not at each job.

    `published` counts the events of each topic: as many must be read back.
    """

    def __init__(self, kafka_url: str, namespace: str, now: Callable[[], datetime]) -> None:
        super().__init__(kafka_url, "simulation", namespace=namespace, now=now)
        self.published: Counter[str] = Counter()
        self._unconfirmed: list[Awaitable[Any]] = []

    async def publish(self, topic: Topic, event: Event, *_: Any) -> None:
        """Publish an event; the broker may have it later."""
        await self.publish_all(topic, (event,))

    async def publish_all(self, topic: Topic, events: Iterable[Event], *_: Any) -> None:
        """Publish many events; the broker may have them later."""
        for event in events:
            name = self.place(topic, event)
            self.published[topic.name] += 1
            self._unconfirmed.append(await self.log.send(name, event.encode(), event.key.encode()))
        if len(self._unconfirmed) >= MOST_UNCONFIRMED:
            await self.confirm()

    async def confirm(self) -> None:
        """Wait until the broker has everything; raises what it refused."""
        waited, self._unconfirmed = self._unconfirmed, []
        await asyncio.gather(*waited)


_struck: ContextVar[list[str] | None] = ContextVar("struck", default=None)


class Accelerated:
    """A collector over an invented world, whose time is moved.

    `tokens` are the credentials by name, as in the settings; `wire` keeps what is published (in
    memory, unless another is given); `heard` is told every outcome at once. `struck` counts how the
    jobs ended that a fault struck: by fault, network and cause.
    """

    def __init__(
        self,
        world: World,
        clock: SteppedClock,
        accounts: Iterable[AccountRegistered],
        *,
        tokens: dict[str, str] = TOKENS,
        wire: Wire | None = None,
        heard: Callable[[JobEnded], None] = lambda _: None,
    ) -> None:
        self.heard = heard
        self.world = world
        self.clock = clock
        self.networks = Networks(world, clock)
        self.wire = wire or SimulatedWire()
        self.granted = 0
        self.struck: Counter[tuple[str, str, str]] = Counter()
        credentials = credentials_of(tokens)
        self.planner = Planner(
            origin="simulation",
            epoch=1,
            credentials=names_of(credentials),
            host_of=host_of,
            same=same_tokens(credentials),
        )
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.connections = Connections(self.wire, http, clock, reader_of, (), APPLICATIONS)
        owned = self.connections.credential
        self.worker = Worker(self.wire, http, clock, reader_of, credentials, owned)
        self._look_at = clock.now()
        for account in accounts:
            self.register(account)
        self.planner.spread_first_sights(clock.now())

    def register(self, account: AccountRegistered) -> None:
        """Have an account read, by its owner where nobody else may."""
        self.planner.register(account, self.clock.now())
        self._connect(account.account)
        self.planner.owned(self.connections.good, self.clock.now())

    def _connect(self, name: str) -> None:
        """Have the owner of an account let us read it, where nobody else may."""
        account = next((one for one in self.world.accounts if one.id == name), None)
        if account is None or not account.rules.by_consent:
            return
        network, moment = self.networks.by_name[account.network], self.networks.moment()
        assert isinstance(network, OwnedNetwork)
        consent, now = network_of(account.network).consent, self.clock.now()
        assert consent is not None
        token = read_token(consent, network.consents.pair(account.native_id, moment), now)
        self.connections.take(
            AccountConnected(
                event_id=name,
                origin="simulation",
                account=name,
                connection=name,
                revision=1,
                network=account.network,
                state="connected",
                token=token.kept(),
                expires_at=token.expires_at,
                changed_at=now,
            )
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        answer, fault = self.networks.ask(
            request.method, request.url.netloc.decode(), request.url.raw_path.decode(),
            request.headers, request.content,
        )  # fmt: skip
        if fault is not None:
            if (struck := _struck.get()) is not None:
                struck.append(fault.kind)
            if fault.kind == "closed":
                raise httpx.RemoteProtocolError("the server disconnected")
            if fault.kind == "slow" and fault.seconds >= ANSWER_SECONDS:
                raise httpx.ReadTimeout("")
        headers = {"content-type": answer.content_type, **answer.headers}
        return httpx.Response(answer.status, content=answer.body, headers=headers)

    async def run(self, lasting: timedelta, step: timedelta, idle: timedelta) -> None:
        """Let time pass: by `step` while jobs are granted, else to the next thing due."""
        end = self.clock.now() + lasting
        while (now := self.clock.now()) < end:
            if now >= self._look_at:
                self._look_at = now + LOOK_EVERY
                await self.connections.renew()
                self.planner.owned(self.connections.good, now)
            jobs = self.planner.plan(now)
            self.granted += len(jobs)
            for ended in await asyncio.gather(*(self._job(job) for job in jobs)):
                self.planner.advance(ended, now)
            due = self.planner.next_at()
            following = now + step if jobs or due is None else max(due, now + step)
            self.clock.step_to(min(following, now + idle, end))

    async def _job(self, job: JobGranted) -> JobEnded:
        struck: list[str] = []
        _struck.set(struck)
        ended = await self.worker.run(job)
        self.heard(ended)
        for kind in struck:
            self.struck[kind, ended.network, ended.cause] += 1
        return ended

    @property
    def outcomes(self) -> list[JobEnded]:
        """Return how the jobs ended, from a wire that keeps them."""
        assert isinstance(self.wire, KeptWire)
        return self.wire.of(COLLECT_OUTCOMES)
