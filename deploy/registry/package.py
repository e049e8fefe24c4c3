"""Reads the npm package ``@etalab/decoupage-administratif`` as *collectivités*.

The package lists statistical areas; an account belongs to a collectivité. Where one of them
replaces an area, the area becomes a part of it: Paris (commune and département), the Métropole de
Lyon and the Rhône, Corse, Alsace, Martinique, Guyane, Mayotte, Saint-Barthélemy, Saint-Martin.
Codes of single collectivités are INSEE's (list of those with the powers of a département).
"""

import json
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from contracts.territories.categories import Kind, Nature, Zone
from contracts.territories.storage import Manifest
from contracts.territories.territory import Part, PartKind, Territory

Row = Mapping[str, Any]

FILES = ("communes", "epci", "ept", "departements", "regions")
LYON = "200046977"
GRAND_PARIS = "200054781"
_PARTS: dict[str, PartKind] = {
    "commune-deleguee": "deleguee",
    "commune-associee": "associee",
    "arrondissement-municipal": "arrondissement",
}
_NATURES = {
    "CC": Nature.CC,
    "CA": Nature.CA,
    "CU": Nature.CU,
    "METRO": Nature.METROPOLE,
    "MET69": Nature.METROPOLE,
}
# The package's years (its README): one major version a year.
_YEARS = {"6": 2026, "5": 2025, "4": 2024, "3": 2023, "2": 2022, "1": 2021}

# Statistical département → collectivité that has its powers, where that is another one.
_REPLACED = {
    "75": "75056",
    "69": "69D",
    "2A": "20R",
    "2B": "20R",
    "67": "6AE",
    "68": "6AE",
    "972": "972R",
    "973": "973R",
    "977": "97701",
    "978": "97801",
}
# Statistical région → collectivité, where it is not the code followed by R.
_REPLACED_REGIONS = {"94": "20R", "02": "972R", "03": "973R", "06": "976"}


class UnknownPackageError(ValueError):
    """An archive that is not a version of the package that this reader knows."""


class _Single(msgspec.Struct, frozen=True):
    """A single collectivité that the package does not list."""

    nom: str
    kind: Kind
    departements: tuple[str, ...]
    region: str
    aliases: tuple[str, ...] = ()
    liaison: int = 0
    zone: Zone = Zone.METRO


_SINGLES = {
    "6AE": _Single(
        "Collectivité européenne d'Alsace", Kind.DEPARTEMENT, ("67", "68"), "44", liaison=3
    ),
    "69D": _Single("Rhône", Kind.DEPARTEMENT, ("69",), "84", liaison=2),
    "20R": _Single("Corse", Kind.REGION, ("2A", "2B"), "94", ("94R",)),
    "972R": _Single("Martinique", Kind.REGION, ("972",), "02", ("02R",), 3, Zone.DROM),
    "973R": _Single("Guyane", Kind.REGION, ("973",), "03", ("03R",), 3, Zone.DROM),
}
_ALIASES = {
    "75056": ("75", "75C"),
    LYON: ("69M",),
    "976": ("976D", "06R"),
    "97701": ("977",),
    "97801": ("978",),
}


def read_package(archive: Path) -> tuple[Manifest, list[Territory]]:
    """Territories of the ``.tgz`` that ``npm pack`` gives, with the manifest to store them under.

    Raises UnknownPackageError for another package or an unknown major version.
    """
    with tarfile.open(archive) as tar:
        about = cast(Row, _member(tar, "package.json"))
        data = {name: cast(list[Row], _member(tar, f"data/{name}.json")) for name in FILES}
    version = str(about["version"])
    year = _YEARS.get(version.split(".")[0])
    if about["name"] != "@etalab/decoupage-administratif" or year is None:
        raise UnknownPackageError(
            f"{about['name']} {version}: expected @etalab/decoupage-administratif 1 to 6"
        )
    manifest = Manifest(
        name="@etalab/decoupage-administratif",
        version=version,
        origin="registry",
        year=year,
        source="https://github.com/etalab/decoupage-administratif",
        licence="Licence Ouverte 2.0",
        attribution=(
            f"Code officiel géographique {year} et populations municipales (Insee), EPCI (DGCL),"
            " codes postaux (La Poste), assemblés par Etalab"
        ),
        population="municipale (PMUN) ; au-dessus de la commune, somme des communes",
    )
    return manifest, collectivites(data, year)


def collectivites(data: Mapping[str, list[Row]], year: int) -> list[Territory]:
    """Territories from the package's lists, by file name without extension."""
    communes = _communes(data, year)
    return [
        *communes,
        *_groupings(data["epci"], Kind.EPCI, communes, year),
        *_groupings(data["ept"], Kind.EPT, communes, year),
        *_departements(data["departements"], communes, year),
        *_regions(data["regions"], communes, year),
    ]


def _member(tar: tarfile.TarFile, name: str) -> object:
    try:
        found = tar.extractfile(f"package/{name}")
    except KeyError as absent:
        raise UnknownPackageError(f"no {name} in the archive") from absent
    if found is None:
        raise UnknownPackageError(f"{name} is not a file")
    return json.load(found)


def _communes(data: Mapping[str, list[Row]], year: int) -> list[Territory]:
    epci = {member["code"]: row["code"] for row in data["epci"] for member in row["membres"]}
    ept = {member["code"]: row["code"] for row in data["ept"] for member in row["membres"]}
    parts: defaultdict[str, list[Part]] = defaultdict(list)
    for row in data["communes"]:
        if kind := _PARTS.get(row["type"]):
            parts[row.get("chefLieu") or row["commune"]].append(Part(row["code"], row["nom"], kind))
    parts["75056"].append(Part("75", "Paris", "departement"))
    return [
        _commune(row, epci.get(row["code"]), ept.get(row["code"]), parts[row["code"]], year)
        for row in data["communes"]
        if row["type"] == "commune-actuelle"
    ]


