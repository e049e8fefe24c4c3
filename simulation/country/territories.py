"""The invented territories: the structure of the real registry, under other names and codes.

Each one stands on a real territory: it keeps what is around it (its intercommunalité, its
département, its région) and takes another name, another code (« 00… ») and a population moved by
a few percent. A world smaller than France is a sample whose strata are over-sampled by weights;
a territory keeps its name and code in worlds of every size.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from contracts.territories import Kind, Nature, Part, Territories, Territory
from simulation.country.chance import Chance, scaled
from simulation.country.codes import invented_codes, statistical_codes, statistical_regions
from simulation.country.names import (
    commune_name,
    departement_name,
    grouping_name,
    region_name,
    slug,
)
from simulation.country.parameters import Parameters, Stratum
from simulation.country.parameters import Part as CastPart

YEAR = 2026
"""The year of the invented registry."""

GRAND_PARIS = "200054781"
LYON = "200046977"
_BOUNDS: tuple[tuple[int, Stratum], ...] = (
    (500, "hamlet"),
    (2_000, "village"),
    (5_000, "small"),
    (20_000, "town"),
    (100_000, "city"),
)
_BY_NATURE: Mapping[Nature | None, Stratum] = {
    Nature.CC: "cc",
    Nature.CA: "ca",
    Nature.CU: "cu",
    Nature.METROPOLE: "metropole",
    None: "cu",
}
_ABOVE = (Kind.DEPARTEMENT, Kind.REGION)
_MASKS = {"Grand": 2, "Pays": 2}


class Place(NamedTuple):
    """An invented territory, its stratum in the model, and the part it plays if it has one."""

    territory: Territory
    stratum: Stratum
    part: str | None


def stratum_of(row: Territory, population: int) -> Stratum:
    """The stratum of the model for a territory of this population."""
    if row.kind is Kind.COMMUNE:
        for bound, name in _BOUNDS:
            if population < bound:
                return name
        return "large_city"
    if row.kind in (Kind.EPCI, Kind.EPT):
        return _BY_NATURE[row.nature]
    return "region" if row.kind is Kind.REGION else "departement"


class Country:
    """Everything that does not depend on the size of the world: codes, names, populations, cast."""

    def __init__(self, registry: Iterable[Territory], chance: Chance, law: Parameters) -> None:
        """Derive an invented country; the registry's territories of zone « com » are left out."""
        self._law = law
        self._chance = chance
        self.rows = [row for row in registry if row.zone != "com" and row.origin == "registry"]
        self.by_code = {row.code: row for row in self.rows}
        self._keys = {row.code: self._key(row) for row in self.rows}
        self._communes = sorted(
            (row for row in self.rows if row.kind is Kind.COMMUNE),
            key=lambda row: (-(row.population or 0), row.code),
        )
        self.heart = self._heart()
        self.cast = self._casting()
        self.population = self._populations()
        self._members = self._members_by_grouping()
        self.codes = invented_codes(self.rows, self._communes, chance)
        self.stat = statistical_codes(self.rows, self._communes, self.codes)
        self.regions = statistical_regions(self.rows, self._communes, self.codes)
        self.names = self._names()

    def sample(self, size: int | None) -> list[Territory]:
        """The real territories on which a world of a size stands (None or too large: all)."""
        if size is None or size >= len(self.rows):
            return self.rows
        seats = {row.departement for row in self.rows if row.kind is Kind.EPCI}
        first = self.by_code[self.heart].departement
        wanted = sorted(
            seats - {first}, key=lambda code: self._chance.words("département", code or "")[0]
        )
        areas = {first, *wanted[: max(1, size // 18) - 1]}
        groupings = self._groupings(areas, max(3, size // 6))
        chosen = {row.code for row in groupings}
        above = self._closure(groupings, areas, chosen)
        chosen |= {row.code for row in above}
        places = self._sampled_communes(chosen, size - len(groupings) - len(above))
        kept = {row.code for row in (*groupings, *above, *places)}
        return [row for row in self.rows if row.code in kept]

    def place(self, row: Territory) -> Place:
        """The invented territory that stands on a real one."""
        code, population = row.code, self.population[row.code]
        part = self.cast.get(code)
        name = self.names[code]
        invented = Territory(
            code=self.codes[code],
            nom=name,
            kind=row.kind,
            year=YEAR,
            origin="simulation",
            nature=row.nature,
            zone=row.zone,
            population=population,
            departement=self.stat.get(row.departement or ""),
            region=self.regions.get(row.region or ""),
            epci=self.codes.get(row.epci or ""),
            ept=self.codes.get(row.ept or ""),
            siren=self.codes[code] if row.kind in (Kind.EPCI, Kind.EPT) else None,
            liaison=_liaison(row.kind, name),
            covered_by=tuple(self.codes[above] for above in row.covered_by),
            aliases=tuple(self.stat[alias] for alias in row.aliases if alias in self.stat),
            parts=tuple(
                Part(self.stat[area.code], self.names[area.code], "departement")
                for area in row.parts
                if area.kind == "departement" and row.kind is not Kind.COMMUNE
            ),
        )
        return Place(invented, stratum_of(row, population or 0), part.part if part else None)

    def _key(self, row: Territory) -> int:
        """The order of sampling: a draw divided by the weight of the stratum."""
        weight = self._law.weights.get(stratum_of(row, row.population or 0), 1)
        return self._chance.words("sample", row.code)[0] // weight

    def _heart(self) -> str:
        """The métropole around which every world is built."""
        candidates = [
            row.code
            for row in self.rows
            if row.nature is Nature.METROPOLE
            and row.code not in (GRAND_PARIS, LYON)
            and row.zone == "metro"
        ]
        return min(candidates, key=lambda code: self._chance.words("heart", code)[0])

    def _casting(self) -> dict[str, CastPart]:
        """Which real commune each place of the cast stands on: all in the heart's département."""
        heart = self.by_code[self.heart]
        inside = [
            row for row in self._communes if row.departement == heart.departement and row.epci
        ]
        cast: dict[str, CastPart] = {}
        for part in self._law.cast:
            free = [row for row in inside if row.code not in cast and self._fits(row, part)]
            # A stratum that is empty around here takes the nearest population instead.
            free = free or [row for row in inside if row.code not in cast]
            centre = part.part == "centre"
            chosen = min(free, key=lambda row: self._aptness(row, part, centre=centre))
            cast[chosen.code] = part
        return cast

    def _fits(self, row: Territory, part: CastPart) -> bool:
        if part.part == "centre":
            return row.epci == self.heart
        return row.epci != self.heart and stratum_of(row, row.population or 0) == part.stratum

    def _aptness(self, row: Territory, part: CastPart, *, centre: bool) -> int:
        if centre:
            return -(row.population or 0)
        return abs((row.population or 0) - part.population)

    def _populations(self) -> dict[str, int | None]:
        """Invented populations: communes jittered, everything larger the sum of its communes."""
        found: dict[str, int | None] = {}
        sums: defaultdict[str, int] = defaultdict(int)
        jitter = self._law.population_jitter
        for row in self._communes:
            if row.population is None:
                found[row.code] = None
                continue
            part = self.cast.get(row.code)
            moved = (
                1000
                - jitter
                + scaled(self._chance.words("population", row.code)[0], 2 * jitter + 1)
            )
            population = part.population if part else (row.population * moved + 500) // 1000
            found[row.code] = population
            for above in self._all_above(row):
                sums[above] += population
        return found | {
            row.code: sums[row.code] for row in self.rows if row.kind is not Kind.COMMUNE
        }

    def _all_above(self, row: Territory) -> Iterator[str]:
        seen: set[str] = set()
        waiting = list(row.covered_by)
        while waiting:
            code = waiting.pop()
            if code not in seen and code in self.by_code:
                seen.add(code)
                waiting.extend(self.by_code[code].covered_by)
        # A région is made of its communes, whether or not a métropole stands between.
        if row.region and (own := f"{row.region}R") in self.by_code:
            seen.add(own)
        yield from seen

    def _members_by_grouping(self) -> dict[str, list[Territory]]:
        members: defaultdict[str, list[Territory]] = defaultdict(list)
        for row in self._communes:
            for code in row.covered_by:
                members[code].append(row)
        return members

    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        taken = {slug(part.name) for part in self._law.cast}
        rank = 0
        for row in self._communes:
            part = self.cast.get(row.code)
            name = part.name if part else commune_name(rank, self._chance)
            while not part and slug(name) in taken:
                rank += 1
                name = commune_name(rank, self._chance)
            taken.add(slug(name))
            names[row.code] = name
            rank += 1
        for row in self.rows:
            if row.kind in (Kind.EPCI, Kind.EPT):
                names[row.code] = self._grouping(row, names)
        for kind, namer in ((Kind.DEPARTEMENT, departement_name), (Kind.REGION, region_name)):
            for index, row in enumerate(row for row in self.rows if row.kind is kind):
                names[row.code] = namer(index, self._chance)
        spare = sum(row.kind is Kind.DEPARTEMENT for row in self.rows)
        for index, code in enumerate(sorted(self.stat.keys() - names.keys()), spare):
            names[code] = departement_name(index, self._chance)
        return names

    def _grouping(self, row: Territory, names: Mapping[str, str]) -> str:
        kind = "EPT" if row.kind is Kind.EPT else str(row.nature)
        members = [names[member.code] for member in self._members[row.code][:2]]
        return grouping_name(kind, members[0], members[1] if len(members) > 1 else "")

    def _groupings(self, areas: set[str | None], count: int) -> list[Territory]:
        needed = {self.heart, *(self.by_code[code].epci for code in self.cast)}
        candidates = [
            row
            for row in self.rows
            if row.kind is Kind.EPCI and row.departement in areas and row.code not in needed
        ]
        candidates.sort(key=lambda row: (self._keys[row.code], row.code))
        epci = [self.by_code[code] for code in sorted(code for code in needed if code)]
        epci += candidates[: max(0, count - len(epci))]
        if any(row.code == GRAND_PARIS for row in epci):
            epci += [row for row in self.rows if row.kind is Kind.EPT]
        return epci

    def _closure(
        self, groupings: Sequence[Territory], areas: set[str | None], chosen: set[str]
    ) -> list[Territory]:
        """The départements and régions that cover the communes a world may hold."""
        needed: set[str] = set()
        for code in chosen:
            for member in self._members[code]:
                if member.departement in areas:
                    needed.update(self._all_above(member))
        for row in groupings:
            needed.update(row.covered_by)
        return [
            self.by_code[code]
            for code in sorted(needed - chosen)
            if self.by_code[code].kind in _ABOVE
        ]

    def _sampled_communes(self, chosen: set[str], count: int) -> list[Territory]:
        fit = [
            row
            for row in self._communes
            if row.population
            and row.code not in self.cast
            and row.epci in chosen
            and set(row.covered_by) <= chosen
        ]
        fit.sort(key=lambda row: (self._keys[row.code], row.code))
        cast = [self.by_code[code] for code in self.cast]
        return cast + fit[: max(0, count - len(cast))]


def country(chance: Chance, law: Parameters) -> Country:
    """The invented country that stands on the committed registry."""
    return Country(Territories.load(), chance, law)


def _liaison(kind: Kind, name: str) -> int:
    """INSEE's TNCC of an invented name: how French joins it to « de »."""
    vowel = slug(name)[0] in "aeiouy"
    if kind is Kind.DEPARTEMENT:
        return 5 if vowel else 3
    if kind is Kind.REGION:
        return _MASKS.get(name.split("-")[0], 4)
    if name.startswith("CC "):
        return 3
    return 1 if vowel else 0
