"""What a decider remembers of a watch, in memory and as a snapshot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self, TypeVar

from contracts.alerts import AlertRaised, DeciderState, Evidence, OpenGroup, PeakFound
from contracts.erasures import Suppressions
from contracts.event import Origin, hashed_id
from contracts.watches import Past
from libs.deciding.sightings import Sightings
from libs.retention import TEXT_DAYS

T = TypeVar("T")

EVIDENCE_KEPT = 20
"""The first ten show where it began, the last ten where it is."""

WAITING_KEPT = 4_000
"""Subjects that a snapshot lists (270 kB at most), half of them the first; others are counted."""

TEXT_KEPT = timedelta(days=TEXT_DAYS)
"""From the moment a text was received, as for the topics that bear texts."""

SOURCE_PREFIX = "source:"
"""Groups of failing sources bear the network's name after it."""


def sample(items: Sequence[T], kept: int = EVIDENCE_KEPT) -> list[T]:
    """Return the first ten and the last ten of the items, or half of `kept` at each end."""
    half = kept // 2
    return list(items) if len(items) <= kept else [*items[:half], *items[-half:]]


def without(alert: AlertRaised, erased: Suppressions) -> AlertRaised:
    """Return an alert without what is erased since; what was counted stays counted."""
    evidence = tuple(one for one in alert.evidence if not _erased(one, erased))
    return alert.model_copy(update={"evidence": evidence})


def _erased(one: Evidence, erased: Suppressions) -> bool:
    return erased.holds(account=one.source, subject=one.subject, address=one.address)


@dataclass(slots=True)
class WatchState:
    """The memory of one watch; `offset` is that of the first record not taken into account.

    `waiting` are the subjects not told yet, in order, with when they were published, `unlisted` how
    many more there are; `evidence` shows some of them. `settled` is that of the watch by whose
    words they were found. `dirty` is set until the snapshot is written.
    """

    watch: str
    offset: int = 0
    sightings: Sightings = field(default_factory=Sightings)
    waiting: dict[str, datetime] = field(default_factory=dict[str, datetime])
    unlisted: int = 0
    evidence: dict[str, Evidence] = field(default_factory=dict[str, Evidence])
    groups: dict[str, OpenGroup] = field(default_factory=dict[str, OpenGroup])
    peak: PeakFound | None = None
    outgoing: list[AlertRaised] = field(default_factory=list[AlertRaised])
    due: datetime | None = None
    learnt: datetime | None = None
    settled: int = 0
    dirty: bool = False

    @property
    def event(self) -> OpenGroup | None:
        """Return the open event in the world, None when the last one is over."""
        events = (g for name, g in self.groups.items() if not name.startswith(SOURCE_PREFIX))
        return next(events, None)

    @property
    def blank(self) -> bool:
        """Tell whether nothing is known of the watch but how far it has read."""
        told = self.groups or self.peak or self.outgoing or self.learnt or self.settled
        return not (len(self.sightings) or self.sightings.hours() or self.waiting or told)

    def open_event(self, group: OpenGroup) -> None:
        """Replace the open event by this one."""
        sources = {n: g for n, g in self.groups.items() if n.startswith(SOURCE_PREFIX)}
        self.groups = {**sources, group.group: group}

    def learn(self, past: Past | None) -> None:
        """Take what is known of the time before the watch, once."""
        if past is not None and past.until != self.learnt:
            self.sightings.learn(past.seen, past.until)
            self.learnt = past.until
            self.dirty = True

    def withdraw(self, subjects: Iterable[str], least: int) -> None:
        """Count these no longer; below `least`, what is left of a peak that was found is none."""
        gone = set(subjects)
        for subject in gone:
            self.sightings.delete(subject)
        if self.peak:
            left = self.peak.count - len(gone)
            self.peak = self.peak.model_copy(update={"count": left}) if left >= least else None

    def wait(self, subjects: Iterable[tuple[str, datetime]], evidence: Iterable[Evidence]) -> None:
        """Replace what waits; what is not listed waits with it, or no more."""
        waiting = list(dict(subjects).items())
        self.waiting = dict(sample(waiting, WAITING_KEPT))
        more = len(waiting) - len(self.waiting)
        self.unlisted = self.unlisted + more if waiting else 0
        shown = [e for e in evidence if e.subject in self.waiting]
        self.evidence = {e.subject: e for e in sample(shown)}

    def forget(self, now: datetime) -> None:
        """Keep no text beyond `TEXT_KEPT`; what it was about still waits and counts."""
        self.evidence = {
            subject: evidence
            for subject, evidence in self.evidence.items()
            if now - evidence.received_at < TEXT_KEPT
        }

    def erase(self, erased: Suppressions) -> None:
        """Forget what is erased: neither told, nor in the next snapshot."""
        gone = {subject for subject, one in self.evidence.items() if _erased(one, erased)}
        gone |= self.waiting.keys() & erased.mentions
        for subject in gone:
            self.waiting.pop(subject, None)
            self.evidence.pop(subject, None)
        outgoing = [without(alert, erased) for alert in self.outgoing]
        self.dirty = self.dirty or bool(gone) or outgoing != self.outgoing
        self.outgoing = outgoing

    def give_up(self) -> None:
        """Tell nothing of what waits."""
        self.waiting, self.evidence, self.unlisted = {}, {}, 0
        self.peak = self.due = None
        self.dirty = True

    def snapshot(
        self, partition: int, origin: Origin, now: datetime, generation: int = 0
    ) -> DeciderState:
        """Return the snapshot to publish; forgets texts of 30 days, sightings of five weeks."""
        self.sightings.prune(now)
        self.forget(now)
        return DeciderState(
            event_id=hashed_id("state", self.watch, now.isoformat()),
            origin=origin,
            watch=self.watch,
            partition=partition,
            offset=self.offset,
            sightings=self.sightings.pack(),
            hours=self.sightings.hours(),
            groups=tuple(self.groups.values()),
            waiting=tuple(self.waiting),
            unlisted=self.unlisted,
            evidence=tuple(self.evidence.values()),
            peak=self.peak,
            outgoing=tuple(self.outgoing),
            learnt=self.learnt,
            settled=self.settled,
            generation=generation,
            saved_at=now,
        )

    @classmethod
    def load(cls, saved: DeciderState) -> Self:
        """Read a snapshot; it is due at once, since time has passed."""
        sightings = Sightings.unpack(saved.sightings, saved.hours)
        return cls(
            watch=saved.watch,
            offset=saved.offset,
            sightings=sightings,
            waiting={
                subject: sightings.published_at(subject) or saved.saved_at
                for subject in saved.waiting
            },
            unlisted=saved.unlisted,
            evidence={evidence.subject: evidence for evidence in saved.evidence},
            groups={group.group: group for group in saved.groups},
            peak=saved.peak,
            outgoing=list(saved.outgoing),
            learnt=saved.learnt,
            settled=saved.settled,
            due=saved.saved_at,
        )
