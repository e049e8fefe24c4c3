"""The facts of a month, in SQL: one row an account, its KPIs in billionths, or why it has none.

Every subquery is a section of docs/methodology.md; nothing here is a floating-point figure but the
first guess of an integer square root.
"""

from collections.abc import Iterable

from contracts.clickhouse.interactions import LARGEST_COUNT
from services.scorer.kpi import rounded
from services.scorer.kpis import facts_of, shown, value_of
from services.scorer.methodologies import Methodology
from services.scorer.month.facts_posts import (
    added_facts,
    count_of,
    measured,
    pack,
    posts_by_account,
    seconds,
)
from services.scorer.month.period import Month

FAR_FROM_SLOT = 31 * 86_400
"""Further from its slot a measure is not counted (methodology, 5.1): a month reads its own years of
observations, not all there are."""

ACCOUNT_COLUMNS = (
    "account",
    "network",
    "handle",
    "address",
    "origin",
    "territory",
    "territory_name",
    "rankable",
    "category",
    "stratum",
    "departement",
    "region",
    "population",
)


def facts(month: Month, rules: Methodology) -> str:
    """Return the SELECT of a month's facts.

    Columns: those of `scores` up to `reason`, the counts of posts, the KPIs (billionths;
    followers and following are counts), `rates_margin` (1.96 standard error of the mean of the
    posts' rates, billionths).
    """
    derived = ",\n    ".join(
        f"toInt64({value_of(kpi, rules).format(days=month.days)}) AS {kpi.slug}_value"
        for kpi in shown(rules)
    )
    follows = (slug for slug, network in rules.networks.items() if "following" in network.account)
    return f"""
SELECT
    {", ".join(ACCOUNT_COLUMNS)},
    {_reason(month, rules)} AS reason,
    {derived},
    if(measured >= {rules.fewest_measured}, {_margin()}, NULL) AS rates_margin,
    followers, following, posts, if(scored, measured, NULL) AS measured,
    hidden_posts, deleted_posts, gaps
FROM
(
    SELECT
        {", ".join(f"a.{column} AS {column}" for column in ACCOUNT_COLUMNS)},
        network IN {_texts(rules.networks)} AS scored,
        network IN {_texts(follows)} AS follows,{_asked_by_kpis(rules)}
        if(scored, o.followers_end, NULL) AS followers,
        if(scored, o.following_end, NULL) AS following,
        o.observations AS observations,
        o.known_at_start AS known_at_start,
        o.followers_hidden AS followers_hidden,
        o.following_hidden AS following_hidden,
        o.audience AS audience,
        p.complete AS complete,
        {", ".join(f"{sql} AS {name}" for name, sql in measured(rules).items())},
        {", ".join(f"{sql} AS {name}" for name, sql in _margin_parts(rules).items())},
        {rounded("rates_sum", "toInt128(greatest(measured, 1))")} AS rates_mean,
        if(scored, p.posts, NULL) AS posts,
        if(scored, p.hidden_posts, NULL) AS hidden_posts,
        if(scored, p.deleted_posts, NULL) AS deleted_posts,
        if(scored, p.unread + length(complete) - measured, NULL) AS gaps
    FROM ({_accounts(month)}) AS a
    LEFT JOIN ({_observed(month, rules)}) AS o ON o.account = a.account
    LEFT JOIN ({posts_by_account(month, rules)}) AS p ON p.account = a.account
)"""  # noqa: S608


def _asked_by_kpis(rules: Methodology) -> str:
    """Return the columns that only some KPI asks for, of posts then of measures."""
    of_posts, of_account = facts_of(rules)
    columns = [f"p.{name} AS {name}" for name in of_posts]
    columns += [f"o.{name} AS {name}" for name in of_account]
    return "".join(f"\n        {column}," for column in columns)


def _accounts(month: Month) -> str:
    """Accounts of the month with their home (methodology, 3.1, 3.2, 11.4)."""
    end = seconds(month.end)
    return f"""
        SELECT
            r.account AS account, r.network AS network, r.handle AS handle, r.address AS address,
            r.origin AS origin, r.territory AS territory,
            ifNull(t.name, '') AS territory_name,
            t.code != '' AND t.ranked AND ifNull(t.population, 0) > 0 AS rankable,
            if(rankable, t.category, '') AS category,
            if(rankable, ifNull(t.stratum, ''), '') AS stratum,
            ifNull(t.departement, '') AS departement,
            ifNull(t.region, '') AS region,
            t.population AS population
        FROM
        (
            SELECT
                account, network, handle, address, origin,
                arrayFirst(
                    o -> o.home
                        AND (isNull(o.since) OR toUnixTimestamp(assumeNotNull(o.since)) < {end})
                        AND (isNull(o.until) OR toUnixTimestamp(assumeNotNull(o.until)) >= {end}),
                    owners) AS home,
                tupleElement(home, 'territory') AS territory
            FROM accounts FINAL
            WHERE owner_kind = 'collectivité'
                AND (state = 'verified' OR (state = 'closed' AND toUnixTimestamp(changed_at) >= {end}))
        ) AS r
        LEFT JOIN
        (
            SELECT code, name, ranked, population, category, stratum, departement, region
            FROM territories
            WHERE year = (
                SELECT if(countIf(year <= {month.year}) > 0, maxIf(year, year <= {month.year}), min(year))
                FROM territories)
        ) AS t ON t.code = r.territory
    """  # noqa: E501, S608


