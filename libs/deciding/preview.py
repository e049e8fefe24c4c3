"""What a watch would have told of past texts, without telling anybody.

The stages of the live deciders, their reminders, quiet hours and timers, on texts already kept.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.alerts import AlertRaised, Silence
from contracts.mentions import MentionMatched
from contracts.watches import Watched
from libs.deciding.pipeline import decide
from libs.deciding.said import Said
from libs.deciding.stages import Look
from libs.deciding.state import WatchState
from libs.matching.match import Matcher

AFTERWARDS = timedelta(days=2)
"""How long after the last text timers go on where no end is given: quiet hours and cooldowns end.
"""

TOGETHER = timedelta(minutes=1)
"""Texts of a minute are looked at together where there are many, as they are when they come fast.
"""
MATCHES_MANY = 500
"""From so many matches on a preview takes those of `TOGETHER` at once, to be quick."""


@dataclass(slots=True)
class Preview:
    """What would have been told, of how many texts and matches, and why the rest was silent.

    `found` are the texts that matched, in the order in which they came; `held` are those that wait
    at the end, and `held_until` is the moment of the next look at them (UTC).
    """

    texts: int = 0
    found: list[Said] = field(default_factory=list[Said])
    alerts: list[AlertRaised] = field(default_factory=list[AlertRaised])
    silences: Counter[Silence] = field(default_factory=Counter[Silence])
    held: int = 0
    held_until: datetime | None = None


def preview(
    watch: Watched,
    texts: Iterable[Said],
    place: str,
    *,
    own: frozenset[str] = frozenset(),
    until: datetime | None = None,
) -> Preview:
    """Go through texts in the order in which they were observed, timers included.

    `own` names the accounts of the watch's territory: what they say is no news to it. `until` is
    when to stop (UTC).
    """
    seen, state = Preview(), WatchState(watch.watch)

    def look(now: datetime, matches: Sequence[MentionMatched]) -> None:
        glance = Look(watch, state, now, own)
        if alert := decide(glance, matches, place):
            seen.alerts.append(alert)
        seen.silences.update(reason for _, reason in glance.silenced)

    def pass_time(end: datetime) -> None:
        while state.due is not None and state.due <= end:
            look(state.due, [])

    ordered = sorted(texts, key=lambda said: said.observed_at)
    now = ordered[-1].observed_at if ordered else watch.created_at
    matched = _matched(watch, ordered, own)
    seen.texts = len(ordered)
    seen.found = [said for said, _ in matched]
    together = TOGETHER if len(matched) > MATCHES_MANY else timedelta(0)
    while matched:
        first = matched[0][1].observed_at
        count = sum(1 for _, one in matched[:MATCHES_MANY] if one.observed_at <= first + together)
        at = matched[count - 1][1].observed_at
        pass_time(at)
        look(at, [match for _, match in matched[:count]])
        del matched[:count]
    pass_time(until or now + AFTERWARDS)
    seen.held, seen.held_until = (
        len(state.waiting) + state.unlisted,
        state.due if state.waiting else None,
    )
    return seen


def _matched(
    watch: Watched, texts: Iterable[Said], own: frozenset[str]
) -> list[tuple[Said, MentionMatched]]:
    """Return the texts that a watch finds, but for those of its own territory, with the match."""
    matcher = Matcher([(watch.watch, watch.query)])
    return [
        (said, said.matched(watch, hit, said.observed_at))
        for said in texts
        if said.kind != "post" or said.source not in own
        for hit in matcher.match(said.text, said.about)
    ]
