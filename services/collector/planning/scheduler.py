"""The scheduler: grants jobs, and is the only one that spends quotas.

A round of the leader, numbered; killed after any step, the next leader finds nothing missing:

1. take the outcomes; nothing is committed yet: they would be read again
2. publish the progress that they make; the same rows would be published again
3. commit the outcomes (the lane does)
4. publish what has been spent, before granting it: killed here, quota is lost, never overspent
5. publish the jobs; killed here, their subjects are still due
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from contracts.accounts import AccountRegistered
from contracts.event import Event, hashed_id
from contracts.jobs import HIGHEST_EPOCH, JobEnded, JobSubject, Progress, Spent
from contracts.networks import NETWORKS
from contracts.topics import (
    ACCOUNTS_REGISTERED,
    COLLECT_JOBS,
    COLLECT_OUTCOMES,
    COLLECT_PROGRESS,
    Topic,
)
from contracts.watches import Watched
from libs.clock import Clock
from libs.wire.backends.log import Batches
from libs.wire.lane import Pace
from libs.wire.table import Table
from libs.wire.tail import Tail
from libs.wire.wire import SESSION_MS, Wire
from libs.wire.work import Work
from services.collector import metrics
from services.collector.connecting.connections import Connections
from services.collector.planning.leader import OneLeads
from services.collector.planning.planner import SCHEDULER, Planner
from services.collector.planning.schedule import Subject

log = structlog.get_logger(__name__)

GROUP = "collector.scheduler"
STEP_MS = 250
"""Longest wait for outcomes before the next grants: short windows are paced by it."""

TELL_EVERY = timedelta(hours=6)


LOOK_AT_WATCHES = timedelta(seconds=10)
CHOOSE_SERVERS = timedelta(minutes=1)
"""How often the servers that are searched are chosen anew, whatever watches look for."""


class Scheduler(Work):
    """Grants jobs while it leads; waits to lead otherwise. `watches` gives those of now."""

    idle = True
    stateful = True

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        *,
        credentials: Mapping[str, tuple[str, ...]],
        host_of: Callable[[str, JobSubject], str],
        same: Mapping[str, str] | None = None,
        budgets: Mapping[str, float] | None = None,
        connections: Connections | None = None,
        watches: Callable[[], Mapping[str, Watched]] = dict,
    ) -> None:
        self._wire = wire
        self._watches = watches
        self._looked_for: dict[str, int] = {}
        self._looked_at: datetime | None = None
        self._chosen_at = clock.now()
        self._asks = False
        self._connections = connections
        self._clock = clock
        self._credentials = credentials
        self._host_of = host_of
        self._same = same
        self._budgets = budgets
        self._changes: deque[tuple[str, AccountRegistered | None]] = deque()
        self._spent: tuple[Spent, ...] = ()
        self._told_at: datetime | None = None
        self.planner: Planner | None = None
        self.leads = asyncio.Event()
        self._accounts: Table[AccountRegistered] | None = None
        self._check = wire.check(JobEnded, GROUP)

    def subscribe(self, session_ms: int = SESSION_MS) -> None:
        """Ask the wire for outcomes: whoever is given their partitions leads."""
        self._wire.lane(
            [COLLECT_OUTCOMES],
            GROUP,
            self,
            pace=Pace(1_000, STEP_MS),
            session_ms=session_ms,
            partition_assignment_strategy=[OneLeads],
        )

    async def assigned(self, partitions: Sequence[TopicPartition], generation: int) -> None:
        """Begin to lead: read the registry, then what was remembered, then raise the epoch."""
        await self.revoked()
        if not partitions:
            return
        planner = Planner(
            origin=self._wire.installation,
            credentials=self._credentials,
            host_of=self._host_of,
            same=self._same,
            budgets=self._budgets,
        )
        await self._read_accounts()
        self._take_changes(planner, self._clock.now())
        own, highest = await self._read_progress(planner)
        now = self._clock.now()
        if own is not None:
            planner.remember(own, now)
        # The revisions of the highest epoch fit no row.
        planner.lead(min(highest + 1, HIGHEST_EPOCH - 1))
        planner.spread_first_sights(now)
        await self._wire.publish(COLLECT_PROGRESS, planner.own_progress(now))
        self.planner = planner
        self._told_at = self._looked_at = None
        self.leads.set()
        metrics.LEADING.set(1)
        log.info("leading", epoch=planner.epoch, subjects=len(planner.subjects))

    async def handle(self, batches: Batches) -> None:
        """Take outcomes, publish the progress that they make (1 and 2)."""
        planner = self.planner
        if planner is None:
            return
        if self._accounts is not None and self._accounts.failed:
            raise RuntimeError(
                f"the registry of accounts is no longer read: {self._accounts.failed}"
            )
        now = self._clock.now()
        self._take_changes(planner, now)
        if self._connections is not None and self._connections.ready:
            planner.owned(self._connections.good, now)
        self._look_for(planner, now)
        changed: dict[str, Subject] = {}
        for received in await self._check.read(batches):
            changed |= {one.id: one for one in self._advance(planner, received.event, now)}
            if self._connections is not None:
                await self._connections.refused(received.event)
        if rows := planner.progress(changed.values(), now):
            await self._publish(COLLECT_PROGRESS, rows)

    async def committed(self) -> None:
        """Grant, once outcomes are committed (4 and 5)."""
        if self.planner is not None:
            await self._grant(self.planner, self._clock.now())

    async def revoked(self) -> None:
        """Stop leading: forget everything, since another may change it."""
        self.dropped()
        if self._accounts is not None:
            await self._accounts.stop()
            self._accounts = None
        self._changes.clear()

    def dropped(self) -> None:
        """Stop leading."""
        if self.planner is not None:
            log.info("no longer leading", epoch=self.planner.epoch)
        self.planner = None
        self.leads.clear()
        metrics.LEADING.set(0)

    async def _read_progress(self, planner: Planner) -> tuple[Progress | None, int]:
        """Give the planner what was remembered, row by row.

        Return the scheduler's own row, and the highest epoch that any row is of: one that no leader
        wrote must not hide, for good, what the next ones write.
        """
        own, highest = list[Progress](), 0

        def take(row: Progress) -> None:
            nonlocal highest
            epoch = row.revision >> 32
            # Rows are many and large: the planner keeps them in little room, nobody else does.
            if epoch >= HIGHEST_EPOCH or (row.subject == SCHEDULER and epoch != row.epoch):
                log.error("row of no leader", subject=row.subject, revision=row.revision)
                return
            highest = max(highest, epoch)
            if row.subject == SCHEDULER:
                own.append(row)
            else:
                planner.remember(row, self._clock.now())

        progress = Tail(self._wire, COLLECT_PROGRESS, Progress, take)
        await progress.start()
        await progress.stop()
        return max(own, key=lambda row: row.revision, default=None), highest

    async def _read_accounts(self) -> None:
        accounts: Table[AccountRegistered]

        def changed(key: str, account: AccountRegistered | None) -> None:
            # The planner keeps what it needs of an account; the table need not keep it too.
            accounts.rows.pop(key, None)
            self._changes.append((key, account))

        accounts = Table(self._wire, ACCOUNTS_REGISTERED, AccountRegistered, on_change=changed)
        await accounts.start()
        self._accounts = accounts

    def _look_for(self, planner: Planner, now: datetime) -> None:
        """Have searches ask for what watches look for now."""
        if self._looked_at is not None and now - self._looked_at < LOOK_AT_WATCHES:
            return
        active = {name: one for name, one in self._watches().items() if one.state == "active"}
        looked_for = {name: one.settled or one.revision for name, one in active.items()}
        chosen = self._looked_at is not None and now - self._chosen_at < CHOOSE_SERVERS
        self._looked_at = now
        if looked_for != self._looked_for or not chosen or not self._asks:
            self._asks = planner.look_for([one.query for one in active.values()], now)
            self._looked_for, self._chosen_at = looked_for, now

    def _advance(self, planner: Planner, ended: JobEnded, now: datetime) -> list[Subject]:
        """Take an outcome; one that cannot be taken stops not the others, and leaves all due."""
        try:
            return planner.advance(ended, now)
        except Exception:
            log.exception("outcome not taken", job=ended.job, network=ended.network)
            planner.due_again(ended.subjects, now)
            return []

    async def _grant(self, planner: Planner, now: datetime) -> None:
        jobs = planner.plan(now)
        spent = planner.buckets.to_keep(now)
        if jobs and spent != self._spent:
            await self._wire.publish(COLLECT_PROGRESS, planner.own_progress(now))
            self._spent = spent
        if jobs:
            await self._publish(COLLECT_JOBS, jobs)
            for job in jobs:
                metrics.GRANTED.labels(job.network, job.operation).inc()
        self._measure(planner, now)
        if self._told_at is None or now - self._told_at >= TELL_EVERY:
            await self._tell_of_tokens(planner, now)

    async def _publish(self, topic: Topic, events: Sequence[Event]) -> None:
        """Publish all that the broker takes; what is too large holds up nothing beside it."""
        try:
            await self._wire.publish_all(topic, events)
        except MessageSizeTooLargeError:
            for event in events:
                try:
                    await self._wire.publish(topic, event)
                except MessageSizeTooLargeError as error:
                    log.error("not published", topic=topic.name, error=str(error))

    def _take_changes(self, planner: Planner, now: datetime) -> None:
        while self._changes:
            key, account = self._changes.popleft()
            if account is None:
                planner.forget(key)
                continue
            try:
                planner.register(account, now)
            except Exception:  # one account stops not the others
                log.exception("account not observed", account=key)

    def _measure(self, planner: Planner, now: datetime) -> None:
        metrics.IN_FLIGHT.set(planner.in_flight)
        for (network, operation), lag in planner.lags(now).items():
            metrics.OVERDUE.labels(network, operation).set(lag)
        for bucket in planner.buckets.told():
            metrics.QUOTA_LEFT.labels(bucket.name).set(left := bucket.available(now))
            metrics.QUOTA_LEFT_RATIO.labels(bucket.name).set(left / bucket.allowed)

    async def _tell_of_tokens(self, planner: Planner, now: datetime) -> None:
        """Say which networks are not observed because no token is configured: never silent."""
        self._told_at = now
        counts = planner.counts()
        for network in NETWORKS:
            metrics.SUBJECTS.labels(network.slug).set(counts.get(network.slug, 0))
            asked = network.needs_token and counts.get(network.slug)
            if not asked or self._credentials.get(network.slug):
                continue
            job = hashed_id("no token", network.slug, now.isoformat())
            await self._wire.publish(
                COLLECT_OUTCOMES,
                JobEnded(
                    event_id=job,
                    origin=self._wire.installation,
                    job=job,
                    network=network.slug,
                    operation="profile",
                    bucket=f"{network.slug}:none",
                    subject=f"network:{network.slug}",
                    cause="credential",
                    detail=f"no token is configured for {network.slug}",
                    requests=0,
                    slot=now,
                    ended_at=now,
                ),
            )
