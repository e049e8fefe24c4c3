"""Jobs of collection: what is granted, how it ended, and what is due again."""

from typing import Literal

from contracts.event import Count, Event, Id, Moment, NetworkSlug, Record

Operation = Literal["profile", "posts", "readings", "feed", "mentions"]
"""`profile`: counters of accounts; `posts`: a page of new posts; `readings`: counters of known
posts again; `feed`: a feed's entries; `mentions`: what others say."""

Cause = Literal[
    "done", "unchanged", "rate_limited", "unavailable", "gone", "refused", "credential", "expired"
]
"""How a job ended: `rate_limited` and `unavailable` are for later, `gone` is a fact about the
subject, `refused` (permission) stops the operation, `credential` stops the credential."""


class JobSubject(Record):
    """An account (or a feed) of a job, with what the network needs to name it."""

    subject: Id
    handle: Id
    native_id: Id | None = None
    posts: tuple[Id, ...] = ()


class JobGranted(Event):
    """One request's worth of work, granted until `expires_at`; a worker drops it afterwards.

    `epoch` fences: a job of an older leader is dropped. `cursor` continues a paged reading and
    `since` bounds it (UTC).
    """

    job: Id
    network: NetworkSlug
    operation: Operation
    bucket: Id
    subjects: tuple[JobSubject, ...]
    slot: Moment
    cursor: str | None = None
    since: Moment | None = None
    etag: str | None = None
    last_modified: str | None = None
    page: Count = 0
    epoch: Count
    granted_at: Moment
    expires_at: Moment

    @property
    def key(self) -> str:
        """Return the first subject."""
        return self.subjects[0].subject


class JobEnded(Event):
    """How a job ended: cause, what is left of the quota, where the next page begins.

    `gone` lists subjects of the job that do not answer any more, `renamed` those that answer by
    another handle (subject → handle).
    """

    job: Id
    network: NetworkSlug
    operation: Operation
    bucket: Id
    subject: Id
    cause: Cause
    detail: str | None = None
    requests: Count = 1
    quota_left: Count | None = None
    retry_at: Moment | None = None
    next_cursor: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    page: Count = 0
    slot: Moment
    observed: Count = 0
    gone: dict[str, str] = {}
    renamed: dict[str, str] = {}
    ended_at: Moment

    @property
    def key(self) -> str:
        """Return the subject."""
        return self.subject


class PostReading(Record):
    """A known post that is to be read again until 28 days old."""

    native_id: Id
    published_at: Moment
    read_at: Moment | None = None


class Progress(Event):
    """What the scheduler remembers of a subject: when it was read, what is due, its validators."""

    subject: Id
    network: NetworkSlug
    profile_at: Moment | None = None
    posts_at: Moment | None = None
    posts_until: Moment | None = None
    cursor: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    handle: Id | None = None
    unreachable_since: Moment | None = None
    readings: tuple[PostReading, ...] = ()
    changed_at: Moment

    @property
    def key(self) -> str:
        """Return the subject."""
        return self.subject
