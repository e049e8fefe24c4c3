"""Trying a watch before it is made: what it would have found, and how often it would have written.

Reads the texts of the last seven days and matches them as the alert service does.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.matching.match import Matcher
from services.api.figures.queries import Figures
from services.api.figures.rows import KeptText
from services.api.figures.views import TEXTS_BETWEEN
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


async def preview(figures: Figures, draft: WatchDraft, now: datetime) -> Preview:
    """Try a watch on the seven days before `now`."""
    today = now.astimezone(PARIS).date()
    texts = await figures.read(
        TEXTS_BETWEEN,
        MOST,
        date_from=(today - SPAN).isoformat(),
        date_to=today.isoformat(),
    )
    since = now - SPAN
    recent = [one for one in texts if one.published_at >= since]
    return await asyncio.to_thread(tried, draft, recent, len(texts) == MOST)


def tried(draft: WatchDraft, texts: Sequence[KeptText], partial: bool = False) -> Preview:
    """Match texts (newest first) and count the messages that they would have made."""
    matcher = Matcher([(draft.name, draft.query)])
    found = [one for one in texts if matcher.finds(one.text, one.network)]
    moments = sorted(one.published_at for one in found)
    return Preview(
        read=len(texts),
        found=len(found),
        messages=grouped(moments, timedelta(minutes=draft.cooldown_minutes)),
        busiest=busiest(moments, timedelta(minutes=draft.window_minutes)),
        examples=tuple(found[:EXAMPLES]),
        partial=partial,
    )


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
