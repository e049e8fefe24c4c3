"""From matches to an alert or a silence: the order of the stages is the policy, on one line."""

from collections.abc import Sequence
from datetime import timedelta

from contracts.alerts import AlertRaised, OpenGroup, PeakFound
from contracts.event import hashed_id
from contracts.mentions import MentionMatched
from libs.deciding.sightings import Sightings
from libs.deciding.stages import (
    Item,
    Look,
    Stage,
    cooled,
    deleted,
    ignored,
    inactive,
    own,
    quiet,
    repeated,
    reworded,
    stale,
    usual,
)
from libs.deciding.state import sample
from libs.deciding.wording import Wording

STAGES: tuple[Stage, ...] = (
    *(deleted, inactive, own, ignored, reworded, repeated, stale, usual, quiet, cooled),
)


def decide(look: Look, matches: Sequence[MentionMatched], place: str) -> AlertRaised | None:
    """Take the matches of a watch and return what is worth telling now, if anything.

    Called without matches, it looks again at what waits and whose time has come. The state is left
    as it is after the look; silences and the next due moment are in `look`. `place` is the
    territory's name.
    """
    state = look.state
    state.learn(look.watch.past)
    if not state.waiting:
        state.settled = look.watch.settled
    waiting = [
        Item(subject, published_at, state.evidence.get(subject))
        for subject, published_at in state.waiting.items()
    ]
    items: Sequence[Item] = [*waiting, *map(Item.of, matches)]
    for stage in STAGES:
        items = stage(look, items)
        if not items:
            break
    number = look.number(items)
    state.wait(
        [(item.subject, item.published_at) for item in look.held],
        [item.evidence for item in look.held if item.evidence],
    )
    state.due = look.due
    state.dirty = True
    return _tell(look, items, number, place) if items else None


def _tell(look: Look, items: Sequence[Item], number: int, place: str) -> AlertRaised:
    """Write the alert, open or continue its event, and remember that it goes out.

    `number` is how many messages it tells; the items are all of them, or the first and the last.
    """
    state, watch = look.state, look.watch
    event = look.event
    group = event.group if event else hashed_id("group", watch.watch, items[0].subject)
    told = event.total if event else 0
    evidence = sample([item.evidence for item in items if item.evidence])
    total = max(number, state.peak.count if state.peak else 0)
    counted = min(told, _told_in(state.peak, items, number)) if state.peak else 0
    wording = Wording(
        watch=watch, place=place, evidence=evidence, total=total, peak=state.peak,
        counted=counted, told=told - counted, growth=look.growth,
    )  # fmt: skip
    name = hashed_id("alert", watch.watch, group, str(told), items[-1].subject)
    alert = AlertRaised(
        event_id=name,
        origin=watch.origin,
        alert=name,
        watch=watch.watch,
        watch_revision=watch.revision,
        territory=watch.territory,
        kind="peak" if state.peak else "match",
        group=group,
        title=wording.title(),
        why=wording.why(),
        evidence=tuple(evidence),
        total=total,
        usual=state.peak.usual if state.peak else None,
        window_minutes=state.peak.window_minutes if state.peak else None,
        raised_at=look.now,
    )
    _follow(look, group, name, told + number)
    state.peak = None
    state.outgoing.append(alert)
    return alert


def _follow(look: Look, group: str, alert: str, total: int) -> None:
    """Open the event that an alert begins, or go on with it: `total` messages are told of it."""
    event = look.event
    look.state.open_event(
        OpenGroup(
            group=group,
            alert=alert,
            since=event.since if event else look.now,
            told_at=look.now,
            earlier=event.told_at if event else None,
            total=total,
        )
    )


def _told_in(peak: PeakFound, items: Sequence[Item], number: int) -> int:
    """Return how many messages a peak counts beside the items, which are told for the first time.

    None when the items are more than it counts: the alert then speaks of them alone.
    """
    if peak.count < number:
        return 0
    first = Sightings()
    for item in items:
        first.see(item.subject, item.published_at)
    window = timedelta(minutes=peak.window_minutes)
    known = first.count(peak.found_at - window, peak.found_at) + number - len(items)
    return max(0, peak.count - known)
