"""What the networks' terms let leave (`Network.redistribution`), obeyed and told.

Files, the REST API and lists are what leaves; a page about an account that somebody chose is
display. Where counters may not leave, nothing from which they could be computed leaves either
(docs/decisions/0026).
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from fastapi import HTTPException
from pydantic import BaseModel

from contracts.kpis import KPIS
from contracts.networks import network_of
from libs.french import of_name
from services.api.figures.month_rows import LEVERS, GivenLine, MonthLine
from services.api.figures.rows import GivenShare, KpiShare
from services.api.words.unscored import why_unscored

R = TypeVar("R", bound=BaseModel)

WITHHELD = (
    *("followers", "following", "posts", "likes", "views", "measured"),
    *("low_rank", "high_rank", "stratum_low_rank", "stratum_high_rank"),
    *(name for kpi in KPIS for name in (kpi.slug, f"{kpi.slug}_points")),
)
"""Fields that are counters, or that give one back with the score, population and barème."""

WIDENED = ("low", "high", "previous_low", "previous_high")
"""Bounds of an interval: an exact one tells the engagement, and that the followers."""

WIDTH = 10
"""Bounds are multiples of it, in points of the score."""


def counters_may_leave(network: str) -> bool:
    """Whether raw counters of this network may leave."""
    return network_of(network).redistribution == "counters"


def withhold(row: R, network: str) -> R:
    """Return a row about an account without what its network lets nobody hand on."""
    if counters_may_leave(network):
        return row
    fields = type(row).model_fields
    changed: dict[str, Decimal | None] = {name: None for name in WITHHELD if name in fields}
    for name in WIDENED:
        if name in fields:
            changed[name] = widened(getattr(row, name), up=name.endswith("high"))
    return row.model_copy(update=changed)


def widened(bound: Decimal | None, *, up: bool) -> Decimal | None:
    """Return the multiple of `WIDTH` at or beyond a bound."""
    if bound is None:
        return None
    whole = bound // WIDTH * WIDTH
    return whole + WIDTH if up and whole < bound else whole


def quartile(points: float | None) -> int | None:
    """Return the quarter of the reference accounts that points of 100 stand for, 4 the best."""
    return None if points is None else min(4, 1 + int(points // 25))


def given(line: MonthLine) -> GivenLine:
    """Return the line of a month as it leaves: quartiles for all, the rest by the terms."""
    found = {f"{slug}_quartile": quartile(getattr(line, f"{slug}_points")) for slug in LEVERS}
    return withhold(GivenLine.model_construct(None, **line.__dict__, **found), line.network)


def given_shares(shares: Sequence[KpiShare], network: str) -> list[GivenShare]:
    """Return the KPIs of a score as they leave: quartiles, and figures where they may."""
    names = () if counters_may_leave(network) else ("value", "points", "contribution", "lost")
    return [
        GivenShare.model_validate(
            one.model_dump()
            | dict.fromkeys(names)
            | {"quartile": quartile(one.points) if one.kpi in LEVERS else None}
        )
        for one in shares
    ]


def note(network: str) -> str | None:
    """Return the sentence that says what is left out for this network; None when nothing is."""
    if counters_may_leave(network):
        return None
    one = network_of(network)
    if not one.derived_metrics:
        return (
            f"Les conditions {of_name(one.name)} interdisent d’en tirer un score et de "
            "redistribuer ses compteurs en masse : ni score, ni compteur."
        )
    return (
        f"Les conditions {of_name(one.name)} n’autorisent pas la redistribution en masse de ses "
        "compteurs : listes et fichiers donnent scores et rangs, l’engagement et le rythme par "
        "quarts, les marges élargies à la dizaine, et rien dont on tirerait les abonnés."
    )


def require_counters(network: str) -> None:
    """Refuse counters that the network's terms let nobody hand on (raises 403)."""
    if not counters_may_leave(network):
        name = network_of(network).name
        raise HTTPException(
            403,
            f"Les conditions {of_name(name)} n’autorisent pas la redistribution en masse de ses "
            "compteurs. Ils se lisent compte par compte, sur le portail.",
        )


def require_scores(network: str) -> None:
    """Refuse a file of scores of a network that has none (raises 403)."""
    if not network_of(network).scored:
        raise HTTPException(403, why_unscored(network)[1])
