"""The barème: quantiles of a reference month become knots and worths (methodology, 8)."""

from contracts.territories import Category
from services.scorer.kpis import weighed
from services.scorer.methodologies import BaremeRules, Methodology
from services.scorer.month.facts import facts
from services.scorer.month.period import Month

Knots = tuple[tuple[int, int], ...]
"""(value in billionths, worth in points), both increasing, the first (0, 0)."""

TWENTIETHS = 20
"""Quantiles are of twentieths: each bound is read between two of them."""


def quantiles(month: Month, rules: Methodology) -> str:
    """Return the SELECT of the quantiles of a reference month (methodology, 8.2–8.4).

    Columns: network, scope, cell, kpi, accounts, quantiles (Array(Int64), billionths).
    """
    families = ", ".join(f"'{c.family.value}'" for c in Category)
    categories = ", ".join(f"'{c.value}'" for c in Category)
    values = ", ".join(f"('{kpi.slug}', {kpi.slug}_value)" for kpi in weighed(rules))
    return f"""
SELECT network, scope, cell, kpi, accounts,
    arrayMap(c -> toInt64({_quantile("c")}), {list(rules.bareme.twentieths)}) AS quantiles
FROM
(
    SELECT network, kpi, tupleElement(place, 1) AS scope, tupleElement(place, 2) AS cell,
        toUInt32(count()) AS accounts, arraySort(groupArray(toInt128(value))) AS sorted
    FROM
    (
        SELECT network, category, tupleElement(figure, 1) AS kpi,
            assumeNotNull(tupleElement(figure, 2)) AS value
        FROM ({facts(month, rules)})
        ARRAY JOIN [{values}] AS figure
        WHERE reason = '' AND tupleElement(figure, 2) IS NOT NULL
    )
    ARRAY JOIN [
        ('category', category),
        ('family', transform(category, [{categories}], [{families}], '')),
        ('network', '')] AS place
    GROUP BY network, kpi, scope, cell
)"""  # noqa: S608


def _quantile(twentieths: str) -> str:
    """Return the SQL of an inclusive quantile of the array `sorted`, half rounded up."""
    steps = f"{twentieths} * (toInt64(length(sorted)) - 1)"
    place, rest = f"intDiv({steps}, {TWENTIETHS})", f"({steps} % {TWENTIETHS})"
    lower = f"sorted[{place} + 1]"
    gap = f"if({rest} = 0, 0, sorted[{place} + 2] - {lower})"
    return f"{lower} + intDiv(2 * {rest} * ({gap}) + {TWENTIETHS}, {2 * TWENTIETHS})"


def knots(kpi: str, found: tuple[int, ...], rules: BaremeRules) -> Knots:
    """Return the knots of a KPI from the quantiles of a cell (methodology, 8.5).

    Published anchors replace the quantiles that they contradict, equal values keep the highest
    worth, and 0 is worth 0.
    """
    line = dict[int, int]()
    pairs = list(zip(found, rules.worths, strict=True))
    if (anchor := rules.at_least.get(kpi)) and _contradicted(pairs, anchor.value, anchor.worth):
        pairs = [p for p in pairs if p[0] < anchor.value or p[1] > anchor.worth]
        pairs.append((anchor.value, anchor.worth))
    if full := rules.full.get(kpi):
        pairs = [p for p in pairs if p[0] < full and p[1] < max(rules.worths)]
        pairs.append((full, max(rules.worths)))
    for value, worth in pairs:
        line[value] = max(worth, line.get(value, 0))
    line[0] = 0
    return tuple(sorted(line.items()))


def _contradicted(pairs: list[tuple[int, int]], value: int, worth: int) -> bool:
    """Tell whether the quantile of a worth lies beyond the value that is worth as much."""
    return any(at > value and points == worth for at, points in pairs)
