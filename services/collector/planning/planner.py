"""What to grant now: the scheduler's whole decision, without a broker nor a clock of its own.

Every step takes a bounded number of subjects off the agenda, in the order in which their targets
would be missed, forms one request's worth of work, and pays for it from a bucket. What a job gave
comes back by `advance`; what gave nothing in time is due again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from contracts.accounts import AccountRegistered
from contracts.event import LONGEST_ID, Origin
from contracts.jobs import JobEnded, JobGranted, JobSubject, Operation, Progress, Spent
from contracts.networks import BY_SLUG
from contracts.watches import Query
from services.collector import metrics
from services.collector.planning.agenda import Agenda, Entry, Group
from services.collector.planning.buckets import Buckets
from services.collector.planning.granting import cost_of, granted
from services.collector.planning.in_flight import InFlight
from services.collector.planning.progress import advance, progress_of, remember, within_reach
from services.collector.planning.schedule import (
    EARLY_PROFILE,
    Reading,
    Subject,
    anew,
    as_posts,
    drawn,
    due_readings,
    dues_of,
    subject_of,
)
from services.collector.planning.searches import anew_or_paced, searches
from services.collector.readers.reader import LONGEST_ASKED

log = structlog.get_logger(__name__)

MOST_IN_FLIGHT = 150
"""Jobs awaited at once: what workers cannot do in time would expire and be granted again."""

MOST_TRIES = 2000
"""Entries of the agenda looked at in one round."""

FIRST_SIGHTS = 10
"""First sights a second when we begin to lead: a registry is not discovered all at once."""

SHORTEST_WAIT = timedelta(seconds=1)
SCHEDULER = "scheduler"
SET_ASIDE = timedelta(hours=1)
"""Left to a subject that no job can be made of, before it is tried again."""

PAUSE = "pause:"
"""Begins the subject of the row of a bucket; its name follows."""


class Planner:
    """The subjects, what is due of them, and the quotas.

    `credentials` are the names of those configured, by network; `host_of` says which host a
    subject is asked from. `epoch` is written in every job: workers drop those of an older one.
    `streamed` are the accounts that a stream may speak of: network → native id → account.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        epoch: int = 0,
        credentials: Mapping[str, tuple[str, ...]],
        host_of: Callable[[str, JobSubject], str],
        same: Mapping[str, str] | None = None,
        budgets: Mapping[str, float] | None = None,
    ) -> None:
        self.subjects: dict[str, Subject] = {}
        self.streamed: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.buckets = Buckets(credentials, host_of, same, budgets)
        self._origin: Origin = origin
        self._agenda = Agenda()
        self._in_flight = InFlight()
        self._remembered: dict[str, Progress] = {}
        self._owned: frozenset[str] | None = None
        self._revision = 0
        self.lead(epoch)

    def lead(self, epoch: int) -> None:
        """Write this epoch in every job, and rows that are newer than those of any earlier one."""
        self.epoch = epoch
        self._revision = epoch << 32

    @property
    def in_flight(self) -> int:
        """Return how many jobs are awaited."""
        return len(self._in_flight)

    def next_at(self) -> datetime | None:
        """Return when something is due next."""
        return self._agenda.next_at()

    def register(self, account: AccountRegistered, now: datetime) -> None:
        """Take an account as the registry has it now; one that is not to be observed is left."""
        fresh = subject_of(account)
        known = self.subjects.get(account.account)
        if known is not None and account.revision < known.registered:
            return
        if fresh is None:
            self.forget(account.account)
            return
        self._unfollow(known)
        if known is not None and known.handle == fresh.handle:
            known.native_id, known.kind = fresh.native_id, fresh.kind
            known.registered = fresh.registered
            self._put(known, now)
            return
        remembered = self._remembered.pop(account.account, None)
        if known is not None:
            # A handle that changes by hand is a new beginning for who did not answer.
            remember(fresh, progress_of(known, self._origin, known.revision, now), now)
            fresh.learnt_handle, fresh.unreachable, fresh.not_before = None, 0, None
        elif remembered is not None:
            remember(fresh, remembered, now)
        fresh.first_at = now
        self.subjects[fresh.id] = fresh
        self._put(fresh, now)

    def look_for(self, queries: Collection[Query], now: datetime) -> bool:
        """Search for what these look for, and for nothing else; tell whether anything is asked."""
        gone, found = searches(self.subjects, queries, self.buckets.has_credential)
        for name in gone:
            self.forget(name)
        for subject in anew_or_paced(self.subjects, found, self._remembered, now):
            self.subjects[subject.id] = subject
            self._put(subject, now)
        return bool(found)

    def spread_first_sights(self, now: datetime) -> None:
        """Spread by their hashes the accounts that nobody has ever looked at."""
        unseen = [
            subject
            for subject in self.subjects.values()
            if subject.profile_at is None and subject.posts_at is None and not subject.unreachable
        ]
        seconds = max(1, len(unseen) // FIRST_SIGHTS)
        for subject in unseen:
            subject.first_at = now + timedelta(seconds=drawn(subject.id) % seconds)
            self._put(subject, now)

    def owned(self, accounts: Collection[str], now: datetime) -> None:
        """Have these accounts, and no others, be paid for by their owners.

        One that was just connected is read at once, as far back as at first sight.
        """
        known, self._owned = self._owned, frozenset(accounts)
        for name in self._owned - known if known is not None else ():
            if (subject := self.subjects.get(name)) is not None:
                self.buckets.begin(subject.network, name)
                subject.first_at, subject.profile_at, subject.posts_at = now, None, None
        self.due_again(self._owned ^ (known or frozenset()), now)

    def forget(self, subject: str) -> None:
        """Stop observing an account."""
        self._unfollow(self.subjects.pop(subject, None))
        self._agenda.drop(subject)

    def _unfollow(self, subject: Subject | None) -> None:
        """Know by its native id no longer whom a stream speaks of."""
        if subject is not None and subject.identity is not None:
            self.streamed[subject.network.slug].pop(subject.identity, None)

    def remember(self, progress: Progress, now: datetime) -> None:
        """Take over a row of an earlier leader."""
        if progress.subject == SCHEDULER:
            self.buckets.restore(progress.spent)
            return
        if progress.subject.startswith(PAUSE):
            if progress.not_before is not None:
                name = progress.subject.removeprefix(PAUSE)
                self.buckets.keep_pause(name, min(progress.not_before, now + LONGEST_ASKED), now)
            return
        subject = self.subjects.get(progress.subject)
        if subject is None:
            held = self._remembered.get(progress.subject)
            if held is None or held.revision <= progress.revision:
                self._remembered[progress.subject] = progress
            return
        remember(subject, progress, now)
        self._put(subject, now)

    def advance(self, ended: JobEnded, now: datetime) -> list[Subject]:
        """Take how a job ended; return the subjects of which something new is known."""
        ended = within_reach(ended, now)
        self._in_flight.ended(ended.job)
        changed: list[Subject] = []
        for name in ended.subjects or (ended.subject,):
            subject = self.subjects.get(name)
            if subject is None:
                continue
            if ended.cause not in ("expired", "rate_limited", "credential"):
                advance(subject, ended)
                changed.append(subject)
            self._put(subject, now)
        self.buckets.observe(ended, self.subjects)
        return changed

    def due_again(self, names: Iterable[str], now: datetime) -> None:
        """Have subjects be due as what is known of them says: nothing came of their jobs."""
        for name in names:
            if name in self.subjects:
                self._put(self.subjects[name], now)

    def plan(self, now: datetime, most: int = MOST_IN_FLIGHT) -> list[JobGranted]:
        """Return the jobs to grant now: what is most urgent, within what quotas allow."""
        self.due_again(self._in_flight.lost(now), now)
        self.buckets.tell(now)
        most = min(most, MOST_IN_FLIGHT - len(self._in_flight))
        jobs: list[JobGranted] = []
        tries = 0
        barred: set[Group] = set()
        while len(jobs) < most and tries < MOST_TRIES:
            group = next((g for g in self._agenda.urgent(now) if g not in barred), None)
            if group is None:
                break
            entry = self._agenda.take(group, now)
            if entry is None:
                break
            tries += 1
            try:
                job = self._grant(group, entry, now, barred)
            except Exception as error:  # one subject stops not the others
                self.set_aside(entry.subject, error)
                self._agenda.put_back(group, entry, now + SET_ASIDE)
                continue
            if job is not None:
                jobs.append(job)
        return jobs

    def progress(self, subjects: Iterable[Subject], now: datetime) -> list[Progress]:
        """Return the rows to publish: of the subjects that changed, of the buckets paused."""
        rows: list[Progress] = []
        for name, until in self.buckets.pauses().items():
            try:
                rows.append(self._pause(name, until, now))
            except ValueError as error:  # a bucket of nobody's
                self.set_aside(f"{PAUSE}{name}", error)
        for subject in subjects:
            self._revision += 1
            try:
                row = progress_of(subject, self._origin, self._revision, now)
            except ValueError as error:  # what no row can hold is not remembered
                self.set_aside(subject.id, error)
                continue
            subject.revision = self._revision
            rows.append(row)
        return rows

    def own_progress(self, now: datetime) -> Progress:
        """Return the scheduler's own row: its epoch, and what has been spent of long quotas."""
        self._revision += 1
        spent: tuple[Spent, ...] = self.buckets.to_keep(now)
        return Progress(
            event_id=f"{SCHEDULER}@{self._revision}",
            origin=self._origin,
            subject=SCHEDULER,
            network="all",
            revision=self._revision,
            epoch=self.epoch,
            spent=spent,
            changed_at=now,
        )

    def _pause(self, bucket: str, until: datetime, now: datetime) -> Progress:
        self._revision += 1
        return Progress(
            event_id=f"{PAUSE}{bucket}@{self._revision}"[-LONGEST_ID:],
            origin=self._origin,
            subject=f"{PAUSE}{bucket}",
            network=bucket.split(":")[0],
            revision=self._revision,
            not_before=until,
            changed_at=now,
        )

    def lags(self, now: datetime) -> dict[tuple[str, Operation], float]:
        """Return by how many seconds the most overdue subject is late, by network and operation."""
        return self._agenda.lags(now)

    def counts(self) -> dict[str, int]:
        """Return the number of accounts and sources observed, by network."""
        return Counter(one.network.slug for one in self.subjects.values() if one.counted)

    def set_aside(self, subject: str, error: Exception) -> None:
        """Count and log a subject that is left out: the others go on."""
        metrics.SET_ASIDE.inc()
        log.error("subject set aside", subject=subject, exc_info=error)

    def _put(self, subject: Subject, now: datetime) -> None:
        subject.owned = subject.id in (self._owned or ())
        try:
            found = dues_of(subject, now)
        except Exception as error:
            # What is known of it says nothing that can be used: the registry alone is believed.
            self.set_aside(subject.id, error)
            subject = self.subjects[subject.id] = anew(subject, now + SET_ASIDE)
            found = dues_of(subject, now)
        dues = tuple(due for due in found if not self._in_flight.busy(subject.id, due.operation))
        self._agenda.put(subject, dues)
        if subject.network.mentions == "stream" and subject.identity is not None:
            self.streamed[subject.network.slug][subject.identity] = subject.id

    def _grant(
        self, group: Group, entry: Entry, now: datetime, barred: set[Group]
    ) -> JobGranted | None:
        network = BY_SLUG[group.network]
        first = self._named(self.subjects[entry.subject], group.operation, now)
        confirm = any(post.missing_at for post in first.posts)
        # Who did not answer is asked again by itself, where its network then says why.
        asked_again = group.operation == "profile" and self.subjects[entry.subject].unreachable > 0
        alone = confirm and network.confirms_one_by_one
        operation: Operation = "readings" if alone else group.operation
        paid = self.buckets.for_job(network, operation, first, owned=group.owned)
        if paid is None:
            return self._without_payer(group, entry, operation, now, barred)
        payer, buckets = paid
        available = min(bucket.available(now) for bucket in buckets)
        if available < network.costs.get(operation, 1):
            free = max(bucket.free_at(now) for bucket in buckets)
            self._agenda.put_back(group, entry, max(free, now + SHORTEST_WAIT))
            if not group.owned and not self.buckets.by_host(network, operation):
                barred.add(group)
            return None
        if alone:
            chosen = [first.model_copy(update={"posts": first.posts[:1]})]
        else:
            chosen = self._fill(group, first, now, available, confirm=confirm)
        if not chosen:
            self._put(self.subjects[entry.subject], now)
            return None
        for bucket in buckets:
            bucket.spend(now, cost_of(network, operation, chosen))
        job = granted(
            operation, chosen, self.subjects[chosen[0].subject], confirm=confirm or asked_again,
            bucket=payer, at=entry.at, now=now, epoch=self.epoch, origin=self._origin,
        )  # fmt: skip
        self._in_flight.add(job, group.operation)
        return job

    def _without_payer(
        self, group: Group, entry: Entry, operation: Operation, now: datetime, barred: set[Group]
    ) -> None:
        """Wait for a credential; without one for older pages, all that is seen is the feed."""
        if operation == "uploads":
            return self._settle_for_feed(self.subjects[entry.subject], now)
        barred.add(group)
        return self._agenda.put_back(group, entry)

    def _settle_for_feed(self, subject: Subject, now: datetime) -> None:
        subject.posts_at = subject.paging_slot or now
        subject.cursor, subject.page, subject.paging_slot = None, 0, None
        self._put(subject, now)

    def _fill(
        self, group: Group, first: JobSubject, now: datetime, available: int, *, confirm: bool
    ) -> list[JobSubject]:
        """Return the subjects of one request."""
        network = BY_SLUG[group.network]
        if group.operation == "readings":
            return self._fill_readings(group, first, now, available, confirm=confirm)
        size = 1
        if group.operation == "profile" and group.batched:
            size = max(1, network.profiles_per_request)
        if each := network.costs.get(group.operation):
            size = min(size, available // each)
        chosen = [first]
        while len(chosen) < size:
            found = self._next(group, now + EARLY_PROFILE, now)
            if found is None:
                break
            chosen.append(found[1])
        return chosen

    def _fill_readings(
        self, group: Group, first: JobSubject, now: datetime, available: int, *, confirm: bool
    ) -> list[JobSubject]:
        network = BY_SLUG[group.network]
        size = network.posts_per_request
        if each := network.costs.get(group.operation):
            size = min(size, available // each)
        chosen = [first.model_copy(update={"posts": first.posts[:size]})] if first.posts else []
        room = size - len(first.posts)
        while room > 0 and group.batched and not confirm:
            found = self._next(group, now + timedelta(hours=1), now)
            if found is None:
                break
            entry, subject = found
            if not subject.posts or len(subject.posts) > room or subject.posts[0].missing_at:
                self._agenda.put_back(group, entry)
                break
            chosen.append(subject)
            room -= len(subject.posts)
        return chosen

    def _next(
        self, group: Group, until: datetime, now: datetime
    ) -> tuple[Entry, JobSubject] | None:
        """Take the next subject due that can be named in a job; one that cannot is set aside."""
        while (entry := self._agenda.take(group, until)) is not None:
            try:
                return entry, self._named(self.subjects[entry.subject], group.operation, now)
            except ValueError as error:
                self.set_aside(entry.subject, error)
                self._agenda.put_back(group, entry, now + SET_ASIDE)
        return None

    def _named(self, subject: Subject, operation: Operation, now: datetime) -> JobSubject:
        """Return a subject as a job names it, with its posts that are due."""
        posts: dict[str, Reading] = {}
        pages = subject.network.posts_per_request == 0 and operation == "posts"
        if operation == "readings" or pages:
            due = due_readings(subject, now)
            missing = {name: reading for name, reading in due.items() if reading.missing}
            posts = missing or due
        return JobSubject(
            subject=subject.id,
            handle=subject.name,
            native_id=subject.identity,
            posts=as_posts(posts),
        )
