"""What the scheduler remembers, as it travels on the compacted topic and as it is kept."""

import re
from datetime import datetime, timedelta
from typing import TypeGuard

from contracts.event import LONGEST_ID, Origin
from contracts.jobs import JobEnded, Progress
from contracts.networks import Network
from libs.background import backoff
from services.collector.planning.schedule import (
    ASK_AGAIN,
    ASK_RARELY,
    BELIEVED_GONE,
    HIDDEN_FOR_HOURS,
    MOST_PAGES,
    MOST_SEARCH_PAGES,
    READ_AT,
    STOPPED,
    Reading,
    Subject,
    as_posts,
    as_reading,
    drawn,
    finished,
    fitting,
    host_part,
)
from services.collector.readers.reader import LONGEST_ASKED

AHEAD = timedelta(days=1)
"""By which a slot may be ahead of a clock of ours."""

BASE_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
LOOK_AGAIN = timedelta(hours=1)
RARE_WAIT = timedelta(hours=6)
"""A subject that fails waits the first of these, doubled up to the second; one that fails for long
is asked at the last."""

MANY_FAILURES = 20
"""In a row, from which a subject is asked rarely."""

_HOSTED = re.compile(r"[^@/]+@[^@/]+", re.S)
_ASKABLE = re.compile(r"[^@]+@[a-z\d.\-]+(:\d+)?", re.I)

FIELDS_KEPT = (
    *("profile_at", "posts_at", "cursor", "page", "paging_slot", "etag", "last_modified", "items"),
    *("not_before", "unreachable", "unreachable_since"),
)
"""What a subject and its row call alike, and hold alike."""

SLOWER = 1.25
"""Times its pace, for a feed that brought nothing new."""

SHORTEST_PACE = timedelta(minutes=10)
LONGEST_PACE = timedelta(hours=24)


def progress_of(subject: Subject, origin: Origin, revision: int, now: datetime) -> Progress:
    """Return what is to be remembered of a subject."""
    return Progress(
        event_id=f"{subject.id}@{revision}"[-LONGEST_ID:],
        origin=origin,
        subject=subject.id,
        network=subject.network.slug,
        revision=revision,
        handle=subject.learnt_handle,
        native_id=subject.learnt_id,
        pace=int(subject.pace.total_seconds()) if subject.pace else None,
        readings=as_posts(subject.readings),
        changed_at=now,
        **{name: getattr(subject, name) for name in FIELDS_KEPT},
    )


def remember(subject: Subject, progress: Progress, now: datetime) -> None:
    """Take over what was remembered of a subject; an older revision is ignored.

    What is dated ahead was never read, nor is anybody left alone beyond the longest wait: a row
    from elsewhere would silence its subject for years.
    """
    if progress.revision < subject.revision:
        return
    subject.revision = progress.revision
    for name in FIELDS_KEPT:
        setattr(subject, name, getattr(progress, name))
    for name in ("profile_at", "posts_at", "paging_slot"):
        if (slot := getattr(progress, name)) is not None and slot > now + AHEAD:
            setattr(subject, name, None)
    if subject.not_before is not None:
        subject.not_before = min(subject.not_before, now + ASK_RARELY)
    subject.learnt_handle = progress.handle if _is_name(progress.handle) else None
    subject.learnt_id = progress.native_id
    subject.pace = timedelta(seconds=progress.pace) if progress.pace else None
    subject.readings = {post.native_id: as_reading(post) for post in progress.readings}


def advance(subject: Subject, ended: JobEnded) -> None:
    """Change what is known of a subject by how a job of its ended; twice changes no date.

    A subject that is gone stays due: soon, daily until it is believed gone, then once a week.
    """
    if _is_name(handle := ended.renamed.get(subject.id)):
        _rename(subject, handle)
    elif _is_name(native_id := ended.native_ids.get(subject.id)):
        subject.learnt_id = native_id
    if subject.id in ended.alone:
        subject.alone = True
    elif subject.id in ended.gone:
        _unreachable(subject, ended)
    elif ended.cause in ("done", "unchanged"):
        _read(subject, ended)
    elif ended.cause == "unavailable":
        subject.failures += 1
        subject.not_before = later(subject, ended.ended_at, ended.retry_at)
    elif ended.cause == "refused":
        _refused(subject, ended)


def within_reach(ended: JobEnded, now: datetime) -> JobEnded:
    """Return an outcome that holds nothing back for longer than a day, whatever instants it says.

    Whoever wrote it may have another clock, or have believed a network that asks for years.
    """
    latest = now + LONGEST_ASKED
    if ended.ended_at <= latest and (ended.retry_at is None or ended.retry_at <= latest):
        return ended
    asked = ended.retry_at and min(ended.retry_at, latest)
    return ended.model_copy(update={"ended_at": min(ended.ended_at, now), "retry_at": asked})


def later(subject: Subject, now: datetime, asked: datetime | None) -> datetime:
    """Return when to try again after a failure: what is asked, else exponential with jitter.

    Base 2 s, 15 min at most, 6 h when it has long failed (reference: "Back-off").
    """
    if asked is not None:
        return asked
    if subject.failures > MANY_FAILURES:
        return now + RARE_WAIT
    ceiling = backoff(subject.failures, BASE_WAIT, LONGEST_WAIT)
    # The jitter is drawn from names, so that the schedule is the same wherever it is computed.
    share = (drawn(f"{subject.id}:{subject.failures}") % 1000 + 1) / 1000
    return now + max(BASE_WAIT, ceiling * share)


