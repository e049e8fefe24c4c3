"""What the networks' terms let leave in bulk (`Network.redistribution`), obeyed and told."""

from fastapi import HTTPException

from contracts.networks import BY_SLUG
from services.api.rows import RankedAccount

WITHHELD = ("reach", "followers", "follow_ratio")
"""Columns of a ranking that are raw counters, or give one back with the population."""


def counters_may_leave(network: str) -> bool:
    """Whether raw counters of this network may leave in bulk."""
    return BY_SLUG[network].redistribution == "counters"


def withhold(line: RankedAccount) -> RankedAccount:
    """Return a line of a ranking without what its network lets nobody hand on."""
    if counters_may_leave(line.network):
        return line
    return line.model_copy(update=dict.fromkeys(WITHHELD))


def note(network: str) -> str | None:
    """Return the sentence that says what is left out for this network; None when nothing is."""
    if counters_may_leave(network):
        return None
    name = BY_SLUG[network].name
    return (
        f"Les conditions de {name} n’autorisent pas la redistribution en masse de ses compteurs "
        "bruts : ce fichier donne les scores, sans portée, ni abonnés, ni ratio."
    )


def require_counters(network: str) -> None:
    """Refuse a bulk file of raw counters that the network's terms forbid (raises 403)."""
    if not counters_may_leave(network):
        name = BY_SLUG[network].name
        raise HTTPException(
            403,
            f"Les conditions de {name} n’autorisent pas la redistribution en masse de ses "
            "compteurs bruts. Ils se lisent compte par compte, sur le portail ou en JSON.",
        )
