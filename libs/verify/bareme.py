"""The barème: from the values of a reference month to points (methodology, 8)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.verify.month import MILLION, rounded
from libs.verify.versions import Rules

FAMILIES = {
    "villages": "communes",
    "petites-villes": "communes",
    "villes-moyennes": "communes",
    "grandes-villes": "communes",
    "communautes-de-communes": "epci",
    "communautes-d-agglomeration": "epci",
    "communautes-urbaines": "epci",
    "metropoles": "epci",
    "departements": "departements-regions",
    "regions": "departements-regions",
}
SMALLEST_CELL = 50
"""Accounts; a smaller cell uses that of its family."""

Knots = tuple[tuple[int, int], ...]
"""Value (billionths) → worth (points), increasing."""

Bareme = Mapping[tuple[str, str], "Cell"]
"""(network, category, family or « * ») → cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the barème: how many accounts it had, and the knots of each KPI (8.5)."""

    accounts: int
    knots: Mapping[str, Knots]


def quantiles(values: Sequence[int]) -> tuple[int, ...]:
    """Return the quantiles 0.25, 0.50, 0.75, 0.95, 1, inclusive method, as integers (8.4)."""
    ordered = sorted(values)
    found: list[int] = []
    for twentieths in (5, 10, 15, 19, 20):
        whole, rest = divmod(twentieths * (len(ordered) - 1), 20)
        value = ordered[whole]
        if rest:
            value += rounded(rest * (ordered[whole + 1] - value), 20)
        found.append(value)
    return tuple(found)


def knots(kpi: str, of_quantiles: Sequence[int], rules: Rules) -> Knots:
    """Return the knots of a KPI from its quantiles: published anchors, equal values, zero (8.5)."""
    held = list(zip(of_quantiles, (25, 50, 75, 95, 100), strict=True))
    if kpi in rules.worth_95 and held[3][0] > (anchor := rules.worth_95[kpi]):
        held = [(x, worth) for x, worth in held if worth == 100 or x < anchor]
        held.append((anchor, 95))
    if (full := rules.worth_100.get(kpi)) is not None:
        held = [(x, worth) for x, worth in held if worth != 100 and x != full]
        held.append((full, 100))
    best: dict[int, int] = {}
    for x, worth in held:
        best[x] = max(worth, best.get(x, 0))
    best[0] = 0
    return tuple(sorted(best.items()))


def points(value: int, at: Knots) -> int:
    """Return the worth of a value on its barème, in millionths of a point (8.6)."""
    if value == 0:
        return 0
    if value >= at[-1][0]:
        return 100 * MILLION
    right = bisect_right([x for x, _ in at], value)
    (x0, worth0), (x1, worth1) = at[right - 1], at[right]
    return MILLION * worth0 + rounded(MILLION * (worth1 - worth0) * (value - x0), x1 - x0)


def cells(network: str, category: str) -> tuple[tuple[str, str], ...]:
    """Return the cells of an account, narrowest first (8.2, 8.3)."""
    return ((network, category), (network, FAMILIES[category]), (network, "*"))


def serving(network: str, category: str, of_bareme: Bareme) -> Cell | None:
    """Return the cell that serves an account: the narrowest that is large enough (8.7)."""
    *narrow, whole = (of_bareme.get(cell) for cell in cells(network, category))
    return next((c for c in narrow if c and c.accounts >= SMALLEST_CELL), whole)
