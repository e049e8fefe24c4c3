"""A job as it is granted: what it costs, in what slot, from where its pages go on."""

from datetime import datetime, timedelta

from contracts.event import Origin, hashed_id
from contracts.jobs import JobGranted, JobSubject, Operation
from contracts.networks import Network
from services.collector.planning.quota import JOB_LIFE
from services.collector.planning.schedule import Subject, since_of


def granted(
    operation: Operation,
    chosen: list[JobSubject],
    subject: Subject,
    *,
    confirm: bool,
    bucket: str,
    at: datetime,
    now: datetime,
    epoch: int,
    origin: Origin,
) -> JobGranted:
    """Return one request's worth of work; `subject` is the first of `chosen`, due `at` (UTC)."""
    paging = operation in ("posts", "uploads", "mentions") and subject.cursor is not None
    slot = subject.paging_slot if paging and subject.paging_slot else slot_of(at, now)
    pages = operation not in ("profile", "readings")
    job = hashed_id("job", operation, slot.isoformat(), now.isoformat(), str(epoch), subject.id)
    return JobGranted(
        event_id=job,
        origin=origin,
        job=job,
        network=subject.network.slug,
        operation=operation,
        bucket=bucket,
        subjects=tuple(chosen),
        slot=slot,
        cursor=subject.cursor if pages else None,
        since=since_of(subject, slot) if pages else None,
        etag=subject.etag if pages else None,
        last_modified=subject.last_modified if pages else None,
        items=subject.items if pages else None,
        page=subject.page if pages else 0,
        confirm=confirm,
        epoch=epoch,
        granted_at=now,
        expires_at=now + JOB_LIFE,
    )


def cost_of(network: Network, operation: Operation, chosen: list[JobSubject]) -> int:
    """Return what a request counts for: one, or each object of a batch where they all count."""
    if (each := network.costs.get(operation)) is None:
        return 1
    posts = sum(len(subject.posts) for subject in chosen)
    return each * (posts if operation == "readings" else len(chosen))


def slot_of(at: datetime, now: datetime) -> datetime:
    """Return the slot of a job: when it was due, or this minute when that is an hour ago.

    So a job granted anew after a crash gives the same observations, and no observation pretends to
    be older than it is.
    """
    if timedelta() <= now - at <= timedelta(hours=1):
        return at.replace(microsecond=0)
    return now.replace(second=0, microsecond=0)
