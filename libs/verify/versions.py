"""What each version of the methodology decides, written by hand from its text.

A new version is a new entry of `RULES`; none is ever edited, for months were published by it. A KPI
that a version weighs has a function here, from the facts of an account to its value (6).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isqrt

from contracts.accounts import AccountObserved
from contracts.posts import PostObserved
from libs.verify.month import BILLION, MILLION, rounded


@dataclass(frozen=True, slots=True)
class Facts:
    """What values are made of: counts, at most 9 × 10⁹; rates of the posts in billionths.

    For a KPI that asks for more: the readings of each post of the month, in any order, and the
    measures of the account that count (5.1).
    """

    followers: int
    following: int
    population: int
    posts: int
    days: int
    rates: Sequence[int]
    readings: Sequence[Sequence[PostObserved]] = ()
    measures: Sequence[AccountObserved] = ()


Value = Callable[[Facts], int]
"""The value of a KPI, or how far it may be off, in billionths."""


def rates_margin(facts: Facts) -> int:
    """Return 1.96 standard errors of the mean of the rates (9.2)."""
    n, rates = len(facts.rates), facts.rates
    spread = n * sum(rate * rate for rate in rates) - sum(rates) ** 2
    return isqrt(38_416 * spread // (10_000 * n * n * (n - 1)))


@dataclass(frozen=True, slots=True)
class Network:
    """5.7 and 6.6: counters whose sum is the interactions, and the KPIs that there are."""

    required: tuple[str, ...]
    kpis: tuple[str, ...]
    optional: tuple[str, ...] = ()
    has_following: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """A version: weights (6.6), values, published anchors (8.5) in billionths, networks scored.

    With `by_own_margin`, a move is judged by the interval of the month alone (9.3). With
    `given_again`, a post that is present after it was told deleted is not deleted (5.6).
    `interval` is the KPI whose sampling error, `margin`, makes the interval of a score (9.2).
    `use` is what networks weigh in the score of a territory (14.2): users of a thousand.
    """

    weights: Mapping[str, int]
    values: Mapping[str, Value]
    worth_95: Mapping[str, int]
    worth_100: Mapping[str, int]
    networks: Mapping[str, Network]
    use: Mapping[str, int]
    given_again: bool = False
    by_own_margin: bool = False
    interval: str = "engagement"
    margin: Value = rates_margin


class UnknownVersionError(Exception):
    """Nobody wrote a second reading of this version."""


def engagement(facts: Facts) -> int:
    """Return the mean of the rates (6.1)."""
    return rounded(sum(facts.rates), len(facts.rates))


def reach(facts: Facts) -> int:
    """Return followers by inhabitant (6.2)."""
    return rounded(facts.followers * BILLION, facts.population)


def frequency(facts: Facts) -> int:
    """Return posts a day, one at most (6.3)."""
    return min(BILLION, rounded(facts.posts * BILLION, facts.days))


def followers(facts: Facts) -> int:
    """Return the followers at the end (6.4)."""
    return facts.followers * BILLION


def follow_ratio(facts: Facts) -> int:
    """Return followers by account followed, one at least (6.5)."""
    return rounded(facts.followers * BILLION, max(facts.following, 1))


FIVE = ("engagement", "reach", "frequency", "followers", "follow_ratio")

FIRST = Rules(
    weights={"engagement": 5, "reach": 4, "frequency": 3, "followers": 2, "follow_ratio": 1},
    values={
        "engagement": engagement,
        "reach": reach,
        "frequency": frequency,
        "followers": followers,
        "follow_ratio": follow_ratio,
    },
    worth_95={"engagement": 50 * MILLION},
    worth_100={"frequency": BILLION},
    networks={
        "facebook": Network(("likes", "comments", "shares"), FIVE[:4], has_following=False),
        "instagram": Network(("likes", "comments"), FIVE),
        "bluesky": Network(("likes", "comments", "shares", "quotes"), FIVE),
        "mastodon": Network(("likes", "comments", "shares"), FIVE, optional=("quotes",)),
    },
    use={
        "facebook": 723,
        "instagram": 603,
        "snapchat": 432,
        "tiktok": 394,
        "x": 302,
        "pinterest": 281,
        "linkedin": 253,
    },
    by_own_margin=True,
)

RULES: Mapping[str, Rules] = {
    "2026-1": FIRST,
    "2026-2": replace(FIRST, given_again=True, by_own_margin=False),
}


def rules_of(version: str) -> Rules:
    """Return the rules of a version; raises `UnknownVersionError`."""
    if version not in RULES:
        raise UnknownVersionError(f"no second reading of {version}: {', '.join(RULES)} exist")
    return RULES[version]
