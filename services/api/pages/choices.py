"""What the forms offer: networks, categories, months, départements and régions."""

from contracts.networks import NETWORKS
from contracts.territories import Category, Kind, Territory
from services.api.installation import Installation

DEFAULT_NETWORK = next(one.slug for one in NETWORKS if one.shown_first)
SCORED = sorted(
    ((one.slug, one.name) for one in NETWORKS if one.scored),
    key=lambda network: network[0] != DEFAULT_NETWORK,
)
CATEGORIES = [(one.value, one.label) for one in Category if one is not Category.AUTRES]
DEFAULT_CATEGORY = Category.PETITES_VILLES.value


def areas(here: Installation, kind: Kind) -> list[tuple[str, str]]:
    """Return the départements or régions measured here, code and name, by name."""
    found = [one for one in here.territories.of_kind(kind) if here.measured(one)]
    return sorted(((_code(one), one.nom) for one in found), key=lambda area: area[1])


def _code(area: Territory) -> str:
    """Return the statistical code, by which views filter: "75R" is région 75."""
    return area.code.removesuffix("R") if area.kind is Kind.REGION else area.code
