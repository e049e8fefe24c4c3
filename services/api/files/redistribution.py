"""What the networks' terms let leave in bulk (`Network.redistribution`), obeyed and told.

Files and lists are bulk; the page of one territory, or the JSON of one account, is display
(docs/decisions/0014).
"""

from typing import Protocol, TypeVar

from fastapi import HTTPException

from contracts.kpis import KPIS
from contracts.networks import BY_SLUG
from services.api.figures.rows import RankedAccount
from services.api.words.french import of_name, series
from services.api.words.unscored import why_unscored

L = TypeVar("L", bound=RankedAccount)

WITHHELD = (
    "following",
    *(name for kpi in KPIS if kpi.raw for name in (kpi.slug, f"{kpi.slug}_points")),
)
"""Fields of a ranking that are raw counters, or give one back with the population or the barème."""


WITHHELD_WORDS = tuple(kpi.label.lower() for kpi in KPIS if kpi.raw)
"""What these fields say, in French."""


class OnNetwork(Protocol):
    """A row about an account of a network."""

    @property
    def network(self) -> str:
        """Return the slug of the network."""
        ...


def counters_may_leave(network: str) -> bool:
    """Whether raw counters of this network may leave in bulk."""
    return BY_SLUG[network].redistribution == "counters"


def withheld(row: OnNetwork) -> bool:
    """Whether the raw columns of a row stay empty."""
    return not counters_may_leave(row.network)


def withhold(line: L) -> L:
    """Return a line of a ranking without what its network lets nobody hand on."""
    if not withheld(line):
        return line
    fields = type(line).model_fields
    return line.model_copy(update={name: None for name in WITHHELD if name in fields})


def note(network: str) -> str | None:
    """Return the sentence that says what is left out for this network; None when nothing is."""
    if counters_may_leave(network):
        return None
    one = BY_SLUG[network]
    if not one.derived_metrics:
        return (
            f"Les conditions {of_name(one.name)} interdisent d’en tirer un score et de "
            "redistribuer ses compteurs en masse : ni score, ni compteur."
        )
    return (
        f"Les conditions {of_name(one.name)} n’autorisent pas la redistribution en masse de ses "
        "compteurs bruts : listes et fichiers donnent les scores, sans "
        f"{series(WITHHELD_WORDS, ' ni ')}."
    )


def require_counters(network: str) -> None:
    """Refuse a bulk file of raw counters that the network's terms forbid (raises 403)."""
    if not counters_may_leave(network):
        name = BY_SLUG[network].name
        raise HTTPException(
            403,
            f"Les conditions {of_name(name)} n’autorisent pas la redistribution en masse de ses "
            "compteurs bruts. Ils se lisent compte par compte, sur le portail ou en JSON.",
        )


def require_scores(network: str) -> None:
    """Refuse a file of scores of a network that has none (raises 403)."""
    if not BY_SLUG[network].scored:
        raise HTTPException(403, why_unscored(network)[1])
