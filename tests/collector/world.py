"""A network in memory for tests of the schedule: accounts that publish, jobs that are answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.accounts import AccountRegistered
from contracts.jobs import JobEnded, JobGranted, PostReading
from contracts.networks import BY_SLUG
from services.collector.planning.planner import Planner
from tests.events import account_registered

HANDLES: dict[str, Callable[[int], str]] = {
    "bluesky": lambda n: f"ville-{n}.example",
    "mastodon": lambda n: f"ville{n}@social{n % 7}.example",
    "youtube": lambda n: f"@ville{n}",
    "instagram": lambda n: f"ville{n}",
    "facebook": lambda n: f"ville{n}",
    "rss": lambda n: f"https://site{n}.example/feed",
}


def registered(network: str, number: int, at: datetime, **changes: object) -> AccountRegistered:
    """Return an account of a network, verified and owned."""
    fields: dict[str, object] = {
        "network": network, "handle": HANDLES[network](number),
        "native_id": f"id-{network}-{number}", "address": f"https://{network}.example/{number}",
    }  # fmt: skip
    return account_registered(f"{network}-{number:05d}", at, **(fields | changes))


def planner_of(
    epoch: int = 1, tokens: tuple[str, ...] = ("a",), same: dict[str, str] | None = None
) -> Planner:
    """Return a planner with one token for each network that needs one."""
    return Planner(
        origin="simulation",
        epoch=epoch,
        same=same,
        credentials=dict.fromkeys(("instagram", "facebook", "youtube"), tokens),
        host_of=lambda network, subject: (
            subject.handle.rpartition("@")[2] if network == "mastodon" else subject.handle
        ),
    )


def ended(job: JobGranted, cause: str, now: datetime, **changes: object) -> JobEnded:
    """Return how a job ended badly."""
    fields: dict[str, object] = {
        "event_id": job.job, "origin": job.origin, "job": job.job, "network": job.network,
        "operation": job.operation, "bucket": job.bucket, "subject": job.subjects[0].subject,
        "subjects": tuple(subject.subject for subject in job.subjects), "cause": cause,
        "slot": job.slot, "ended_at": now,
    }  # fmt: skip
    return JobEnded.model_validate(fields | changes)


@dataclass
class World:
    """Accounts publish `posts`, by account (native id → published at); all answers are good.

    Of a `hidden` account nothing is given: neither counters, nor pages, nor posts.
    """

    posts: dict[str, dict[str, datetime]] = field(default_factory=dict[str, dict[str, datetime]])
    hidden: set[str] = field(default_factory=set[str])
    deleted: set[str] = field(default_factory=set[str])
    jobs: list[JobGranted] = field(default_factory=list[JobGranted])
    readings: dict[str, list[datetime]] = field(default_factory=dict[str, list[datetime]])
    profiles: dict[str, list[datetime]] = field(default_factory=dict[str, list[datetime]])
    pages: dict[str, list[datetime]] = field(default_factory=dict[str, list[datetime]])
    told_deleted: list[str] = field(default_factory=list[str])

    def answer(self, job: JobGranted, now: datetime) -> JobEnded:
        """Answer a job as a good network would."""
        self.jobs.append(job)
        network = BY_SLUG[job.network]
        readings: dict[str, tuple[PostReading, ...]] = {}
        missing: dict[str, tuple[str, ...]] = {}
        gone: dict[str, str] = {}
        for subject in job.subjects:
            name = subject.subject
            if name in self.hidden and job.operation != "readings":
                gone[name] = "hidden"
                continue
            if job.operation == "profile":
                self.profiles.setdefault(name, []).append(now)
                continue
            known = {post.native_id for post in subject.posts}
            there = {
                post: at
                for post, at in self.posts.get(name, {}).items()
                if at <= now and post not in self.deleted and name not in self.hidden
            }
            if job.operation != "readings":
                self.pages.setdefault(name, []).append(now)
            wanted = [
                post
                for post, at in there.items()
                if post in known
                or (job.operation != "readings" and job.since is not None and at >= job.since)
            ]
            for post in wanted:
                self.readings.setdefault(post, []).append(now)
            readings[name] = tuple(
                PostReading(native_id=post, published_at=there[post], read_at=now)
                for post in wanted
            )
            lost = tuple(post for post in known if post not in there)
            if lost:
                missing[name] = lost
        if job.confirm:
            self.told_deleted += [post for posts in missing.values() for post in posts]
        return ended(
            job, "gone" if len(gone) == len(job.subjects) else "done", now, gone=gone,
            page=job.page, readings=readings, missing={} if job.confirm else missing,
            deleted=missing if job.confirm else {},
            retry_at=now + timedelta(hours=1) if network.slug == "rss" else None,
        )  # fmt: skip

    def run(self, planner: Planner, start: datetime, end: datetime, step: timedelta) -> None:
        """Let time pass; every granted job is answered at once."""
        now = start
        while now < end:
            for job in planner.plan(now):
                planner.advance(self.answer(job, now), now)
            now += step
