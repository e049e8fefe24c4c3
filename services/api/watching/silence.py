"""Why a watch is silent, where it is looked at: what is held and until when, every reason, and
what it cannot see."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contracts.alerts import Silence
from contracts.networks import KNOWN, Network
from contracts.watches import Watched
from libs.deciding.hours import quiet_since, quiet_until, zone_of
from libs.french import clock_time, plural, quoted, series
from libs.matching.language.searched import questions
from services.api.figures.queries import Figures
from services.api.figures.views import WATCH_SILENCES
from services.api.figures.watch_rows import WatchAlert, WatchSilence

SPAN = timedelta(days=30)
"""What is looked at for why nothing was told."""

STREAM_DELAY = "dans la seconde"
FEED_DELAY = "de 10 minutes à 1 heure après la parution, selon le rythme du flux"


@dataclass(frozen=True, slots=True)
class Held:
    """Texts that wait to be told: why, and the moment at which they are at the latest (UTC)."""

    texts: int
    until: datetime
    why: Silence

    def words(self, zone: ZoneInfo) -> str:
        """Write « 3 textes retenus jusqu’à 9 h 40 (heures calmes) »."""
        what = plural(self.texts, "texte retenu", "textes retenus")
        return f"{what} jusqu’à {clock_time(self.until, zone)} ({HELD[self.why]})"


HELD = {
    Silence.QUIET: "heures calmes",
    Silence.COOLDOWN: "à regrouper avec le prochain message",
}


@dataclass(frozen=True, slots=True)
class Quiet:
    """What is known of a watch's silence; `quiet_until` is set during its quiet hours (UTC)."""

    held: tuple[Held, ...]
    reasons: tuple[WatchSilence, ...]
    quiet_until: datetime | None


async def silence_of(
    figures: Figures, watch: Watched, alerts: Sequence[WatchAlert], now: datetime
) -> Quiet:
    """Return what a watch did not tell in 30 days, and what waits; `alerts` are newest first."""
    zone = zone_of(watch)
    until = quiet_until(watch.quiet, now, zone) if watch.quiet else None
    starts: list[tuple[Silence, datetime, datetime]] = []
    if watch.quiet and until:
        starts.append((Silence.QUIET, quiet_since(watch.quiet, now, zone), until))
    if alerts:
        due = alerts[0].raised_at + timedelta(minutes=watch.cooldown_minutes)
        if due > now:
            starts.append((Silence.COOLDOWN, alerts[0].raised_at, due))
    all_of_them, *since = await asyncio.gather(
        *(
            figures.read(
                WATCH_SILENCES, watch=watch.watch, since=at.isoformat(), until=now.isoformat()
            )
            for at in (now - SPAN, *(begun for _, begun, _ in starts))
        )
    )
    held = [
        Held(row.times, due, why)
        for (why, _, due), rows in zip(starts, since, strict=True)
        for row in rows
        if row.why == why.value and row.times
    ]
    return Quiet(tuple(held), tuple(all_of_them), until)


class Seen(NamedTuple):
    """A network on which people are heard: with what delay, and by which words where it is asked.

    `searched`: without `words`, nothing of the watch can be asked there.
    """

    name: str
    delay: str
    searched: bool
    words: str


def seen_networks(watch: Watched) -> list[Seen]:
    """Return the networks on which people are heard."""
    return [_seen(one, watch) for one in _looked_at(watch) if one.mentions != "none"]


def _seen(network: Network, watch: Watched) -> Seen:
    asked = questions(network, watch.query)
    by_hashtag = network.search is not None and network.search.by == "hashtag"
    words = series(f"#{one}" if by_hashtag else quoted(one) for one in asked)
    return Seen(network.name, _delay(network), network.search is not None, words)


def _delay(network: Network) -> str:
    if network.search is not None:
        return network.search.delay
    return STREAM_DELAY if network.mentions == "stream" else FEED_DELAY


def unseen_networks(watch: Watched) -> list[str]:
    """Return the networks on which nothing that people write is seen, by name."""
    return [one.name for one in _looked_at(watch) if one.mentions == "none"]


def _looked_at(watch: Watched) -> list[Network]:
    wanted = watch.query.networks
    return [one for one in KNOWN if not wanted or one.slug in wanted]
