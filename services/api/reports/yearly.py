"""The barometer of a year: presence, medians, what changed since; and who rose most (pure)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.networks import KNOWN, network_of
from contracts.territories import Category, Territory
from libs import french
from services.api.figures.barometer_rows import BarometerCell, Progression
from services.api.figures.rows import State

ENOUGH = 50
"""Accounts of a cell from which the median of a counter that may not leave is told: the barème's
own cells (definitions of the methodology, 8.7)."""

MEDIANS = (
    "Une médiane est celle des comptes notés, à partir de dix. Quand un réseau interdit de "
    "rediffuser ses compteurs, abonnés, engagement et rythme demandent cinquante comptes ; le "
    "score, toujours dix."
)
"""What page and PDF say of medians."""

NOMINEES = 5
"""Names of a category, over its networks, that a jury is given at most."""

ALL = ""
"""The category that stands for all of them."""


@dataclass(frozen=True, slots=True)
class Year:
    """The months that a barometer is of: the last published one of a year, and the one before.

    `before` is the same month a year earlier, else the first that is published, else None;
    `provisional` says that the last one may still change.
    """

    year: str
    month: str
    before: str | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A network and category (`ALL`: every one): how many of how many territories, medians.

    `then` is the same of the month before; `share` a ratio, null where no territory is known.
    """

    network: str
    category: str
    territories: int
    cell: BarometerCell
    then: BarometerCell | None

    @property
    def share(self) -> float | None:
        """Return the share of the category's territories that are present."""
        return self.cell.present / self.territories if self.territories else None

    @property
    def scored(self) -> bool:
        """Whether scores of the network are told; of the others presence alone is."""
        return network_of(self.network).scored

    @property
    def gained(self) -> int | None:
        """Return how many more territories are present than then."""
        return None if self.then is None else self.cell.present - self.then.present

    @property
    def rose(self) -> float | None:
        """Return what the median score gained since then, in points, by one methodology."""
        then = self.then
        if then is None or then.methodology != self.cell.methodology:
            return None
        if self.cell.score is None or then.score is None:
            return None
        return self.cell.score - then.score


def years_of(periods: Mapping[str, State]) -> list[Year]:
    """Return the years of which months are published (and their states), the last first."""
    months = sorted(periods)
    last = {one[:4]: one for one in months}
    found: list[Year] = []
    for year, month in sorted(last.items(), reverse=True):
        same = f"{int(year) - 1}{month[4:]}"
        earlier = [one for one in months if same <= one < month]
        before = earlier[0] if earlier else None
        found.append(Year(year, month, before, periods[month] == "provisional"))
    return found


def counted(places: Iterable[Territory]) -> Counter[str]:
    """Return how many territories a category has of those whose accounts the view counts.

    They are those that a month may rank (methodology, 7.1): a share is of nothing else.
    """
    return Counter(one.category.value for one in places if one.ranked and one.population)


def lines_of(
    cells: Sequence[BarometerCell],
    before: Sequence[BarometerCell],
    territories: Mapping[str, int],
) -> list[Line]:
    """Return a line a network of the registry and category, in the order of both, `ALL` last.

    Feeds are no presence on a network, and left out.
    """
    then = {(one.network, one.category): one for one in before}
    now = {(one.network, one.category): one for one in cells}
    order = [one.value for one in Category if one is not Category.AUTRES]
    among = {one: territories.get(one, 0) for one in order}
    among[ALL] = sum(among.values())
    return [
        Line(
            network.slug,
            category,
            among[category],
            _told(now[network.slug, category]),
            then.get((network.slug, category)),
        )
        for network in KNOWN
        if not network.paced
        for category in (*order, ALL)
        if (network.slug, category) in now
    ]


def _told(cell: BarometerCell) -> BarometerCell:
    """Return a cell without the medians of counters that closed terms and few accounts keep."""
    if network_of(cell.network).redistribution == "counters" or cell.scored >= ENOUGH:
        return cell
    return cell.model_copy(update=dict.fromkeys(("followers", "engagement", "frequency")))


def label(category: str) -> str:
    """Name a category, or all of them."""
    return Category(category).label if category else "toutes les collectivités"


def headlines(lines: Sequence[Line], year: Year) -> list[str]:
    """Return what is to be remembered of a year: a sentence a network, from all categories."""
    said: list[str] = []
    for one in lines:
        if one.category != ALL:
            continue
        name = network_of(one.network).name
        here = ("collectivité présente", "collectivités présentes")
        text = (
            f"{name} : {french.plural(one.cell.present, *here)} "
            f"({french.percent(one.share)}) {french.in_month(year.month, year=True)}"
        )
        if year.before and one.gained is not None:
            many = f"{french.number(abs(one.gained))} de {'plus' if one.gained > 0 else 'moins'}"
            text += f", {many if one.gained else 'autant'} qu’en {french.month(year.before)}"
        said.append(f"{text}.")
    return said


def by_category(found: Iterable[Progression]) -> dict[str, list[Progression]]:
    """Return accounts that rose by category, in the order of categories."""
    groups: defaultdict[str, list[Progression]] = defaultdict(list)
    for one in found:
        groups[one.category].append(one)
    return {one.value: groups[one.value] for one in Category if groups[one.value]}


def nominees(
    found: Iterable[Progression], contested: frozenset[str]
) -> dict[str, list[Progression]]:
    """Return whom a jury looks at: the first of each category that rose, nobody contested.

    By name and not by rank: the score selects, people award.
    """
    kept = by_category(one for one in found if one.account not in contested)
    return {
        category: sorted(group[:NOMINEES], key=lambda one: one.territory_name or "")
        for category, group in kept.items()
    }
