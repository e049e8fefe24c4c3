"""Territories of which nothing is measured here: no watch bears their name; one like them does."""

from collections.abc import Sequence

from contracts.territories import Territory
from services.api.figures.queries import EngineUnavailable
from services.api.figures.rows import ListedTerritory
from services.api.figures.views import TERRITORIES_WITH_ACCOUNTS
from services.api.installation import Installation


def refusal(here: Installation, territory: Territory) -> str | None:
    """Say why no watch may bear the name of a territory; None when one may.

    No simulated text stands beside a real name (design, rule 2), and no real one beside an invented
    name.
    """
    if here.measured(territory):
        return None
    if here.simulation:
        return (
            f"« {territory.nom} » est une vraie collectivité : cette démonstration n’invente "
            "ni veille ni alerte à son nom."
        )
    return f"« {territory.nom} » est inventée : elle n’a pas de veille ici."


async def measured_like(here: Installation, territory: Territory) -> ListedTerritory | None:
    """Return the measured territory most like one that is not; None for one that is.

    None too while the engine is away.
    """
    if here.measured(territory):
        return None
    try:
        return await nearest(here, territory)
    except EngineUnavailable:
        return None


async def nearest(here: Installation, territory: Territory) -> ListedTerritory | None:
    """Return the measured territory most like another; None where there is none."""
    return comparable(territory, await here.figures.read(TERRITORIES_WITH_ACCOUNTS))


def offered(like: ListedTerritory) -> str:
    """Write what is offered instead: « Une commune semblable : Essai-sur-Onde (00101) »."""
    kind = "commune" if like.kind == "commune" else "collectivité"
    return f"Une {kind} semblable : {like.name} ({like.code})"


def comparable(territory: Territory, listed: Sequence[ListedTerritory]) -> ListedTerritory | None:
    """Return the measured territory most like another: its category, stratum, then size."""
    candidates = [
        one
        for one in listed
        if one.accounts and one.kind == territory.kind.value and one.code != territory.code
    ]
    population = territory.population or 0
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
