"""The reasons to stay quiet: each stage takes the items of a watch and returns those that go on.

A stage silences an item (never told), holds it (looked at again when due), or lets it pass. What
was held comes back with the next items and passes through every stage anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from contracts.alerts import Evidence, OpenGroup, PeakFound, Silence
from contracts.event import EARLIEST_MOMENT
from contracts.mentions import MentionMatched
from contracts.watches import (
    REMINDERS,
    SEEN_FOR,
    SEEN_GROWTH,
    SENSITIVITIES,
    Watched,
)
from libs.deciding.hours import quiet_until, zone_of
from libs.deciding.peak import Counted, Hole, verdict_of
from libs.deciding.state import WatchState
from libs.matching.highlight import ELLIPSIS
from libs.matching.query import found_in, refuted

TELL_WITHIN = timedelta(hours=48)
"""What was published earlier is counted, and told to nobody: history is not news."""

EVENT_LEAST = timedelta(hours=1)
"""An event is over when nothing was told of it for so long, and for two cooldowns."""


@dataclass(frozen=True, slots=True)
class Item:
    """A match on its way: `new`, or held earlier (then it may have lost its evidence)."""

    subject: str
    published_at: datetime
    evidence: Evidence | None = None
    sources: frozenset[str] = frozenset()
    new: bool = False
    revision: int = 0
    deleted: bool = False

    @classmethod
    def of(cls, match: MentionMatched) -> Self:
        """Return a match that just arrived."""
        return cls(
            subject=match.subject,
            published_at=match.published_at,
            evidence=Evidence(
                subject=match.subject,
                network=match.network,
                address=match.address,
                published_at=match.published_at,
                received_at=match.observed_at,
                title=match.title,
                excerpt=match.excerpt,
                terms=match.terms,
                source=match.source,
            ),
            sources=frozenset(filter(None, (match.source, match.author))),
            new=True,
            revision=match.watch_revision,
            deleted=match.state == "deleted",
        )


@dataclass(slots=True)
class Look:
    """One look at one watch: what the stages know, and what they leave behind.

    `own` names the accounts of the watch's own territory (id, handle, address). `growth` is
    how many times an event told again before its cooldown has grown, 0 for any other.
    """

    watch: Watched
    state: WatchState
    now: datetime
    own: frozenset[str] = frozenset()
    silenced: list[tuple[Item, Silence]] = field(default_factory=list[tuple[Item, Silence]])
    held: list[Item] = field(default_factory=list[Item])
    due: datetime | None = None
    growth: int = 0

    @property
    def zone(self) -> ZoneInfo:
        """Return the watch's time zone."""
        return zone_of(self.watch)

    @property
    def event(self) -> OpenGroup | None:
        """Return the event that what is told now continues, None when the last one is over."""
        event = self.state.event
        cooldown = timedelta(minutes=self.watch.cooldown_minutes)
        if event is None or self.now - event.told_at > max(2 * cooldown, EVENT_LEAST):
            return None
        return event

    def number(self, items: Sequence[Item]) -> int:
        """Return how many messages these are with those that wait and are not listed."""
        return len(items) + self.state.unlisted if items else 0

    def silence(self, items: Sequence[Item], reason: Silence) -> list[Item]:
        """Tell these items never; returns none."""
        self.silenced.extend((item, reason) for item in items)
        return []

    def hold(self, items: Sequence[Item], due: datetime, reason: Silence | None) -> list[Item]:
        """Keep these items until `due`; the reason is logged once, when they first arrive."""
        if reason:
            self.silenced.extend((item, reason) for item in items if item.new)
        self.held.extend(items)
        self.due = min(due, self.due or due)
        return []

    def part(
        self, items: Sequence[Item], unwanted: Callable[[Item], bool], reason: Silence
    ) -> list[Item]:
        """Silence the items that are unwanted, return the others."""
        self.silence([item for item in items if unwanted(item)], reason)
        return [item for item in items if not unwanted(item)]


Stage = Callable[[Look, Sequence[Item]], Sequence[Item]]


