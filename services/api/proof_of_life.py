"""What a watch has read, whether or not it found anything: so that its silence can be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.networks import BY_SLUG
from contracts.watches import Watched
from services.api.french import PARIS, clock_time, moment, plural
from services.api.installation import Installation
from services.api.rows import Source, TextsRead
from services.api.views import SOURCES, TEXTS_READ

SPAN = timedelta(days=7)
ALL_WELL = "aucune source en panne"


@dataclass(frozen=True, slots=True)
class ProofOfLife:
    """Texts read since an instant (UTC), when the last was, and the networks that do not answer.

    `whole` says that this goes back to the making of the watch, which is younger than a week.
    """

    texts: int
    since: datetime
    whole: bool
    last_read_at: datetime | None
    failing: tuple[str, ...]

    def words(self, now: datetime) -> str:
        """Write « 22 536 textes lus depuis 7 jours, dernier lu à 8 h 49, 1 source en panne »."""
        made = f"depuis la création, le {moment(self.since)}"
        said = [f"{plural(self.texts, 'texte lu', 'textes lus')} "]
        said[0] += made if self.whole else f"depuis {SPAN.days} jours"
        if self.last_read_at:
            said.append(f"dernier lu {_when(self.last_read_at, now)}")
        down = len(self.failing)
        said.append(plural(down, "source en panne", "sources en panne") if down else ALL_WELL)
        return ", ".join(said)


def _when(then: datetime, now: datetime) -> str:
    same = then.astimezone(PARIS).date() == now.astimezone(PARIS).date()
    return f"à {clock_time(then)}" if same else f"le {moment(then)}"


async def proof_of_life(here: Installation, watch: Watched) -> ProofOfLife:
    """Return what a watch has read in a week, or since it was made."""
    week = (here.clock.now() - SPAN).replace(second=0, microsecond=0)
    since = max(week, watch.created_at)
    read = await here.figures.read(TEXTS_READ, since=since.isoformat())
    return proof(watch, since, read, await here.figures.read(SOURCES))


def proof(
    watch: Watched, since: datetime, read: Sequence[TextsRead], sources: Sequence[Source]
) -> ProofOfLife:
    """Keep what the watch looks at: every network, or those that it names."""
    wanted = frozenset(watch.query.networks)
    mine = [one for one in read if not wanted or one.network in wanted]
    failing = [one.network for one in sources if not wanted or one.network in wanted if down(one)]
    return ProofOfLife(
        texts=sum(one.texts for one in mine),
        since=since,
        whole=since == watch.created_at,
        last_read_at=max((one.last_read_at for one in mine), default=None),
        failing=tuple(BY_SLUG[slug].name if slug in BY_SLUG else slug for slug in failing),
    )


def down(source: Source) -> bool:
    """Tell whether a network does not answer: failures today, and none of them mended since."""
    if not source.failed_24h or source.last_failed is None:
        return False
    return source.last_done is None or source.last_failed > source.last_done
