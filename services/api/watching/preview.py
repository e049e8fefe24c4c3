"""Trying a watch before it is made: what it would have told on the texts of the last seven days.

By the stages of the live deciders (`libs/deciding`), on texts as they are read live: reminders,
quiet hours, peaks against what is usual, and nothing of the territory's own accounts.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.alerts import AlertRaised, Silence
from contracts.event import Origin, hashed_id
from contracts.watches import Past, Watched
from libs.clock import paris_day
from libs.deciding import preview as deciding
from libs.deciding.said import Said
from services.api.figures.queries import Figures
from services.api.figures.views import TEXTS_BETWEEN
from services.api.figures.watch_rows import KeptText
from services.api.store import WatchDraft
from services.api.watching.learning import past_of
from services.api.watching.proof_of_life import WeekRead, week_read

PREVIEWED = timedelta(days=7)
"""The past that a new watch is tried on."""

TEXTS_MOST = 50_000
"""How many texts are tried at most, the newest first; beyond it the preview says so."""
EXAMPLES_SHOWN = 5
"""Texts found, the newest."""

NOTHING_READ = WeekRead()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a watch would have found and told in seven days.

    `read` counts the texts of these days as the page of a watch does, tried or not.
    `held` matches wait, the next look at them is at `held_until` (UTC).
    """

    read: WeekRead
    found: int
    alerts: tuple[AlertRaised, ...]
    silences: tuple[tuple[Silence, int], ...]
    examples: tuple[Said, ...]
    held: int
    held_until: datetime | None
    partial: bool

    @property
    def messages(self) -> int:
        """How often it would have written."""
        return len(self.alerts)


async def preview(
    figures: Figures,
    draft: WatchDraft,
    now: datetime,
    *,
    place: str,
    origin: Origin,
    own: frozenset[str] = frozenset(),
) -> Preview:
    """Try a watch on the seven days before `now`.

    `place` is the territory's name, `own` what its accounts go by.
    """
    since = now - PREVIEWED
    texts = await figures.read(
        TEXTS_BETWEEN,
        TEXTS_MOST,
        date_from=paris_day(since),
        date_to=paris_day(now),
    )
    past = await past_of(figures, draft.query, since, own)
    recent = [one for one in texts if since <= one.published_at]
    watch = drafted(draft, since, origin, past)
    partial = len(texts) == TEXTS_MOST
    read = await week_read(figures, draft.query, now)
    return await asyncio.to_thread(tried, watch, recent, now, place, own, read, partial=partial)


def drafted(draft: WatchDraft, since: datetime, origin: Origin, past: Past | None) -> Watched:
    """Return the watch that a draft would have made, as if since then."""
    return Watched(
        event_id=hashed_id("preview", draft.name),
        origin=origin,
        watch="preview",
        revision=1,
        past=past,
        created_at=since,
        changed_at=since,
        **{name: getattr(draft, name) for name in WatchDraft.model_fields},
    )


def tried(
    watch: Watched,
    texts: Sequence[KeptText],
    now: datetime,
    place: str = "",
    own: frozenset[str] = frozenset(),
    read: WeekRead = NOTHING_READ,
    *,
    partial: bool = False,
) -> Preview:
    """Go through texts as the deciders would have, up to `now`."""
    said = [_said(one, watch.origin) for one in texts]
    seen = deciding.preview(watch, said, place, own=own, until=now)
    newest = sorted(seen.found, key=lambda one: one.published_at, reverse=True)
    return Preview(
        read=read,
        found=len(seen.found),
        alerts=tuple(seen.alerts),
        silences=tuple(seen.silences.most_common()),
        examples=tuple(newest[:EXAMPLES_SHOWN]),
        held=seen.held,
        held_until=seen.held_until,
        partial=partial,
    )


def _said(text: KeptText, origin: Origin) -> Said:
    return Said(
        kind="post" if text.said_by == "official" else "mention",
        subject=text.subject,
        origin=origin,
        network=text.network,
        address=text.address or text.subject,
        source=text.source,
        published_at=text.published_at,
        observed_at=text.observed_at,
        text=text.text,
        language=text.language,
        places=text.places,
        followers=text.followers,
    )
