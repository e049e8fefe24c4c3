"""What is due of a subject, and when: pure functions of what is known of it.

- Counters of an account are read at a moment of the day that is its own (a hash spreads accounts),
  at three quarters of the freshness target, so that a late answer is still fresh.
- New posts likewise; at first sight 30 days are read back, page after page.
- A known post is read again at the ages of `Freshness.readings`, until 28 days old; where the
  account's pages give the counters of known posts, the page is read instead.
- A post that is missing is confirmed once its account has been seen since: an account that is
  hidden for an hour hides its posts, and says nothing of them.
- Where only its owner may read an account, nothing is due of one that she did not connect.
- Who does not answer is asked again on the next two days before being believed gone, then weekly;
  who was seen before is asked first every hour, then every six, for a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Literal, NamedTuple

import msgspec

from contracts.accounts import AccountRegistered
from contracts.jobs import Operation, PostReading
from contracts.networks import Network, network_of

BACKFILL = timedelta(days=30)
"""How far back the posts of a new account are read."""

OVERLAP = timedelta(hours=1)
"""New posts are asked for from this long before the last reading: a post may be indexed late."""

FEED_OVERLAP = timedelta(days=2)
READ_AT = 0.75
"""Share of the freshness that a network is to have after which an account is read again."""

UNKNOWN_PACE = timedelta(hours=1)
"""Pace of a feed that was never read."""

CONFIRM_AFTER = timedelta(minutes=10)
ASK_AGAIN = timedelta(days=1)
HIDDEN_FOR_HOURS = (*[timedelta(hours=1)] * 6, *[timedelta(hours=6)] * 3)
"""When who was seen before is asked again in its first day: an account may hide for some hours, and
a reading at seven days has a day to spare."""

BELIEVED_GONE = (ASK_AGAIN, ASK_AGAIN)
"""When it is asked again after that, or who was never seen, before being believed gone."""

ASK_RARELY = timedelta(days=7)
STOPPED = 100
"""As many times unreachable: not asked any more (a feed that answered 410)."""

EARLY_PROFILE = timedelta(hours=2)
EARLY_READING = 0.05
"""Share of its age by which a post may be read before it is due, with others."""

LATEST_READING = timedelta(days=3)
MOST_PAGES = 40
MOST_SEARCH_PAGES = 5
"""Older pages of one account, and of one search, asked for in a row."""

MOST_READINGS = 1_500
READINGS_BYTES = 800_000
"""Known posts of a subject, the newest: with the rest of its row they fit in a record, whatever
their ids are written in."""

READING_BYTES = 160
"""Of a known post on the wire, but for its id."""

Kind = Literal["account", "source", "search"]
"""What is asked for: an account, a source whose feed is followed, what others say of a word."""

SEARCHED_BACK = timedelta(days=1)
"""A search goes so far back at first: what is older is told to nobody."""


class Reading(NamedTuple):
    """A known post in little room: instants in whole seconds since 1970, 0 for never."""

    published: int
    read: int
    missing: int


@dataclass(slots=True)
class Subject:
    """What the scheduler knows of an account or a source: registry, then progress.

    `owned`: its owner connected it, and pays for its requests.
    """

    id: str
    network: Network
    handle: str
    native_id: str | None = None
    kind: Kind = "account"
    registered: int = 0
    first_at: datetime | None = None
    revision: int = 0
    profile_at: datetime | None = None
    posts_at: datetime | None = None
    cursor: str | None = None
    page: int = 0
    paging_slot: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    items: str | None = None
    learnt_handle: str | None = None
    learnt_id: str | None = None
    pace: timedelta | None = None
    not_before: datetime | None = None
    unreachable: int = 0
    unreachable_since: datetime | None = None
    readings: dict[str, Reading] = field(default_factory=dict[str, Reading])
    failures: int = 0
    walled: bool = False
    alone: bool = False
    owned: bool = False

    @property
    def observed(self) -> bool:
        """Tell whether it may be read: where only its owner may let us, whether she does."""
        return self.owned or not self.network.by_owner

    @property
    def counted(self) -> bool:
        """Tell whether it is something that the registry knows, and may be read."""
        return self.observed and self.kind != "search"

    @property
    def batched(self) -> bool:
        """Tell whether it may be asked with others: it is known, and spoils no batch."""
        known = self.identity is not None or not self.network.batches_need_native_id
        return known and not self.alone and not self.unreachable and not self.owned

    @property
    def name(self) -> str:
        """Return the handle by which the network last answered."""
        return self.learnt_handle or self.handle

    @property
    def identity(self) -> str | None:
        """Return the network's own id, from the registry or learnt from an answer.

        An account that has moved to another host (Mastodon) has another id there.
        """
        if self.learnt_handle and host_part(self.learnt_handle) != host_part(self.handle):
            return self.learnt_id
        return self.native_id or self.learnt_id


@dataclass(frozen=True, slots=True)
class Due:
    """An operation due at a moment; `late` is how long after it the target is missed."""

    operation: Operation
    at: datetime
    late: timedelta


def host_part(handle: str) -> str:
    """Return the host of a handle of the form `user@host`, or nothing."""
    return handle.rpartition("@")[2].casefold() if "@" in handle[1:] else ""


def subject_of(account: AccountRegistered) -> Subject | None:
    """Return the subject to observe, or None for a person's account or one that is not verified.

    A feed without owner is a source: what it says is said by somebody else.
    """
    network = network_of(account.network)
    if not network.observed or account.owner_kind == "personne" or account.state != "verified":
        return None
    owned = any(owner.until is None for owner in account.owners)
    return Subject(
        id=account.account,
        network=network,
        handle=account.handle,
        native_id=account.native_id,
        kind="account" if owned or not network.paced else "source",
        registered=account.revision,
    )


def anew(subject: Subject, first_at: datetime) -> Subject:
    """Return a subject as the registry has it, of which nothing else is believed."""
    return Subject(
        id=subject.id,
        network=subject.network,
        handle=subject.handle,
        native_id=subject.native_id,
        kind=subject.kind,
        registered=subject.registered,
        revision=subject.revision,
        first_at=first_at,
    )


def dues_of(subject: Subject, now: datetime) -> tuple[Due, ...]:
    """Return what is due of a subject, soonest moments first known; moments may be to come."""
    if subject.unreachable >= STOPPED or not subject.observed:
        return ()
    if subject.unreachable:
        return (_confirmation(subject, now),)
    dues: list[Due] = []
    if _has_profile(subject):
        period = _period(subject.network.freshness.profile)
        at = phase_after(subject, subject.profile_at, period, EARLY_PROFILE)
        doubts = (r.missing for r in subject.readings.values() if _is_doubtful(subject, r))
        if at is not None and (doubt := min(doubts, default=0)):
            at = min(at, moment_of(doubt) + CONFIRM_AFTER)
        dues.append(
            Due("profile", at or subject.first_at or now, _slack(subject.network.freshness.profile))
        )
    if _may_be_read(subject):
        dues.append(_posts(subject, now))
    if subject.network.posts_per_request > 0:
        reading = next_reading(subject)
        if reading is not None:
            dues.append(reading)
    if subject.not_before is not None:
        dues = [Due(due.operation, max(due.at, subject.not_before), due.late) for due in dues]
    return tuple(dues)


def drawn(text: str) -> int:
    """Return a number drawn from a text, the same everywhere."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def phase_after(
    subject: Subject, last: datetime | None, period: timedelta, early: timedelta = timedelta()
) -> datetime | None:
    """Return the subject's own moment that follows `last`, every `period`; None when never read.

    A reading may have come `early` with others: the moment it stood for is not due again.
    """
    if last is None:
        return None
    last += early
    seconds = int(period.total_seconds())
    phase = drawn(subject.id) % seconds
    turns = (int(last.timestamp()) - phase) // seconds + 1
    return moment_of(turns * seconds + phase)


