"""What a watch would have told over what was said: so that nobody is woken to find out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.alerts import AlertRaised, Silence
from contracts.mentions import MentionMatched, MentionObserved
from contracts.watches import Watched
from libs.matching.match import Matcher
from services.alerts.deciding.matchers import matches_of
from services.alerts.deciding.pipeline import decide
from services.alerts.deciding.stages import Look
from services.alerts.deciding.state import WatchState

AFTERWARDS = timedelta(days=2)
"""How long after the last record timers go on: quiet hours and cooldowns end."""


@dataclass(slots=True)
class Preview:
    """What would have been told, of how many texts and matches, and why the rest was silent."""

    texts: int = 0
    matches: int = 0
    alerts: list[AlertRaised] = field(default_factory=list[AlertRaised])
    silences: Counter[Silence] = field(default_factory=Counter[Silence])


def preview(watch: Watched, mentions: Iterable[MentionObserved], place: str) -> Preview:
    """Go through mentions in the order in which they were observed, timers included."""
    matcher = Matcher([(watch.watch, watch.query)])
    found, state = Preview(), WatchState(watch.watch)

    def look(now: datetime, matches: Sequence[MentionMatched]) -> None:
        glance = Look(watch, state, now)
        if alert := decide(glance, matches, place):
            found.alerts.append(alert)
        found.silences.update(reason for _, reason in glance.silenced)

    def pass_time(until: datetime) -> None:
        while state.due is not None and state.due <= until:
            look(state.due, [])

    now = watch.created_at
    for mention in sorted(mentions, key=lambda mention: mention.observed_at):
        now = mention.observed_at
        pass_time(now)
        found.texts += 1
        if matches := matches_of(mention, matcher, {watch.watch: watch}, now):
            found.matches += 1
            look(now, matches)
    pass_time(now + AFTERWARDS)
    return found
