"""One look at one public account, now: the same requests and readers as the service, no broker."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.accounts import AccountObserved
from contracts.addresses import Identity
from contracts.event import Event, Origin, hashed_id
from contracts.jobs import JobGranted, JobSubject, Operation, PostReading
from contracts.networks import BY_SLUG, Network
from contracts.posts import PostObserved
from contracts.topics import Topic
from libs.clock import Clock
from services.collector.planning.buckets import groups_of
from services.collector.planning.schedule import BACKFILL
from services.collector.readers.reader import Parsed
from services.collector.worker import Worker


@dataclass(slots=True)
class Step:
    """A request that was made: for what, and how it ended."""

    operation: Operation
    parsed: Parsed
    requests: int


@dataclass(slots=True)
class Look:
    """What was seen of an account, request by request."""

    identity: Identity
    at: datetime
    credential: str | None = None
    steps: list[Step] = field(default_factory=list[Step])
    without_token: list[Operation] = field(default_factory=list[Operation])

    @property
    def events(self) -> list[tuple[Topic, Event]]:
        """Return all events of the look."""
        return [pair for step in self.steps for pair in step.parsed.events]

    @property
    def account(self) -> AccountObserved | None:
        """Return the counters of the account, if they were seen."""
        seen = [event for _, event in self.events if isinstance(event, AccountObserved)]
        return seen[-1] if seen else None

    @property
    def posts(self) -> list[PostObserved]:
        """Return the posts, newest first, each by its last reading."""
        latest = {event.post: event for _, event in self.events if isinstance(event, PostObserved)}
        return sorted(latest.values(), key=lambda post: post.published_at, reverse=True)


class Looker:
    """Looks at accounts. `names` are the credentials configured, by network."""

    def __init__(
        self, worker: Worker, clock: Clock, names: dict[str, tuple[str, ...]], origin: Origin
    ) -> None:
        self._worker = worker
        self._clock = clock
        self._names = names
        self._origin: Origin = origin

    async def look(self, identity: Identity, credential: str | None = None) -> Look:
        """Observe an account: its counters, its posts of 30 days on one page, their counters.

        The slot is the present second. Another credential than the
        first of the network may be named. Raises `KeyError` for a network that is not observed.
        """
        network = BY_SLUG[identity.network]
        look = Look(identity, self._clock.now().replace(microsecond=0), credential)
        subject = subject_of(identity)
        for operation in operations_of(network):
            if not await self._step(look, network, operation, subject):
                break
            learnt = look.steps[-1].parsed.native_ids.get(subject.subject) if look.steps else None
            subject = subject.model_copy(update={"native_id": subject.native_id or learnt})
        heard_of = [
            post
            for step in look.steps
            for posts in step.parsed.readings.values()
            for post in posts
            if post.read_at is None
        ]
        if heard_of and network.posts_per_request:
            known = subject.model_copy(
                update={"posts": tuple(heard_of[: network.posts_per_request])}
            )
            await self._step(look, network, "readings", known)
        return look

    async def _step(
        self, look: Look, network: Network, operation: Operation, subject: JobSubject
    ) -> bool:
        """Make one request; False when there is nothing more to ask."""
        bucket = self._bucket(network, operation, look.credential)
        if bucket is None:
            look.without_token.append(operation)
            return True
        if operation == "posts" and network.posts_need_native_id and not subject.native_id:
            return False
        job = _job(look, network, operation, subject, bucket, self._origin)
        parsed, requests = await self._worker.look(job)
        look.steps.append(Step(operation, parsed, requests))
        return parsed.cause in ("done", "unchanged")

    def _bucket(self, network: Network, operation: Operation, credential: str | None) -> str | None:
        paying = (group.per for group in groups_of(network) if group.pays(operation))
        if "credential" not in paying:
            return f"{network.slug}:all"
        name = credential or next(iter(self._names.get(network.slug, ())), None)
        return f"{network.slug}:{name}" if name else None


def subject_of(identity: Identity) -> JobSubject:
    """Return an account as a job names it, of which only the address is known."""
    return JobSubject(
        subject=hashed_id("look", identity.key),
        handle=identity.handle or identity.native_id or identity.address,
        native_id=identity.native_id,
    )


def operations_of(network: Network) -> Sequence[Operation]:
    """Return the operations of a look, in their order."""
    if network.paced:
        return ("feed",)
    return ("profile", "posts") if network.profiles_per_request else ("posts",)


def _job(
    look: Look,
    network: Network,
    operation: Operation,
    subject: JobSubject,
    bucket: str,
    origin: Origin,
) -> JobGranted:
    posts: tuple[PostReading, ...] = subject.posts if operation == "readings" else ()
    job = hashed_id("look", operation, subject.subject, look.at.isoformat())
    return JobGranted(
        event_id=job,
        origin=origin,
        job=job,
        network=network.slug,
        operation=operation,
        bucket=bucket,
        subjects=(subject.model_copy(update={"posts": posts}),),
        slot=look.at,
        since=look.at - BACKFILL if operation not in ("feed", "profile") else None,
        epoch=0,
        granted_at=look.at,
        expires_at=look.at + timedelta(minutes=5),
    )
