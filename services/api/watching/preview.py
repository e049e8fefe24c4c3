"""Trying a watch before it is made: what it would have found, and how often it would have written.

Reads the texts of the last seven days and matches them as the alert service does: whole words,
accents folded, hyphen = space, « St » = « Saint » (contracts/watches.py).
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.territories import fold
from contracts.watches import Query
from services.api.figures.rows import KeptText
from services.api.figures.views import TEXTS_BETWEEN
from services.api.installation import Installation
from services.api.store import WatchDraft
from services.api.words.french import PARIS

SPAN = timedelta(days=7)
MOST = 50_000
"""How many texts are read at most, the newest first; beyond it the preview says so."""
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Preview:
    """What a watch would have found in seven days; `busiest` is the most texts in one window."""

    read: int
    found: int
    messages: int
    busiest: int
    examples: tuple[KeptText, ...]
    partial: bool


async def preview(here: Installation, draft: WatchDraft) -> Preview:
    """Try a watch on the last seven days."""
    today = here.clock.now().astimezone(PARIS).date()
    texts = await here.figures.read(
        TEXTS_BETWEEN,
        MOST,
        date_from=(today - SPAN).isoformat(),
        date_to=today.isoformat(),
    )
    since = here.clock.now() - SPAN
    recent = [one for one in texts if one.published_at >= since]
    return await asyncio.to_thread(tried, draft, recent, len(texts) == MOST)


def tried(draft: WatchDraft, texts: Sequence[KeptText], partial: bool = False) -> Preview:
    """Match texts (newest first) and count the messages that they would have made."""
    found = [one for one in texts if matches(draft.query, one.text, one.network)]
    moments = sorted(one.published_at for one in found)
    return Preview(
        read=len(texts),
        found=len(found),
        messages=grouped(moments, timedelta(minutes=draft.cooldown_minutes)),
        busiest=busiest(moments, timedelta(minutes=draft.window_minutes)),
        examples=tuple(found[:EXAMPLES]),
        partial=partial,
    )


def matches(query: Query, text: str, network: str) -> bool:
    """Whether a text satisfies a query."""
    if query.networks and network not in query.networks:
        return False
    line = f" {fold(text)} "

    def said(terms: Iterable[str]) -> Iterable[bool]:
        return (f" {fold(term)} " in line for term in terms)

    if any(said(query.none)) or not all(said(query.all)):
        return False
    return not query.any or any(said(query.any))


def grouped(moments: Sequence[datetime], cooldown: timedelta) -> int:
    """Count messages: one at a first text, then one when something came after the cooldown."""
    messages = 0
    told: datetime | None = None
    for moment in moments:
        if told is None or moment - told >= cooldown:
            messages += 1
            told = moment
    return messages


def busiest(moments: Sequence[datetime], window: timedelta) -> int:
    """Return the greatest number of texts within one window."""
    most = start = 0
    for end, moment in enumerate(moments):
        while moment - moments[start] > window:
            start += 1
        most = max(most, end - start + 1)
    return most