def next_reading(subject: Subject, within: timedelta | None = None) -> Due | None:
    """Return the earliest reading due of the subject's known posts, or None.

    Only those that may be no more than `within` late, when it is given.
    """
    dues = (due for reading in subject.readings.values() if (due := reading_due(subject, reading)))
    return min(
        (due for due in dues if within is None or due.late <= within),
        key=lambda due: due.at,
        default=None,
    )


def reading_due(subject: Subject, reading: Reading) -> Due | None:
    """Return when a known post is to be read again, or None once its last age is past.

    A post that was missing is confirmed soon, its account first; one only heard of is read at once.
    """
    if _is_doubtful(subject, reading):
        return None
    if reading.missing:
        return Due("readings", moment_of(reading.missing) + CONFIRM_AFTER, timedelta(hours=1))
    if not reading.read:
        return Due("readings", moment_of(reading.published), timedelta(hours=1))
    for age in subject.network.freshness.readings:
        if reading.published + age > reading.read:
            at = moment_of(reading.published + age)
            return Due("readings", at, min(timedelta(seconds=age / 2), timedelta(days=1)))
    return None


def due_readings(subject: Subject, now: datetime) -> dict[str, Reading]:
    """Return the known posts to read again now, or soon enough to join those.

    Posts to be confirmed are read apart from the others.
    """
    due: dict[str, Reading] = {}
    for native_id, reading in subject.readings.items():
        found = reading_due(subject, reading)
        if found and found.at - early_reading(reading, now) <= now:
            due[native_id] = reading
    return due


