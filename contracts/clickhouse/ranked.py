"""The columns of an account in a ranking, in SQL: written once for the views that give them.

A view writes `{ranked_account}` in its list of columns, over a row `s` of `scores`.
"""

MACRO = "{ranked_account}"


def ranked_account() -> str:
    """Return the columns as people read them: scores in points, ratios, names."""
    return """s.rank AS rank, s.ranked AS ranked, s.account AS account, s.network AS network,
    s.handle AS handle, s.address AS address,
    s.territory AS territory, s.territory_name AS territory_name, s.category AS category,
    {category_label} AS category_label,
    s.stratum AS stratum, s.departement AS departement, s.region AS region,
    s.population AS population,
    CAST(toDecimal32(s.score, 2) / 100 AS Nullable(Decimal(5, 2))) AS score,
    CAST(toDecimal32(s.low, 2) / 100 AS Nullable(Decimal(5, 2))) AS low,
    CAST(toDecimal32(s.high, 2) / 100 AS Nullable(Decimal(5, 2))) AS high,
    {kpi_figures},
    s.previous_rank AS previous_rank,
    CAST(toDecimal32(s.previous_score, 2) / 100 AS Nullable(Decimal(5, 2))) AS previous_score,
    s.origin AS origin"""
