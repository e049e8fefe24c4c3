"""The posts of a month and their followers, in SQL, one row an account (methodology, 5 and 6.1).

Counts travel packed in 64-bit integers, (instant, is a post, count), because comparing and sorting
integers is many times faster in the engine than tuples: 22 bits of seconds since three days before
the month, one bit, 34 bits of count (at most 9 × 10⁹).
"""

from collections.abc import Mapping
from datetime import datetime

from contracts.clickhouse.interactions import LARGEST_COUNT, interactions
from services.scorer.kpi import rounded
from services.scorer.kpis import facts_of
from services.scorer.methodologies import Methodology
from services.scorer.month.period import Month

COUNT_BITS = 34
"""Of a packed count; above it one bit marks a post, then comes the instant."""

INSTANT_SHIFT = COUNT_BITS + 1
SLOT_BITS = 43
"""Microseconds of a month and eight days."""

KNOWN, HIDDEN, UNKNOWN = 0, 1, 2
"""What is known of the counters that a network must give for a post."""

MICROSECOND = 10**6


def seconds(moment: datetime) -> int:
    """Return an instant as the engine compares it: whole seconds UTC."""
    return int(moment.timestamp())


def horizon(month: Month, rules: Methodology) -> int:
    """Return the instant from which packed seconds count."""
    return seconds(month.start) - rules.followers_near_ends


def pack(instant: str, count: str, month: Month, rules: Methodology, *, post: bool = False) -> str:
    """Return the SQL of a packed count."""
    mark = f" + {1 << COUNT_BITS}" if post else ""
    since = f"bitShiftLeft(toUInt64({instant} - {horizon(month, rules)}), {INSTANT_SHIFT})"
    return f"({since} + least({count}, {LARGEST_COUNT}){mark})"


def count_of(packed: str) -> str:
    """Return the SQL of the count in a packed one."""
    return f"bitAnd({packed}, {(1 << COUNT_BITS) - 1})"


def posts_by_account(month: Month, rules: Methodology) -> str:
    """Return the SELECT of what became of an account's posts (methodology, 5.4–5.6).

    Columns: account, posts, hidden_posts, deleted_posts, unread (gaps for want of a reading), and
    `complete`, the packed interactions of the posts that were read whole.
    """
    added = added_facts(facts_of(rules)[0], month)
    return f"""
        SELECT
            account,
            toUInt32(count()) AS posts,
            toUInt32(countIf(timely AND knowledge = {HIDDEN})) AS hidden_posts,
            toUInt32(countIf(NOT timely AND deleted)) AS deleted_posts,
            toUInt32(countIf(if(timely, knowledge = {UNKNOWN}, NOT deleted))) AS unread,
            groupArrayIf({pack("published", count_of("reading"), month, rules, post=True)},
                timely AND knowledge = {KNOWN}) AS complete{added}
        FROM ({_posts(month, rules)})
        GROUP BY account
    """  # noqa: S608


def _posts(month: Month, rules: Methodology) -> str:
    """Posts of the month, each with its reading at seven days (methodology, 5.4, 5.5).

    The best reading is the least of (distance to seven days, later than seven days, slot), packed.
    """
    start, end, ages = seconds(month.start), seconds(month.end), rules.reading
    distance = f"toUInt64(2 * abs(age - {ages.best}) + (age > {ages.best}))"
    added = facts_of(rules)[0]
    sums = {
        slug: (network.interactions, network.if_given) for slug, network in rules.networks.items()
    }
    slot = f"toUInt64(toUnixTimestamp64Micro(slot) - {start * MICROSECOND})"
    return f"""
        SELECT
            account,
            min(published) AS published,
            {"any(kind) AS kind," if added else ""}
            max(is_timely) AS timely,
            {_deleted(rules)} AS deleted,
            argMinIf(counted, bitShiftLeft({distance}, {SLOT_BITS}) + {slot}, is_timely) AS reading,
            bitShiftRight(reading, {COUNT_BITS}) AS knowledge
        FROM
        (
            SELECT
                account, post, slot, {"kind," if added else ""}
                toInt64(toUnixTimestamp(published_at)) AS published,
                toInt64(toUnixTimestamp(observed_at)) AS observed,
                observed - published AS age, state,
                state = 'present' AND age BETWEEN {ages.earliest} AND {ages.latest} AS is_timely,
                state = 'deleted' AND age <= {ages.latest} AS is_deleted,
                {interactions(sums)} AS total,
                if(isNull(total), bitShiftLeft(toUInt64({_knowledge(rules)}), {COUNT_BITS}),
                    toUInt64(assumeNotNull(total))) AS counted
            FROM post_observations FINAL
            WHERE origin != 'declared'
                AND slot >= fromUnixTimestamp64Micro({start * MICROSECOND})
                AND slot < fromUnixTimestamp64Micro({(end + ages.latest + 1) * MICROSECOND})
                AND published >= {start} AND published < {end}
        )
        GROUP BY account, post
    """  # noqa: S608


