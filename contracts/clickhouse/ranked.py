"""The columns of an account in a ranking, in SQL: written once for the views that give them.

A view writes the name of what it wants in its list of columns, over a row `s` of `scores`; those of
the month before are over a row `b` of `{before_of_…}`, which it joins: the history as it is now,
whatever the order in which months were computed.
"""

from collections.abc import Mapping

MONTH_BEFORE = (
    "formatDateTime(toDateOrZero(concat({period:String}, '-01')) - INTERVAL 1 MONTH, '%Y-%m')"
)


def ranked() -> Mapping[str, str]:
    """Return each name with its SQL."""
    return {
        "{ranked_account}": ranked_account(),
        "{score_points}": score_points(),
        "{as_published_before}": as_published_before(),
        "{before_columns}": before_columns(),
        "{before_of_network}": before("({network:String} = '' OR network = {network:String})"),
        "{before_of_account}": before("account = {account:String}"),
        "{before_of_territory}": before("territory = {territory:String}"),
    }


def ranked_account() -> str:
    """Return the columns as people read them: scores in points, ratios, names."""
    return f"""s.rank AS rank, s.ranked AS ranked, s.low_rank AS low_rank, s.high_rank AS high_rank,
    s.account AS account, s.network AS network,
    s.handle AS handle, s.address AS address,
    s.territory AS territory, s.territory_name AS territory_name, s.category AS category,
    {{category_label}} AS category_label,
    s.stratum AS stratum, s.departement AS departement, s.region AS region,
    s.population AS population,
    {score_points()},
    {{kpi_figures}},
    s.origin AS origin"""


def score_points() -> str:
    """Return a score and its interval."""
    return ",\n    ".join(f"{points(f's.{name}')} AS {name}" for name in ("score", "low", "high"))


def points(hundredths: str) -> str:
    """Return hundredths of a point as points."""
    return f"CAST(toDecimal32({hundredths}, 2) / 100 AS Nullable(Decimal(5, 2)))"


def before_columns() -> str:
    """Return the columns of the month before; null where it has no score of the account."""
    return f"""{points("b.score")} AS previous_score,
    {points("b.low")} AS previous_low,
    {points("b.high")} AS previous_high,
    b.rank AS previous_rank, b.stratum_rank AS previous_stratum_rank,
    nullIf(b.methodology, '') AS previous_methodology"""


def as_published_before() -> str:
    """Return what was published of the month before when this one was computed."""
    return f"""s.previous_rank AS previous_rank,
    {points("s.previous_score")} AS previous_score"""


def before(kept: str) -> str:
    """Return the join of the month before, of the rows that a condition keeps."""
    return f"""LEFT JOIN
(
    SELECT account, score, low, high, rank, stratum_rank, toString(methodology) AS methodology
    FROM scores
    WHERE period = {MONTH_BEFORE} AND reason = '' AND {kept}
        AND methodology = (SELECT any(methodology) FROM periods WHERE period = {MONTH_BEFORE})
) AS b ON b.account = s.account"""  # noqa: S608
