"""The territories of an installation: the committed registry, and a demonstration's beside it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path

from contracts.territories.categories import Kind
from contracts.territories.storage import BrokenTerritoriesError, Manifest, read_territories
from contracts.territories.territory import Territory

REGISTRY_FILE = Path(__file__).parent / "data" / "registry.jsonl.gz"


class Territories:
    """Every territory by code and by link (by what people type: `libs/matching/territories.py`).

    Rows are read at once (under 0.2 s for the country); links are built when they are first asked
    for.
    """

    def __init__(self, rows: Sequence[Territory], manifests: Sequence[Manifest]) -> None:
        """Take rows of one or several sets; raises BrokenTerritoriesError for a code in two."""
        self._rows = tuple(rows)
        self._by_code = {row.code: row for row in self._rows}
        self.manifests = tuple(manifests)
        if len(self._by_code) != len(self._rows):
            raise BrokenTerritoriesError("one code stands in two sets of territories")

    @classmethod
    def load(cls, extra: Path | None = None) -> "Territories":
        """The committed registry, and the set of a second file when one is named."""
        manifest, rows = _registry()
        if extra is None:
            return cls(rows, [manifest])
        extra_manifest, extra_rows = read_territories(extra)
        return cls([*rows, *extra_rows], [manifest, extra_manifest])

    def __len__(self) -> int:
        """How many territories there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Territory]:
        """By set, kind and code."""
        return iter(self._rows)

    def __contains__(self, code: object) -> bool:
        """Whether a territory has exactly this code."""
        return code in self._by_code

    def __getitem__(self, code: str) -> Territory:
        """Territory of exactly this code; raises KeyError."""
        return self._by_code[code]

    def get(self, code: str) -> Territory | None:
        """Territory of exactly this code."""
        return self._by_code.get(code)

    def name_of(self, code: str) -> str:
        """Return the name of a territory, its code where we know none."""
        territory = self.get(code)
        return territory.nom if territory else code

    def resolve(self, code: str) -> Territory | None:
        """Collectivité that a code leads to: its own, another name for it, a former one, a part's.

        "75" is Paris, "67" the Collectivité européenne d'Alsace, "13201" Marseille, "69M" the
        Métropole de Lyon, the code of a merged commune the commune that it is now in.
        """
        return self._by_code.get(code) or self._other_codes.get(code)

    def of_kind(self, *kinds: Kind) -> list[Territory]:
        """Territories of these kinds."""
        return [row for row in self._rows if row.kind in kinds]

    def covers(self, code: str) -> tuple[Territory, ...]:
        """Territories directly covered: communes of an EPCI, départements of a région."""
        return self._covered.get(code, ())

    def by_siren(self, siren: str) -> Territory | None:
        """Territory of this SIREN (9 digits)."""
        return self._by_siren.get(siren)

    def names(self) -> Iterator[str]:
        """Every name in use: territories, and the communes déléguées, associées… inside them."""
        for row in self._rows:
            yield row.nom
            for part in row.parts:
                yield part.nom

    def departement_name(self, departement: str | None) -> str | None:
        """Name of a statistical département by INSEE code: "67" is Bas-Rhin."""
        if departement is None:
            return None
        owner = self.resolve(departement)
        if owner is None or owner.code == departement:
            return owner.nom if owner else None
        return next((part.nom for part in owner.parts if part.code == departement), owner.nom)

    def place(self, territory: Territory) -> str:
        """Name that tells it from its namesakes: « Lens (Pas-de-Calais) »."""
        departement = self.departement_name(territory.departement)
        if territory.kind in (Kind.DEPARTEMENT, Kind.REGION, Kind.COM) or departement in (
            None,
            territory.nom,
        ):
            return territory.nom
        return f"{territory.nom} ({departement})"

    @cached_property
    def _other_codes(self) -> dict[str, Territory]:
        others: dict[str, Territory] = {}
        for row in self._rows:
            for code in (*row.former_codes, *(part.code for part in row.parts), *row.aliases):
                others[code] = row
        return others

    @cached_property
    def _covered(self) -> dict[str, tuple[Territory, ...]]:
        covered: defaultdict[str, list[Territory]] = defaultdict(list)
        for row in self._rows:
            for above in row.covered_by:
                covered[above].append(row)
        return {code: tuple(rows) for code, rows in covered.items()}

    @cached_property
    def _by_siren(self) -> dict[str, Territory]:
        return {row.siren: row for row in self._rows if row.siren}


@cache
def _registry() -> tuple[Manifest, list[Territory]]:
    return read_territories(REGISTRY_FILE)