def _deleted(rules: Methodology) -> str:
    """Whether a post was deleted in time; where deletions stand, it was not given again since."""
    if rules.deletions == "told":
        return "max(is_deleted)"
    return "max(is_deleted) AND maxIf(observed, is_deleted) >= maxIf(observed, state = 'present')"


def added_facts(sql: Mapping[str, str], month: Month) -> str:
    """Return the SQL of the facts that KPIs add, to follow others in a SELECT."""
    bounds = {"start": seconds(month.start), "end": seconds(month.end)}
    return "".join(
        f",\n            {each.format(**bounds)} AS {name}" for name, each in sql.items()
    )


def _knowledge(rules: Methodology) -> str:
    """Why the interactions of a post are null: hidden from us, or not seen by us (5.6.1)."""
    cases: list[str] = []
    for slug, network in rules.networks.items():
        masked = " OR ".join(
            f"({counter} IS NULL AND absent['{counter}'] IN ('hidden', 'not_published'))"
            for counter in network.interactions
        )
        cases.append(f"network = '{slug}' AND ({masked}), {HIDDEN}")
    return f"multiIf({', '.join(cases)}, {UNKNOWN})"


def measured(rules: Methodology) -> dict[str, str]:
    """Return the SQL that measures the posts of an account, in order, by column (5.8, 6.1, 9.2).

    Reads `complete` and `audience`, the packed followers: both in one line of time, each post sees
    the followers last known; one before any of them, those of the 24 hours that follow.
    """
    a_post = f"bitTest(x, {COUNT_BITS})"
    when = f"bitShiftRight(x, {INSTANT_SHIFT})"
    soon = f"{when} + {rules.followers_after_post} >= first_instant AND notEmpty(audience)"
    rate = rounded(
        f"{count_of('tupleElement(m, 1)')} * toUInt64({10**9})",
        "greatest(tupleElement(m, 2), toUInt64(1))",
    )
    return {
        "timeline": "arraySort(arrayConcat(audience, complete))",
        "last_known": f"arrayFill(x -> NOT {a_post}, timeline)",
        "first_instant": f"bitShiftRight(arrayMin(audience), {INSTANT_SHIFT})",
        "first_count": (
            f"arrayMax(arrayMap(x -> if({when} = first_instant, {count_of('x')}, 0), audience))"
        ),
        "met": (
            "arrayFilter(m -> tupleElement(m, 3), arrayMap((x, y) -> ("
            f"x, if(bitTest(y, {COUNT_BITS}), first_count, {count_of('y')}),"
            f" {a_post} AND (NOT bitTest(y, {COUNT_BITS}) OR {soon})), timeline, last_known))"
        ),
        "rates": f"arrayMap(m -> {rate}, met)",
        "measured": "toUInt32(length(rates))",
        "rates_sum": "arrayReduce('sum', arrayMap(e -> toInt128(e), rates))",
        "rates_squares": ("arrayReduce('sum', arrayMap(e -> toInt256(e) * toInt256(e), rates))"),
    }