def _is_name(text: str | None) -> TypeGuard[str]:
    """Tell whether we can remember what a network names: a server may say anything of any length.

    What no row can hold would stop the scheduler, and with it all that is collected; of `user@host`
    the host must be one that can be asked.
    """
    if text is None or not 0 < len(text) <= LONGEST_ID:
        return False
    return not _HOSTED.fullmatch(text) or bool(_ASKABLE.fullmatch(text))


def _rename(subject: Subject, handle: str) -> None:
    moved = host_part(handle) != host_part(subject.name)
    subject.learnt_handle = handle
    if moved and subject.network.ids_by_host:
        # Ids are each host's own: nothing known of the old one is asked of the new.
        subject.learnt_id, subject.cursor, subject.readings = None, None, {}


def _refused(subject: Subject, ended: JobEnded) -> None:
    """Wait a day, or as long as is asked; a first wall is looked at again before it is believed.

    Some networks say of a hidden account that it is not for us: who was seen is asked sooner.
    """
    if subject.not_before is None or ended.ended_at >= subject.not_before:
        subject.failures += 1
    wait = ended.retry_at or ended.ended_at + _next_look(subject, subject.failures, ASK_AGAIN)
    if ended.retry_at is not None and not subject.walled:
        wait = min(wait, ended.ended_at + LOOK_AGAIN)
    subject.walled = ended.retry_at is not None
    subject.not_before = max(wait, subject.not_before or wait)


def _unreachable(subject: Subject, ended: JobEnded) -> None:
    asked_again = subject.not_before
    if asked_again is not None and subject.unreachable and ended.ended_at < asked_again:
        return
    subject.unreachable += 1
    subject.unreachable_since = subject.unreachable_since or ended.ended_at
    if ended.operation in ("feed", "mentions") and "HTTP 410" in (ended.detail or ""):
        subject.unreachable = STOPPED
    subject.not_before = ended.ended_at + _next_look(subject, subject.unreachable, ASK_RARELY)


def _next_look(subject: Subject, times: int, at_last: timedelta) -> timedelta:
    """Return the wait after having found nobody so many times."""
    seen = subject.profile_at is not None or subject.posts_at is not None
    waits = (HIDDEN_FOR_HOURS if seen else ()) + BELIEVED_GONE
    return waits[times - 1] if times <= len(waits) else at_last


def _read(subject: Subject, ended: JobEnded) -> None:
    subject.failures = 0
    subject.walled = False
    subject.unreachable = 0
    subject.unreachable_since = None
    subject.not_before = None
    if ended.operation == "profile":
        subject.alone = False
        subject.profile_at = _latest(subject.profile_at, ended.slot)
        return
    if ended.operation != "readings":
        _page_read(subject, ended)
    _merge(subject, ended)


def _page_read(subject: Subject, ended: JobEnded) -> None:
    most = MOST_PAGES
    if subject.kind == "search":
        subject.items, most = ended.items, MOST_SEARCH_PAGES
    if ended.next_cursor is not None and ended.page + 1 < most:
        if ended.page >= subject.page or subject.cursor is None:
            subject.cursor = ended.next_cursor
            subject.page = ended.page + 1
            subject.paging_slot = ended.slot
        return
    subject.cursor, subject.page, subject.paging_slot = None, 0, None
    subject.posts_at = _latest(subject.posts_at, ended.slot)
    if subject.network.profiles_per_request == 0 and subject.network.account_counters:
        subject.profile_at = subject.posts_at
    if subject.network.paced:
        subject.etag, subject.last_modified = ended.etag, ended.last_modified
        subject.items = subject.items if ended.items is None else ended.items
        subject.pace = _pace(subject, ended, subject.network)


def _pace(subject: Subject, ended: JobEnded, network: Network) -> timedelta:
    """Return the time to leave a feed: what its entries say, longer each time it is unchanged."""
    longest = LONGEST_PACE
    if subject.kind == "account":
        longest = timedelta(seconds=network.freshness.posts * READ_AT)
    if ended.cause == "done" and ended.retry_at is not None:
        pace = ended.retry_at - ended.ended_at
    else:
        pace = (subject.pace or SHORTEST_PACE) * SLOWER
    return min(max(pace, SHORTEST_PACE), longest)


def _merge(subject: Subject, ended: JobEnded) -> None:
    for post in ended.readings.get(subject.id, ()):
        known = subject.readings.get(post.native_id)
        reading = as_reading(post)
        if known is not None and known.read > reading.read:
            reading = known._replace(missing=0)
        subject.readings[post.native_id] = reading
    for native_id in ended.missing.get(subject.id, ()):
        known = subject.readings.get(native_id)
        if known is not None and not known.missing:
            missing = int(ended.ended_at.timestamp())
            subject.readings[native_id] = Reading(known.published, known.read, missing)
    for native_id in ended.deleted.get(subject.id, ()):
        subject.readings.pop(native_id, None)
    for native_id, reading in list(subject.readings.items()):
        if finished(subject, reading, ended.ended_at):
            del subject.readings[native_id]
    newest = sorted(subject.readings, key=subject.readings.__getitem__, reverse=True)
    for native_id in set(newest) - fitting(newest):
        del subject.readings[native_id]


def _latest(known: datetime | None, slot: datetime) -> datetime:
    return slot if known is None else max(known, slot)
