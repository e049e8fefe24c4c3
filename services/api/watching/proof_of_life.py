"""How much a watch has read, so that « nothing found » can be believed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from contracts.networks import network_of
from contracts.watches import Query, Watched
from libs.french import PARIS, clock_time, moment, number, plural
from services.api.figures.queries import Figures
from services.api.figures.rows import Source
from services.api.figures.views import SOURCES, TEXTS_READ
from services.api.figures.watch_rows import TextsRead
from services.api.words.source_state import failing

N = TypeVar("N", Source, TextsRead)

SPAN = timedelta(days=7)
"""What the proof counts: the last week."""

ALL_WELL = "aucune source en panne"


@dataclass(frozen=True, slots=True)
class ProofOfLife:
    """Texts of a week that were read, of people and the press and of registered accounts apart,
    when the last was (UTC), and the networks that do not answer.

    `made_at` and `since_made` say how many were read since the watch was made; None for one that is
    older than the week.
    """

    others: int
    official: int
    last_read_at: datetime | None
    failing: tuple[str, ...]
    made_at: datetime | None = None
    since_made: int | None = None

    def words(self, now: datetime) -> str:
        """Write « 3 117 textes d’habitants et de la presse, 18 000 publications officielles lus
        depuis 7 jours, dernier lu à 8 h 49, 1 source en panne »."""
        people = plural(self.others, "texte d’habitants et de la presse",
                        "textes d’habitants et de la presse")  # fmt: skip
        official = plural(self.official, "publication officielle", "publications officielles")
        said = [f"{people} et {official} lus depuis {SPAN.days} jours"]
        if self.made_at and self.since_made is not None:
            said.append(
                f"dont {number(self.since_made)} depuis la création, {when(self.made_at, now)}"
            )
        if self.last_read_at:
            said.append(f"dernier lu {when(self.last_read_at, now)}")
        down = len(self.failing)
        said.append(plural(down, "source en panne", "sources en panne") if down else ALL_WELL)
        return ", ".join(said)


def when(then: datetime, now: datetime) -> str:
    """Write an instant, in Paris: « à 8 h 49 » today, else « le 23 nov. 2026 à 8 h 49 »."""
    same = then.astimezone(PARIS).date() == now.astimezone(PARIS).date()
    return f"à {clock_time(then)}" if same else f"le {moment(then)}"


class WeekRead(NamedTuple):
    """Texts read in a week on the networks of a query: of people and the press, and of registered
    accounts; `last_read_at` is when the last was (UTC).
    """

    others: int = 0
    official: int = 0
    last_read_at: datetime | None = None


async def week_read(figures: Figures, query: Query, now: datetime) -> WeekRead:
    """Return what was read in the week before `now`: a preview and a watch count the same texts."""
    week = (now - SPAN).replace(second=0, microsecond=0)
    read = mine(query, await figures.read(TEXTS_READ, since=week.isoformat()))
    return WeekRead(
        total(one for one in read if one.said_by == "others"),
        total(one for one in read if one.said_by == "official"),
        max((one.last_read_at for one in read), default=None),
    )


async def proof_of_life(figures: Figures, watch: Watched, now: datetime) -> ProofOfLife:
    """Return what was read for a watch in the week before `now`, and of it since it was made.

    What was read before is looked through when a watch is made (services/api/watching/learning.py).
    """
    read = await week_read(figures, watch.query, now)
    young = None
    if watch.created_at > now - SPAN:
        since = watch.created_at.isoformat()
        young = total(mine(watch.query, await figures.read(TEXTS_READ, since=since)))
    sources = mine(watch.query, await figures.read(SOURCES))
    down = [one.network for one in sources if failing(one, now)]
    return ProofOfLife(
        *read,
        failing=tuple(network_of(slug).name for slug in down),
        made_at=None if young is None else watch.created_at,
        since_made=young,
    )


def mine(query: Query, rows: Sequence[N]) -> list[N]:
    """Keep the networks at which a query looks: every one, or those that it names."""
    return [one for one in rows if not query.networks or one.network in query.networks]


def total(read: Iterable[TextsRead]) -> int:
    """Return how many texts were read on all these networks."""
    return sum(one.texts for one in read)