def _commune(
    row: Row, epci: str | None, ept: str | None, parts: Iterable[Part], year: int
) -> Territory:
    code = str(row["code"])
    above = LYON if epci == LYON else _REPLACED.get(row["departement"], row["departement"])
    if above == code:
        above = None if row["zone"] == "com" else _region_code(row["region"])
    links = dict.fromkeys(link for link in (epci, ept, above) if link)
    return Territory(
        code=code,
        nom=row["nom"],
        kind=Kind.COMMUNE,
        year=year,
        zone=Zone(row["zone"]),
        population=row.get("population"),
        departement=row["departement"],
        region=row["region"],
        epci=epci,
        ept=ept,
        siren=row.get("siren"),
        liaison=row.get("typeLiaison", 0),
        covered_by=tuple(links),
        postal_codes=tuple(row.get("codesPostaux", ())),
        aliases=_ALIASES.get(code, ()),
        former_codes=tuple(row.get("anciensCodes", ())),
        parts=tuple(sorted(parts, key=lambda part: part.code)),
    )


def _groupings(
    rows: Iterable[Row], kind: Kind, communes: Iterable[Territory], year: int
) -> list[Territory]:
    members: defaultdict[str | None, list[Territory]] = defaultdict(list)
    for commune in communes:
        members[commune.epci if kind is Kind.EPCI else commune.ept].append(commune)
    return [_grouping(row, kind, members[row["code"]], year) for row in rows]


def _grouping(row: Row, kind: Kind, members: list[Territory], year: int) -> Territory:
    seat = _main_departement(members)
    code = str(row["code"])
    if kind is Kind.EPT:
        covered_by = (GRAND_PARIS,)
    else:
        covered_by = (_region_code(seat.region),) if code == LYON else ()
    return Territory(
        code=code,
        nom=" ".join(row["nom"].split()),
        kind=kind,
        year=year,
        nature=_NATURES[row["type"]] if kind is Kind.EPCI else None,
        zone=seat.zone,
        population=_sum(members),
        departement=seat.departement,
        region=seat.region,
        siren=code,
        covered_by=covered_by,
        aliases=_ALIASES.get(code, ()),
    )


def _departements(rows: list[Row], communes: list[Territory], year: int) -> list[Territory]:
    names = {row["code"]: str(row["nom"]) for row in rows}
    covered: defaultdict[str, list[Territory]] = defaultdict(list)
    for commune in communes:
        for code in commune.covered_by:
            covered[code].append(commune)
    plain = [
        Territory(
            code=row["code"],
            nom=row["nom"],
            kind=Kind.COM if row["zone"] == "com" else Kind.DEPARTEMENT,
            year=year,
            zone=Zone(row["zone"]),
            population=_sum(covered[row["code"]]),
            departement=row["code"],
            region=row["region"],
            liaison=row["typeLiaison"],
            covered_by=()
            if row["zone"] == "com" or row["code"] == "976"
            else (_region_code(row["region"]),),
            aliases=_ALIASES.get(row["code"], ()),
        )
        for row in rows
        if row["code"] not in _REPLACED
    ]
    return plain + [
        _single(code, single, names, covered[code], year) for code, single in _SINGLES.items()
    ]


def _single(
    code: str, single: _Single, names: Mapping[str, str], covered: Iterable[Territory], year: int
) -> Territory:
    return Territory(
        code=code,
        nom=single.nom,
        kind=single.kind,
        year=year,
        zone=single.zone,
        population=_sum(covered),
        departement=single.departements[0] if len(single.departements) == 1 else None,
        region=single.region,
        liaison=single.liaison,
        covered_by=(_region_code(single.region),) if single.kind is Kind.DEPARTEMENT else (),
        aliases=(*single.departements, *single.aliases),
        parts=tuple(Part(area, names[area], "departement") for area in single.departements),
    )


def _regions(rows: Iterable[Row], communes: Iterable[Territory], year: int) -> list[Territory]:
    covered: defaultdict[str | None, list[Territory]] = defaultdict(list)
    for commune in communes:
        covered[commune.region].append(commune)
    return [
        Territory(
            code=_region_code(row["code"]),
            nom=row["nom"],
            kind=Kind.REGION,
            year=year,
            zone=Zone(row["zone"]),
            population=_sum(covered[row["code"]]),
            region=row["code"],
            liaison=row["typeLiaison"],
        )
        for row in rows
        if row["zone"] != "com" and row["code"] not in _REPLACED_REGIONS
    ]


def _region_code(region: str | None) -> str:
    return _REPLACED_REGIONS.get(region or "", f"{region}R")


def _sum(communes: Iterable[Territory]) -> int | None:
    """Sum of the known populations, null when none is known."""
    known = [commune.population for commune in communes if commune.population is not None]
    return sum(known) if known else None


def _main_departement(members: list[Territory]) -> Territory:
    """A member commune of the département where most inhabitants of the grouping live."""
    weights: defaultdict[str | None, int] = defaultdict(int)
    for member in members:
        weights[member.departement] += member.population or 0
    main = max(weights, key=lambda code: (weights[code], code or ""))
    return next(member for member in members if member.departement == main)
