"""Territories of which no watch can be made here (real ones, in a simulation); the nearest one."""

from collections.abc import Sequence

from contracts.territories import Territory
from services.api.figures.queries import EngineUnavailable, Figures
from services.api.figures.rows import ListedTerritory
from services.api.figures.views import TERRITORIES_WITH_ACCOUNTS


def measured(territory: Territory, *, simulation: bool) -> bool:
    """Whether a territory may have figures here: no simulated one beside a real name."""
    return (territory.origin == "simulation") == simulation


def refusal(territory: Territory, *, simulation: bool) -> str | None:
    """Say why no watch may bear the name of a territory; None when one may.

    No simulated text stands beside a real name, and no real one beside an invented name.
    """
    if measured(territory, simulation=simulation):
        return None
    if simulation:
        return (
            f"« {territory.nom} » est une vraie collectivité : cette démonstration n’invente "
            "ni veille ni alerte à son nom."
        )
    return f"« {territory.nom} » est inventée : elle n’a pas de veille ici."


async def nearest_known(figures: Figures, territory: Territory) -> ListedTerritory | None:
    """Return the measured territory most like another; None while the engine is away."""
    try:
        return await nearest(figures, territory)
    except EngineUnavailable:
        return None


async def nearest(figures: Figures, territory: Territory) -> ListedTerritory | None:
    """Return the measured territory most like another; None where there is none."""
    return comparable(territory, await figures.read(TERRITORIES_WITH_ACCOUNTS))


def offered(like: ListedTerritory) -> str:
    """Write what is offered instead: « Une commune semblable : Essai-sur-Onde (00101) »."""
    kind = "commune" if like.kind == "commune" else "collectivité"
    return f"Une {kind} semblable : {like.name} ({like.code})"


def comparable(territory: Territory, listed: Sequence[ListedTerritory]) -> ListedTerritory | None:
    """Return the measured territory most like another: its category, stratum, then size.

    Never one of exactly its population: the two would be taken for one another.
    """
    population = territory.population or 0
    candidates = [
        one
        for one in listed
        if one.accounts
        and one.kind == territory.kind.value
        and one.code != territory.code
        and (one.population or 0) != population
    ]
    return min(
        candidates,
        key=lambda one: (
            one.category != territory.category.value,
            one.stratum != territory.stratum,
            abs((one.population or 0) - population),
            one.code,
        ),
        default=None,
    )
