"""The first span of a trace: a network gave a mention, or a post."""

from collections.abc import Iterable
from typing import Any

from contracts.event import Event
from contracts.mentions import MentionObserved
from contracts.posts import PostObserved, TextObserved
from libs.tracing.spans import Said, Traces, Tracing


def fetched(tracing: Tracing, events: Iterable[Event], since: int, **said: Said) -> Traces:
    """Return, by event id, from where the records of what was fetched go on.

    `since` is when it was asked for, Unix nanoseconds. Mentions are few, the sieve of streams has
    let them through, and most match: all of them are sampled; of posts, a share is.
    """
    traces: dict[str, str | None] = {}
    known: dict[str, str | None] = {}
    for event in events if tracing.on else ():
        subject = _subject(event)
        if subject is None:
            continue
        if subject not in known:
            mention = isinstance(event, MentionObserved)
            with tracing.begin("fetch", subject, always=mention, since=since, **said) as span:
                known[subject] = span.context
        traces[event.event_id] = known[subject]
    return traces


def _subject(event: Event) -> str | None:
    told: Any = event
    if isinstance(event, MentionObserved):
        return told.mention
    return told.post if isinstance(event, PostObserved | TextObserved) else None
