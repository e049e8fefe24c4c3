"""What the forms offer: networks, categories, months, départements and régions."""

from collections.abc import Iterable

from contracts.networks import NETWORKS
from contracts.territories import Category, Kind, Territory

DEFAULT_NETWORK = next(one.slug for one in NETWORKS if one.shown_first)
SCORED = sorted(
    ((one.slug, one.name) for one in NETWORKS if one.scored),
    key=lambda network: network[0] != DEFAULT_NETWORK,
)
CATEGORIES = [(one.value, one.label) for one in Category if one is not Category.AUTRES]
DEFAULT_CATEGORY = Category.PETITES_VILLES.value


def areas(measured: Iterable[Territory]) -> list[tuple[str, str]]:
    """Return départements or régions, code and name, by name."""
    return sorted(((_code(one), one.nom) for one in measured), key=lambda area: area[1])


def _code(area: Territory) -> str:
    """Return the statistical code, by which views filter: "75R" is région 75."""
    return area.code.removesuffix("R") if area.kind is Kind.REGION else area.code
