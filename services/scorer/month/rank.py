"""Ranks and places of a month, in SQL, over its scores (methodology, 10)."""

from services.scorer.methodologies import Methodology
from services.scorer.month.score import SCORED_COLUMNS


def compared(rules: Methodology) -> dict[str, str]:
    """Return the SQL of the columns that compare an account with others, or with its past."""
    listed = f"cell_ranked < {rules.fewest_ranked}"
    in_rank = f"is_ranked AND NOT {listed}"
    in_stratum = "is_ranked AND stratum != ''"
    in_stratum_rank = f"{in_stratum} AND band_ranked >= {rules.fewest_ranked}"
    order = f"NOT is_ranked, if({listed}, 0, cell_rank), territory_name, address, account"
    return {
        "place": f"row_number() OVER (PARTITION BY network, category ORDER BY {order})",
        "rank": f"if({in_rank}, cell_rank, NULL)",
        "ranked": "if(is_ranked, cell_ranked, NULL)",
        "low_rank": f"if({in_rank}, cell_low_rank, NULL)",
        "high_rank": f"if({in_rank}, cell_high_rank, NULL)",
        "stratum_rank": f"if({in_stratum_rank}, band_rank, NULL)",
        "stratum_ranked": f"if({in_stratum}, band_ranked, NULL)",
        "stratum_low_rank": f"if({in_stratum_rank}, band_low_rank, NULL)",
        "stratum_high_rank": f"if({in_stratum_rank}, band_high_rank, NULL)",
        "previous_score": "before_score",
        "previous_rank": "before_rank",
        "previous_stratum_rank": "before_stratum_rank",
    }


def columns(rules: Methodology) -> str:
    """Return the columns that `ranked` gives, for its INSERT."""
    return ", ".join((*SCORED_COLUMNS, *compared(rules)))


def ranked(scored: str, rules: Methodology, previous: tuple[str, str] | None) -> str:
    """Return the SELECT of complete rows of `scores` from a table of scored ones.

    `previous` is the period and methodology published for the month before, if there is one.
    """
    period, methodology = previous or ("", "")
    return f"""
SELECT {", ".join((*SCORED_COLUMNS, *(f"{sql} AS {name}" for name, sql in compared(rules).items())))}
FROM
(
    SELECT
        {", ".join(f"s.{column} AS {column}" for column in SCORED_COLUMNS)},
        s.reason = '' AS is_ranked,
        rank() OVER (PARTITION BY s.network, s.category, is_ranked ORDER BY s.score DESC) AS cell_rank,
        count() OVER (PARTITION BY s.network, s.category, is_ranked) AS cell_ranked,
        rank() OVER (PARTITION BY s.network, s.stratum, is_ranked ORDER BY s.score DESC) AS band_rank,
        count() OVER (PARTITION BY s.network, s.stratum, is_ranked) AS band_ranked,
        1 + l.at_or_above - (s.score > s.low) AS band_low_rank,
        1 + h.at_or_above AS band_high_rank,
        1 + cl.at_or_above - (s.score > s.low) AS cell_low_rank,
        1 + ch.at_or_above AS cell_high_rank,
        p.score AS before_score, p.rank AS before_rank, p.stratum_rank AS before_stratum_rank
    FROM (SELECT *, toInt32(ifNull(low, 0)) AS floor, toInt32(ifNull(high, 0)) AS ceiling FROM {scored}) AS s
    ASOF LEFT JOIN ({_above(scored, "stratum")}) AS l
        ON l.network = s.network AND l.stratum = s.stratum AND s.floor < l.score
    ASOF LEFT JOIN ({_above(scored, "stratum")}) AS h
        ON h.network = s.network AND h.stratum = s.stratum AND s.ceiling < h.score
    ASOF LEFT JOIN ({_above(scored, "category")}) AS cl
        ON cl.network = s.network AND cl.category = s.category AND s.floor < cl.score
    ASOF LEFT JOIN ({_above(scored, "category")}) AS ch
        ON ch.network = s.network AND ch.category = s.category AND s.ceiling < ch.score
    LEFT JOIN
    (
        SELECT account, score, rank, stratum_rank FROM scores
        WHERE period = '{period}' AND methodology = '{methodology}'
    ) AS p ON p.account = s.account
)"""  # noqa: E501, S608


def _above(scored: str, cell: str) -> str:
    """For each score of a cell (its column), how many ranked accounts have it or a better one."""
    return f"""
        SELECT network, {cell}, toInt32(assumeNotNull(score)) AS score,
            toUInt32(sum(n) OVER (PARTITION BY network, {cell} ORDER BY score DESC)) AS at_or_above
        FROM
        (
            SELECT network, {cell}, score, count() AS n FROM {scored}
            WHERE reason = '' AND {cell} != '' GROUP BY network, {cell}, score
        )"""  # noqa: S608