def deleted(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Withdraw what its author deleted: it counts no longer, and is told no more."""
    gone = {item.subject for item in items if item.deleted}
    for subject in gone:
        look.state.sightings.delete(subject)
    look.silence([i for i in items if i.subject in gone and not i.deleted], Silence.DELETED)
    return [item for item in items if item.subject not in gone]


def inactive(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Tell nothing of a watch in pause, or ended."""
    if look.watch.state == "active":
        return items
    return look.silence(items, Silence.PAUSED if look.watch.state == "paused" else Silence.ENDED)


def own(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Leave out what the territory's own accounts say."""
    return look.part(items, lambda item: not look.own.isdisjoint(item.sources), Silence.OWN)


def ignored(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Leave out the subjects and sources of which somebody said « Ce n’est pas nous »."""
    unwanted = frozenset(look.watch.ignored)
    return look.part(
        items,
        lambda item: item.subject in unwanted or not unwanted.isdisjoint(item.sources),
        Silence.IGNORED,
    )


def reworded(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Leave out what was found by earlier words of the watch, and is not what it looks for now.

    Only title and excerpt are at hand. What waits without them follows those that wait with theirs:
    when none of these remains, nor does it.
    """
    watch, state = look.watch, look.state
    moved = state.settled != watch.settled
    state.settled = watch.settled
    waiting = [item for item in items if not item.new and moved]
    late = [item for item in items if item.new and item.revision < watch.settled]
    gone = {i.subject for i in (*waiting, *late) if i.evidence and _refuted(i.evidence, watch)}
    shown = {item.subject for item in waiting if item.evidence}
    if shown and shown <= gone:
        gone |= {item.subject for item in waiting}
    withdrawn = [item.subject for item in waiting if item.subject in gone]
    if withdrawn:
        state.withdraw(withdrawn, SENSITIVITIES[watch.sensitivity].least)
    return look.part(items, lambda item: item.subject in gone, Silence.REWORDED)


def _refuted(evidence: Evidence, watch: Watched) -> bool:
    said = f"{evidence.title or ''} \n {evidence.excerpt}"
    whole = ELLIPSIS not in (evidence.excerpt[:1], evidence.excerpt[-1:])
    return refuted(watch.query, said, evidence.network, whole=whole)


def repeated(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Count each subject once, and leave out those seen before (a replay, another reading)."""
    fresh = {
        id(item)
        for item in items
        if not item.new or look.state.sightings.see(item.subject, item.published_at)
    }
    return look.part(items, lambda item: id(item) not in fresh, Silence.REPEATED)


def stale(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Tell nobody of what was already old when it arrived, or older than the watch itself."""
    oldest = max(look.now - TELL_WITHIN, look.watch.created_at)
    return look.part(items, lambda i: i.new and i.published_at < oldest, Silence.STALE)


def usual(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """In a watch on peaks, let pass only an unusual number; hold the window's until they age out.

    A peak that was found stays one until told, though quiet hours come between; one that continues
    an event already told must last to be told again.
    """
    watch, state = look.watch, look.state
    if watch.mode == "each":
        return items
    window = timedelta(minutes=watch.window_minutes)
    since, holes = _known_since(watch, state), _holes(watch, look.now)
    counted = Counted(state.sightings.count, since, holes)
    verdict = verdict_of(counted, look.now, window, look.zone, SENSITIVITIES[watch.sensitivity])
    if verdict.peak:
        state.peak = PeakFound(
            count=verdict.count,
            usual=verdict.usual,
            window_minutes=watch.window_minutes,
            found_at=look.now,
            learning_until=verdict.learning_until,
        )
    elif look.event:
        state.peak = None
    if state.peak:
        return items
    state.unlisted = 0  # of a window without peak; its sightings count them
    young = look.part(items, lambda i: i.published_at <= look.now - window, Silence.USUAL)
    if young:
        look.hold(young, min(item.published_at for item in young) + window, reason=None)
    return []


def _known_since(watch: Watched, state: WatchState) -> datetime:
    """Return the moment from which counts are known (UTC).

    A past replaces all that was counted before its end: what it does not hold is unknown, though
    the watch be older; it is not that nothing was said.
    """
    if watch.past:
        return watch.past.since
    return min(watch.created_at, state.sightings.earliest() or watch.created_at)


def _holes(watch: Watched, now: datetime) -> list[Hole]:
    """Return the times when the watch did not look, but for those of which its past knows."""
    known = watch.past.until if watch.past else EARLIEST_MOMENT
    pauses = [(max(pause.since, known), pause.until or now) for pause in watch.pauses]
    return [(since, until) for since, until in pauses if since < until]


def quiet(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Hold everything until the quiet hours end, unless a crisis term is found."""
    hours = look.watch.quiet
    until = quiet_until(hours, look.now, look.zone) if hours else None
    if (
        hours is None
        or until is None
        or any(item.evidence and says(item.evidence, hours.crisis_terms) for item in items)
    ):
        return items
    return look.hold(items, until, Silence.QUIET)


def cooled(look: Look, items: Sequence[Item]) -> Sequence[Item]:
    """Hold what belongs to an event just told, until the cooldown ends or a reminder is due.

    Somebody who has seen the event needs not hear that it doubles: for two hours, or until there
    are three times as many.
    """
    event = look.state.event
    if event is None:
        return items
    until = event.told_at + timedelta(minutes=look.watch.cooldown_minutes)
    number = look.number(items)
    quiet_for = _seen_until(look, event, number)
    if quiet_for is not None:
        until = max(until, quiet_for)
    if look.now >= until:
        return items
    handled = quiet_for is not None or event.group in look.watch.handled
    reminder = None if handled else _reminder(event, number)
    if reminder is None or look.now < reminder:
        return look.hold(items, min(until, reminder or until), Silence.COOLDOWN)
    look.growth = (event.total + number) // event.total
    return items


def _seen_until(look: Look, event: OpenGroup, fresh: int) -> datetime | None:
    """Return until when nobody needs hear of an event that somebody has seen; None for any other.

    It was seen since it was last told, and has not grown much since.
    """
    since = [one.at for one in look.watch.seen if one.group == event.group]
    if not since or max(since) < event.told_at or event.total + fresh >= SEEN_GROWTH * event.total:
        return None
    until = max(since) + SEEN_FOR
    return until if look.now < until else None


def _reminder(event: OpenGroup, fresh: int) -> datetime | None:
    """Return when an event may be told again for so many fresh items; None while they are few."""
    rules = REMINDERS
    if fresh < max(rules.least, (rules.ratio - 1) * event.total):
        return None
    apart = timedelta(minutes=rules.minutes)
    if fresh < (rules.crisis - 1) * event.total:
        return event.told_at + apart
    return event.earlier + apart if event.earlier else event.told_at


def says(evidence: Evidence, terms: Sequence[str]) -> bool:
    """Tell whether a text says one of some crisis terms."""
    said = " \n ".join([evidence.title or "", evidence.excerpt, *evidence.terms])
    return bool(terms) and bool(found_in(said, terms))
