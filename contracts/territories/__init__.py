"""Territories: the real registry, compact, with version, licence and validity; and its loader."""

from contracts.territories.catalogue import Territories
from contracts.territories.categories import (
    Category,
    Family,
    Kind,
    Nature,
    Zone,
    category_of,
    stratum_of,
)
from contracts.territories.storage import (
    BrokenTerritoriesError,
    Manifest,
    read_territories,
    write_territories,
)
from contracts.territories.territory import Part, Territory, TerritoryOrigin

__all__ = [
    "BrokenTerritoriesError",
    "Category",
    "Family",
    "Kind",
    "Manifest",
    "Nature",
    "Part",
    "Territories",
    "Territory",
    "TerritoryOrigin",
    "Zone",
    "category_of",
    "read_territories",
    "stratum_of",
    "write_territories",
]
