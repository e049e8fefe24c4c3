"""Categories and strata in which territories are compared.

The categories are the observatory's own (docs/methodology.md, « Catégories »); the strata are
those of the *dotation globale de fonctionnement*, art. L. 2334-3 of the Code général des
collectivités territoriales. Both derive from the municipal population, never stored.
"""

from bisect import bisect_right
from enum import StrEnum
from itertools import pairwise


class Kind(StrEnum):
    """What a territory is in law."""

    COMMUNE = "commune"
    EPCI = "epci"
    EPT = "ept"
    DEPARTEMENT = "departement"
    REGION = "region"
    COM = "com"
    AUTRE = "autre"


class Nature(StrEnum):
    """Legal form of an EPCI with its own taxation."""

    CC = "CC"
    CA = "CA"
    CU = "CU"
    METROPOLE = "METRO"


class Zone(StrEnum):
    """Where a territory lies: France métropolitaine, overseas département or région, COM."""

    METRO = "metro"
    DROM = "drom"
    COM = "com"


class Family(StrEnum):
    """Wider group that a category falls back on when it has too few accounts."""

    COMMUNES = "communes"
    EPCI = "epci"
    DEPARTEMENTS_REGIONS = "departements-regions"
    AUTRES = "autres"


class Category(StrEnum):
    """Group in which an account is scored and ranked; the value is the slug used in addresses."""

    VILLAGES = "villages"
    PETITES_VILLES = "petites-villes"
    VILLES_MOYENNES = "villes-moyennes"
    GRANDES_VILLES = "grandes-villes"
    COMMUNAUTES_DE_COMMUNES = "communautes-de-communes"
    COMMUNAUTES_D_AGGLOMERATION = "communautes-d-agglomeration"
    COMMUNAUTES_URBAINES = "communautes-urbaines"
    METROPOLES = "metropoles"
    DEPARTEMENTS = "departements"
    REGIONS = "regions"
    AUTRES = "autres"

    @property
    def label(self) -> str:
        """Name shown to people, plural, lower case."""
        return _LABELS[self]

    @property
    def singular(self) -> str:
        """Name of one territory of it, lower case."""
        return _SINGULAR[self]

    @property
    def family(self) -> Family:
        """Family whose barème serves when the category's own cell is too small."""
        return _FAMILIES[self]


_LABELS = {
    Category.VILLAGES: "villages",
    Category.PETITES_VILLES: "petites villes",
    Category.VILLES_MOYENNES: "villes moyennes",
    Category.GRANDES_VILLES: "grandes villes",
    Category.COMMUNAUTES_DE_COMMUNES: "communautés de communes",
    Category.COMMUNAUTES_D_AGGLOMERATION: "communautés d’agglomération",
    Category.COMMUNAUTES_URBAINES: "communautés urbaines et EPT",
    Category.METROPOLES: "métropoles",
    Category.DEPARTEMENTS: "départements",
    Category.REGIONS: "régions",
    Category.AUTRES: "autres organismes",
}

_SINGULAR = {
    Category.VILLAGES: "village",
    Category.PETITES_VILLES: "petite ville",
    Category.VILLES_MOYENNES: "ville moyenne",
    Category.GRANDES_VILLES: "grande ville",
    Category.COMMUNAUTES_DE_COMMUNES: "communauté de communes",
    Category.COMMUNAUTES_D_AGGLOMERATION: "communauté d’agglomération",
    Category.COMMUNAUTES_URBAINES: "communauté urbaine ou EPT",
    Category.METROPOLES: "métropole",
    Category.DEPARTEMENTS: "département",
    Category.REGIONS: "région",
    Category.AUTRES: "autre organisme",
}

_FAMILIES = {
    Category.VILLAGES: Family.COMMUNES,
    Category.PETITES_VILLES: Family.COMMUNES,
    Category.VILLES_MOYENNES: Family.COMMUNES,
    Category.GRANDES_VILLES: Family.COMMUNES,
    Category.COMMUNAUTES_DE_COMMUNES: Family.EPCI,
    Category.COMMUNAUTES_D_AGGLOMERATION: Family.EPCI,
    Category.COMMUNAUTES_URBAINES: Family.EPCI,
    Category.METROPOLES: Family.EPCI,
    Category.DEPARTEMENTS: Family.DEPARTEMENTS_REGIONS,
    Category.REGIONS: Family.DEPARTEMENTS_REGIONS,
    Category.AUTRES: Family.AUTRES,
}

_COMMUNE_BOUNDS = (2_000, 20_000, 100_000)
"""Inhabitants from which a commune is in the next category."""

_COMMUNE_CATEGORIES = (
    Category.VILLAGES,
    Category.PETITES_VILLES,
    Category.VILLES_MOYENNES,
    Category.GRANDES_VILLES,
)
_BY_NATURE = {
    Nature.CC: Category.COMMUNAUTES_DE_COMMUNES,
    Nature.CA: Category.COMMUNAUTES_D_AGGLOMERATION,
    Nature.CU: Category.COMMUNAUTES_URBAINES,
    Nature.METROPOLE: Category.METROPOLES,
}
_BY_KIND = {
    Kind.EPT: Category.COMMUNAUTES_URBAINES,
    Kind.DEPARTEMENT: Category.DEPARTEMENTS,
    Kind.REGION: Category.REGIONS,
}

# Lower bounds in inhabitants, art. L. 2334-3 CGCT.
STRATUM_BOUNDS = (
    0,
    500,
    1_000,
    2_000,
    3_500,
    5_000,
    7_500,
    10_000,
    15_000,
    20_000,
    35_000,
    50_000,
    75_000,
    100_000,
    200_000,
)

STRATA = (
    *(f"{lower}-{upper - 1}" for lower, upper in pairwise(STRATUM_BOUNDS)),
    f"{STRATUM_BOUNDS[-1]}+",
)
"""The strata's codes, smallest first."""


def category_of(kind: Kind, nature: Nature | None, population: int | None) -> Category:
    """Category of a territory; a commune without a population has none and is AUTRES."""
    if kind is Kind.COMMUNE and population is not None:
        return _COMMUNE_CATEGORIES[bisect_right(_COMMUNE_BOUNDS, population)]
    if kind is Kind.EPCI and nature is not None:
        return _BY_NATURE[nature]
    return _BY_KIND.get(kind, Category.AUTRES)


def stratum_of(population: int) -> str:
    """DGF stratum that holds this population, as its lower bound and upper bound: "7500-9999".

    The last one, without upper bound, is "200000+".
    """
    return STRATA[bisect_right(STRATUM_BOUNDS, population) - 1]


def stratum_label(stratum: str) -> str:
    """Name of a stratum shown to people: "7500-9999" is « 7 500 à 9 999 habitants »."""
    lower, _, upper = stratum.partition("-")
    if not upper:
        return f"{_in_french(lower.rstrip('+'))}\u00a0habitants et plus"
    if lower == "0":
        return f"moins de {_in_french(str(int(upper) + 1))}\u00a0habitants"
    return f"{_in_french(lower)} à\u00a0{_in_french(upper)}\u00a0habitants"


def _in_french(digits: str) -> str:
    return f"{int(digits):,}".replace(",", "\u202f")
