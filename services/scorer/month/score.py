"""Points, score and interval of a month, in SQL, from its facts and the barème (methodology, 8–9).

Integers throughout: values in billionths, points in millionths, scores in hundredths.
"""

from collections.abc import Mapping

from contracts.territories import Category
from services.scorer.kpi import rounded
from services.scorer.kpis import RULES, networks_of, shown, weighed
from services.scorer.methodologies import Methodology
from services.scorer.month.facts import facts
from services.scorer.month.period import Month

MILLION = 10**6
FULL = 100 * MILLION
"""The most that a KPI is worth, in millionths of a point."""

SCORED_COLUMNS = (
    "period",
    "methodology",
    "network",
    "category",
    "account",
    "territory",
    "territory_name",
    "stratum",
    "departement",
    "region",
    "population",
    "handle",
    "address",
    "origin",
    "reason",
    "score",
    "low",
    "high",
    "figures",
    "following",
    "points",
    "posts",
    "measured",
    "hidden_posts",
    "deleted_posts",
    "gaps",
    "scope",
)
"""The columns of `scores` that an account has by itself, in the order of `scored`."""


def scored(month: Month, rules: Methodology) -> str:
    """Return the SELECT that fills `scores` for a month, but for what compares accounts.

    Ranks, places and what preceded are in `services/scorer/month/rank.py`.
    """
    here = weighed(rules)
    points = ",\n        ".join(
        f"if(ranked_here AND {kpi.slug}_value IS NOT NULL,"
        f" {points_of(f'{kpi.slug}_value', kpi.slug)}, NULL) AS {kpi.slug}_points"
        for kpi in here
    )
    sampled = rules.interval.kpi
    value, margin = f"{sampled}_value", RULES[sampled].margin
    low, high = f"greatest({value} - {margin}, 0)", f"{value} + {margin}"
    own = {
        "period": f"'{month}'",
        "methodology": f"'{rules.version}'",
        "reason": "if(reason = '' AND scope = '', 'no_bareme', reason)",
        "score": _score(f"{sampled}_points", rules),
        "low": _score("low_points", rules),
        "high": _score("high_points", rules),
        "scope": "if(ranked_here, scope, '')",
        "figures": _known({kpi.slug: f"{kpi.slug}_value" for kpi in shown(rules)}),
        "points": _known({kpi.slug: f"{kpi.slug}_points" for kpi in here}),
    }
    selected = ", ".join(own.get(column, column) for column in SCORED_COLUMNS)
    return f"""
SELECT {selected}
FROM
(
    SELECT
        f.*, s.* EXCEPT (network, category),
        reason = '' AND scope != '' AS ranked_here,
        {points},
        if(ranked_here, {points_of(low, sampled)}, NULL) AS low_points,
        if(ranked_here, {points_of(high, sampled)}, NULL) AS high_points
    FROM ({facts(month, rules)}) AS f
    LEFT JOIN ({scales(rules)}) AS s ON s.network = f.network AND s.category = f.category
)"""  # noqa: S608


def _known(values: Mapping[str, str]) -> str:
    """Return the SQL of a map of the values that are known."""
    pairs = ", ".join(f"'{name}', {value}" for name, value in values.items())
    return f"mapFilter((kpi, value) -> isNotNull(value), map({pairs}))"


def points_of(value: str, kpi: str) -> str:
    """Return the SQL of the points of a value on the barème of a KPI (methodology, 8.6).

    `<kpi>_knots` and `<kpi>_worths` are the columns of `scales`.
    """
    x, knots, worths = f"toInt128(ifNull({value}, 0))", f"{kpi}_knots", f"{kpi}_worths"
    after = f"arrayFirstIndex(knot -> knot > {x}, {knots})"
    width = f"greatest(toInt128({knots}[{after}]) - {knots}[{after} - 1], 1)"
    gained = (
        f"{MILLION} * toInt128({worths}[{after}] - {worths}[{after} - 1])"
        f" * ({x} - {knots}[{after} - 1])"
    )
    return (
        f"toUInt32(multiIf({x} <= 0, 0, {x} >= {knots}[-1], {FULL},"
        f" {MILLION} * {worths}[{after} - 1] + {rounded(gained, width)}))"
    )


def scales(rules: Methodology) -> str:
    """Return the barème that serves each network × category (methodology, 8.7).

    Columns: network, category, scope and, for each KPI, `<kpi>_knots` and `<kpi>_worths`.
    """
    columns = [f"{kpi.slug}_{part}" for kpi in weighed(rules) for part in ("knots", "worths")]
    pivoted = ", ".join(
        f"anyIf({part}, kpi = '{kpi.slug}') AS {kpi.slug}_{part}"
        for kpi in weighed(rules)
        for part in ("knots", "worths")
    )
    categories = ", ".join(f"('{c.value}', '{c.family.value}')" for c in Category)
    chosen = ", ".join(f"argMin({column}, distance) AS {column}" for column in columns)
    return f"""
        SELECT network, category, argMin(cell_scope, distance) AS scope, {chosen}
        FROM
        (
            SELECT
                network, scope AS cell_scope, pair.1 AS category,
                indexOf(['category', 'family', 'network'], scope) AS distance, {", ".join(columns)}
            FROM
            (
                SELECT network, scope, cell, any(accounts) AS accounts, {pivoted}
                FROM bareme
                WHERE methodology = '{rules.version}'
                GROUP BY network, scope, cell
            )
            ARRAY JOIN [{categories}] AS pair
            WHERE (cell = '' OR cell = pair.1 OR cell = pair.2)
                AND (accounts >= {rules.bareme.smallest_cell} OR (scope = 'network' AND accounts > 0))
        )
        GROUP BY network, category"""  # noqa: E501, S608


def _score(sampled_points: str, rules: Methodology) -> str:
    """Return the SQL of the score in hundredths (methodology, 9.1), null when not ranked.

    `sampled_points` are those of the KPI whose sampling error makes the interval.
    """
    cases: list[str] = []
    for network in rules.networks:
        here = [kpi for kpi in weighed(rules) if network in networks_of(kpi, rules)]
        total = sum(rules.weights[kpi.slug] for kpi in here)
        terms = " + ".join(
            f"{rules.weights[kpi.slug]} * toUInt64("
            + (sampled_points if kpi.slug == rules.interval.kpi else f"{kpi.slug}_points")
            + ")"
            for kpi in here
        )
        cases.append(f"network = '{network}', {rounded(terms, str(total * 10_000))}")
    return f"toUInt16(if(ranked_here, multiIf({', '.join(cases)}, NULL), NULL))"