def early_reading(reading: Reading, now: datetime) -> timedelta:
    """Return how much earlier than due a post may be read with others: 5 % of its age, 1 h most."""
    if reading.missing:
        return timedelta()
    age = max(0.0, now.timestamp() - reading.published)
    return timedelta(seconds=min(age * EARLY_READING, 3600))


def finished(subject: Subject, reading: Reading, now: datetime) -> bool:
    """Tell whether a known post needs no more reading: all ages read, or too old to be."""
    ages = subject.network.freshness.readings
    if not ages:
        return True
    too_old = moment_of(reading.published + ages[-1]) + LATEST_READING < now
    return too_old or not (reading.missing or reading_due(subject, reading))


def since_of(subject: Subject, now: datetime) -> datetime:
    """Return from when on posts are asked for: 30 days at first sight, else since the last time."""
    if subject.posts_at is None:
        return now - (SEARCHED_BACK if subject.kind == "search" else BACKFILL)
    if subject.kind == "search" and (search := subject.network.search) is not None:
        return subject.posts_at - timedelta(seconds=search.overlap)
    overlap = FEED_OVERLAP if subject.network.paced else OVERLAP
    return subject.posts_at - overlap


def as_posts(readings: dict[str, Reading]) -> tuple[PostReading, ...]:
    """Return known posts as they travel."""
    return tuple(
        PostReading(
            native_id=native_id,
            published_at=moment_of(reading.published),
            read_at=moment_of(reading.read) if reading.read else None,
            missing_at=moment_of(reading.missing) if reading.missing else None,
        )
        for native_id, reading in readings.items()
    )


def fitting(ids: Iterable[str]) -> set[str]:
    """Return the first ids of posts that one row holds."""
    kept: set[str] = set()
    room = READINGS_BYTES
    for native_id in islice(ids, MOST_READINGS):
        room -= READING_BYTES + len(msgspec.json.encode(native_id))
        if room < 0:
            break
        kept.add(native_id)
    return kept


def as_reading(post: PostReading) -> Reading:
    """Return a known post as it is kept."""
    return Reading(_seconds(post.published_at), _seconds(post.read_at), _seconds(post.missing_at))


def moment_of(seconds: int) -> datetime:
    """Return an instant from whole seconds since 1970 (UTC)."""
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def _period(target: int) -> timedelta:
    return timedelta(seconds=int(target * READ_AT))


def _slack(target: int) -> timedelta:
    return timedelta(seconds=target) - _period(target)


def _may_be_read(subject: Subject) -> bool:
    """Tell whether posts may be asked for: the id is known, and where calls are dear, the page."""
    if subject.kind == "search":
        return True
    if subject.network.costs and subject.profile_at is None:
        return False
    return subject.identity is not None or not subject.network.posts_need_native_id


def _is_doubtful(subject: Subject, reading: Reading) -> bool:
    """Tell whether a post is missing and its account was not seen since: both may be hidden.

    Where pages carry the profile, a page that lacks the post has shown the account.
    """
    if not reading.missing or not _has_profile(subject):
        return False
    return subject.profile_at is None or subject.profile_at < moment_of(reading.missing)


def _has_profile(subject: Subject) -> bool:
    if subject.kind == "search":
        return False
    return subject.network.profiles_per_request > 0 and bool(subject.network.account_counters)


def _posts(subject: Subject, now: datetime) -> Due:
    operation = posts_operation(subject)
    target = subject.network.freshness.posts
    if subject.cursor is not None:
        return Due(operation, subject.paging_slot or now, _slack(target))
    if subject.network.paced or subject.kind == "search":
        pace = subject.pace or UNKNOWN_PACE
        first = subject.first_at or now
        return Due(operation, subject.posts_at + pace if subject.posts_at else first, pace / 2)
    at = phase_after(subject, subject.posts_at, _period(target)) or subject.first_at or now
    late = _slack(target)
    if subject.network.posts_per_request == 0:
        # Later readings are those of the usual pages, which come often enough for them.
        reading = next_reading(subject, within=_period(target))
        if reading is not None and reading.at < at:
            return Due(operation, reading.at, min(late, reading.late))
    return Due(operation, at, late)


def posts_operation(subject: Subject) -> Operation:
    """Return the operation that gives what a subject publishes, or what others say."""
    if subject.kind == "search":
        return "mentions"
    if subject.network.paced:
        return "feed" if subject.kind == "account" else "mentions"
    older = subject.network.older_pages
    return older if older and subject.cursor is not None else "posts"


def _confirmation(subject: Subject, now: datetime) -> Due:
    """Return the one question that is still asked of who does not answer."""
    operation: Operation = "profile" if _has_profile(subject) else posts_operation(subject)
    return Due(operation, subject.not_before or now, ASK_AGAIN)