def _observed(month: Month, rules: Methodology) -> str:
    """Followers and following around a month, one row an account (methodology, 5.1–5.3, 7).

    Of two measures in one second the greater count holds: packed, it is the greater integer.
    """
    near, start, end = rules.followers_near_ends, seconds(month.start), seconds(month.end)
    late = near + FAR_FROM_SLOT

    def at_end(counter: str) -> str:
        before = f"{counter} IS NOT NULL AND seen BETWEEN {end - near} AND {end}"
        after = f"{counter} IS NOT NULL AND seen > {end}"
        last = f"maxIf({pack('seen', f'assumeNotNull({counter})', month, rules)}, {before})"
        complement = f"{LARGEST_COUNT} - least(assumeNotNull({counter}), {LARGEST_COUNT})"
        first = f"minIf({pack('seen', complement, month, rules)}, {after})"
        return (
            f"multiIf(countIf({before}) > 0, toNullable({count_of(last)}),"
            f" countIf({after}) > 0, toUInt64({LARGEST_COUNT} - {count_of(first)}), NULL)"
        )

    def hidden(counter: str) -> str:
        masked = f"{counter} IS NULL AND absent['{counter}'] = 'hidden'"
        return f"countIf(seen >= {end - near} AND {masked}) > 0"

    followers = pack("seen", "assumeNotNull(followers)", month, rules)
    added = added_facts(facts_of(rules)[1], month)
    return f"""
        SELECT
            account,
            count() AS observations,
            countIf(followers IS NOT NULL AND seen <= {start + near}) > 0 AS known_at_start,
            {at_end("followers")} AS followers_end,
            {at_end("following")} AS following_end,
            {hidden("followers")} AS followers_hidden,
            {hidden("following")} AS following_hidden,
            groupArrayIf({followers}, followers IS NOT NULL) AS audience{added}
        FROM
        (
            SELECT account, toInt64(toUnixTimestamp(observed_at)) AS seen, followers, following, absent
            FROM account_observations FINAL
            WHERE origin != 'declared' AND seen BETWEEN {start - near} AND {end + near}
                AND slot >= fromUnixTimestamp({start - late}) AND slot < fromUnixTimestamp({end + late + 1})
        )
        GROUP BY account
    """  # noqa: E501, S608


def _reason(month: Month, rules: Methodology) -> str:
    """Why an account is not ranked, in the order of the methodology (7.1); empty: ranked."""
    unfollowing = "follows AND following IS NULL"
    blind = f"followers IS NULL OR ({unfollowing})"
    cases = (
        ("NOT scored", "unscored_network"),
        ("NOT rankable", "unranked_territory"),
        ("observations = 0", "not_observed"),
        (
            f"(followers IS NULL AND followers_hidden) OR ({unfollowing} AND following_hidden)",
            "hidden",
        ),
        (f"NOT known_at_start OR {blind}", "followers_unknown"),
        (f"posts < {rules.fewest_posts}", "few_posts"),
        (f"100 * hidden_posts > {rules.largest_hidden_percent} * posts", "hidden"),
        (f"100 * gaps > {rules.largest_gap_percent} * posts", "posts_gap"),
        (f"measured < {rules.fewest_measured}", "few_posts"),
    )
    return f"multiIf({', '.join(f'ifNull({when}, 0), {why!r}' for when, why in cases)}, '')"


def _margin() -> str:
    """1.96 standard error of the mean rate, in billionths: an integer root (methodology, 9.2).

    The greatest H such that H² × n² × (n − 1) × 100² is not above 196² × D. The root of a double is
    the first guess, off by one at most.
    """
    fits = "({guess}) * ({guess}) * margin_divisor <= margin_square"
    guess = "margin_guess"
    return (
        f"{guess} - toInt256(NOT {fits.format(guess=guess)})"
        f" + toInt256({fits.format(guess=f'{guess} + 1')})"
    )


def _margin_parts(rules: Methodology) -> dict[str, str]:
    """Return the SQL of what `_margin` reads, by column."""
    n = "toInt256(measured)"
    return {
        "margin_square": (
            f"{rules.interval.hundredths**2} * ({n} * rates_squares"
            " - toInt256(rates_sum) * toInt256(rates_sum))"
        ),
        "margin_divisor": f"10000 * {n} * {n} * ({n} - 1)",
        "margin_guess": (
            "toInt256(floor(sqrt(toFloat64(margin_square)"
            " / greatest(toFloat64(margin_divisor), 1))))"
        ),
    }


def _texts(networks: Iterable[str]) -> str:
    quoted = ", ".join(f"'{network}'" for network in networks)
    return f"({quoted})"
