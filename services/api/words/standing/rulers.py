"""The barème of a KPI as a ruler: where a value stands between the knots of its cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.kpis import BY_SLUG, Kpi
from contracts.territories import Category, Family
from libs import french
from libs.french import NO_BREAK
from services.api.figures.rows import AccountScore, BaremeKnots, KpiShare

BILLION = 10**9
FAMILIES = {
    Family.COMMUNES: "communes",
    Family.EPCI: "intercommunalités",
    Family.DEPARTEMENTS_REGIONS: "départements et régions",
    Family.AUTRES: "autres organismes",
}
SMALLEST_CELL = 50
"""Accounts under which a cell of the barème does not serve (methodology, 8.7)."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A knot: how many points (0 to 100), and the value that is worth them."""

    points: int
    value: str


@dataclass(frozen=True, slots=True)
class Ruler:
    """The ruler of a KPI; `points` is where the account stands on it, `median` the value of 50."""

    kpi: KpiShare
    ticks: Sequence[Tick]
    points: float
    value: str
    median: str
    cell: str


def rulers(
    kpis: Sequence[KpiShare], score: AccountScore, knots: Sequence[BaremeKnots]
) -> list[Ruler]:
    """Return a ruler for each KPI that has points, by the cell that served the account."""
    found = served(score, knots)
    return [
        _ruler(one, found[one.kpi], score)
        for one in kpis
        if one.points is not None and one.kpi in found
    ]


def served(score: AccountScore, knots: Sequence[BaremeKnots]) -> dict[str, BaremeKnots]:
    """Return the barème of each KPI in the cell that serves an account."""
    return {one.kpi: one for one in knots if _serves(one, score)}


def step(value: int, kpi: Kpi, knots: BaremeKnots) -> str:
    """Write how a value (billionths) becomes its points between two knots, as one may retype it.

    « 75 + 20 × (5,0950 − 4,6900) ÷ (5,0000 − 4,6900) »; percents where the KPI is a ratio.
    """
    pairs = list(zip(knots.knots, knots.worths, strict=True))
    if value <= 0:
        return "0"
    above = next((place for place, (knot, _) in enumerate(pairs) if knot > value), None)
    if above is None:
        return f"100, à partir de {_typed(pairs[-1][0], kpi)}"
    (low, least), (high, most) = pairs[above - 1], pairs[above]
    now, low, high = (_typed(one, kpi) for one in (value, low, high))
    return f"{least} + {most - least} × ({now} − {low}) ÷ ({high} − {low})"


def _typed(billionths: int, kpi: Kpi) -> str:
    percents = 100 if kpi.unit == "ratio" else 1
    return french.number(percents * billionths / BILLION, 0 if kpi.whole else 4)


def _serves(knots: BaremeKnots, score: AccountScore) -> bool:
    if knots.network != score.network or knots.scope != score.scope or not score.category:
        return False
    category = Category(score.category)
    cells = {"category": category.value, "family": category.family.value, "network": ""}
    return knots.cell == cells.get(knots.scope)


def _ruler(kpi: KpiShare, knots: BaremeKnots, score: AccountScore) -> Ruler:
    pairs = list(zip(knots.knots, knots.worths, strict=True))
    ticks = [Tick(worth, _written(kpi, value)) for value, worth in pairs]
    median = next((_written(kpi, value) for value, worth in pairs if worth == 50), french.UNKNOWN)
    value = french.quantity(kpi.value, kpi.unit)
    return Ruler(kpi, ticks, kpi.points or 0.0, value, median, cell_named(knots, score))


def _written(kpi: KpiShare, billionths: int) -> str:
    value = billionths / BILLION
    if kpi.unit == "per_day":
        return french.number(value, 2)
    return french.number(value) if BY_SLUG[kpi.kpi].whole else french.quantity(value, kpi.unit)


def cell_named(knots: BaremeKnots, score: AccountScore) -> str:
    """Write whose barème it is: « 188 intercommunalités, car moins de 50 métropoles »."""
    category = Category(score.category or Category.AUTRES)
    if knots.scope == "category":
        return f"{french.number(knots.accounts)}{NO_BREAK}comptes{NO_BREAK}: {category.label}"
    who = FAMILIES[category.family] if knots.scope == "family" else "toutes collectivités"
    return (
        f"{french.number(knots.accounts)}{NO_BREAK}comptes{NO_BREAK}: {who}, car moins de "
        f"{SMALLEST_CELL} comptes de {category.label}"
    )
