"""Scores, intervals, ranks and reasons of a month (methodology, 6, 7, 9 and 10)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from contracts.accounts import AccountObserved, AccountRegistered
from contracts.posts import PostObserved
from libs.verify.bareme import Bareme, Cell, cells, knots, points, quantiles, serving
from libs.verify.month import (
    DAY,
    Month,
    Observed,
    Place,
    distinct,
    home,
    of_the_month,
    rounded,
    second,
)
from libs.verify.posts import Audience, case_of
from libs.verify.standing import Interval, places_of, rank_of
from libs.verify.versions import Facts, Network, Rules


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the methodology says of an account for a month.

    `values` are KPI values (billionths), `points` their worth (millionths of a point), `margin` is
    how far the KPI of the interval may be off (billionths). Score, low, high in hundredths of a
    point; `places` are the best and the worst that the interval allows.
    """

    account: str
    network: str
    territory: str | None = None
    category: str | None = None
    stratum: str | None = None
    reason: str | None = None
    posts: int = 0
    measured: int = 0
    gaps: int = 0
    values: Mapping[str, int] = field(default_factory=dict[str, int])
    points: Mapping[str, int] = field(default_factory=dict[str, int])
    margin: int = 0
    score: int | None = None
    low: int | None = None
    high: int | None = None
    rank: int | None = None
    ranked: int | None = None
    places: tuple[int, int] | None = None
    stratum_rank: int | None = None
    stratum_ranked: int | None = None
    stratum_places: tuple[int, int] | None = None

    @property
    def interval(self) -> Interval | None:
        """Return low, score and high; None without a score."""
        if self.score is None or self.low is None or self.high is None:
            return None
        return self.low, self.score, self.high


def verdicts(rules: Rules, period: str, observed: Observed, bareme: Bareme) -> dict[str, Verdict]:
    """Return the verdict of every account of the month, by account."""
    found = _before_bareme(rules, period, observed)
    scored = {account: _scored(verdict, rules, bareme) for account, verdict in found.items()}
    return _with_ranks(scored)


def bareme(rules: Rules, period: str, observed: Observed) -> dict[tuple[str, str], Cell]:
    """Return the barème of a reference month, from its events (8.2 to 8.5)."""
    found = _before_bareme(rules, period, observed).values()
    members: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in found:
        if verdict.reason is None and verdict.category is not None:
            for cell in cells(verdict.network, verdict.category):
                members[cell].append(verdict)
    return {
        cell: Cell(
            len(verdicts),
            {
                kpi: knots(kpi, quantiles([verdict.values[kpi] for verdict in verdicts]), rules)
                for kpi in verdicts[0].values
            },
        )
        for cell, verdicts in members.items()
    }


def score(of_points: Mapping[str, int], weights: Mapping[str, int]) -> int:
    """Return the weighted mean of the points, in hundredths of a point (9.1)."""
    weighted = sum(weights[kpi] * worth for kpi, worth in of_points.items())
    return rounded(weighted, 10_000 * sum(weights[kpi] for kpi in of_points))


def _before_bareme(rules: Rules, period: str, observed: Observed) -> dict[str, Verdict]:
    month = Month.of(period)
    profiles: dict[str, list[AccountObserved]] = defaultdict(list)
    for event in distinct(observed.profiles):
        profiles[event.account].append(event)
    readings: dict[str, dict[str, list[PostObserved]]] = defaultdict(lambda: defaultdict(list))
    for reading in distinct(observed.posts):
        published = second(reading.published_at)
        in_time = month.start <= second(reading.slot) <= month.end + 8 * DAY
        if month.start <= published < month.end and in_time:
            readings[reading.account][reading.post].append(reading)
    return {
        name: _account(account, rules, month, profiles[name], readings[name], observed.places)
        for account in of_the_month(observed.accounts, month)
        for name in (account.account,)
    }


def _account(
    account: AccountRegistered,
    rules: Rules,
    month: Month,
    profiles: Sequence[AccountObserved],
    readings: Mapping[str, Sequence[PostObserved]],
    places: Mapping[str, Place],
) -> Verdict:
    territory = home(account, month)
    verdict = Verdict(account.account, account.network, territory, posts=len(readings))
    place = places.get(territory) if territory else None
    classable = place is not None and place.ranked and bool(place.population)
    if place is not None and classable:
        verdict = replace(verdict, category=place.category, stratum=place.stratum)
    network = rules.networks.get(account.network)
    if network is None:
        return replace(verdict, reason="unscored_network")
    if place is None or not classable or place.population is None:
        return replace(verdict, reason="unranked_territory")
    audience = Audience(profiles, month)
    cases = [
        case_of(network, of_post, audience, given_again=rules.given_again)
        for of_post in readings.values()
    ]
    rates = [case for case in cases if isinstance(case, int)]
    hidden, gaps = cases.count("hidden"), cases.count("gap")
    verdict = replace(verdict, measured=len(rates), gaps=gaps)
    reason = _reason(network, audience, len(readings), len(rates), hidden, gaps)
    if reason is not None:
        return replace(verdict, reason=reason)
    facts = Facts(
        audience.at_end or 0, audience.following_at_end or 0, place.population,
        len(readings), month.days, rates, tuple(readings.values()), audience.near,
    )  # fmt: skip
    return replace(
        verdict,
        values={kpi: rules.values[kpi](facts) for kpi in network.kpis if kpi in rules.weights},
        margin=rules.margin(facts),
    )


def _reason(
    network: Network, audience: Audience, posts: int, measured: int, hidden: int, gaps: int
) -> str | None:
    """Return why an account of a classable territory is not ranked, or None (7.1, 3 to 9)."""
    ends = {"followers": audience.at_end, "following": audience.following_at_end}
    if not network.has_following:
        del ends["following"]
    unknown = [counter for counter, value in ends.items() if value is None]
    if not audience.observed:
        return "not_observed"
    if any(audience.hides_at_end(counter) for counter in unknown):
        return "hidden"
    if unknown or not audience.known_at_start:
        return "followers_unknown"
    if posts < 4:
        return "few_posts"
    if 2 * hidden > posts:
        return "hidden"
    if 10 * gaps > posts:
        return "posts_gap"
    return "few_posts" if measured < 2 else None


def _scored(verdict: Verdict, rules: Rules, of_bareme: Bareme) -> Verdict:
    """Add points, score and interval (8.6, 8.7, 9.1, 9.2), or the reason « no_bareme »."""
    if verdict.reason is not None or verdict.category is None:
        return verdict
    cell = serving(verdict.network, verdict.category, of_bareme)
    if cell is None:
        return replace(verdict, reason="no_bareme")

    def worth_at(sampled: int) -> dict[str, int]:
        values = {**verdict.values, rules.interval: sampled}
        return {kpi: points(value, cell.knots[kpi]) for kpi, value in values.items()}

    sampled = verdict.values[rules.interval]
    worth = worth_at(sampled)
    return replace(
        verdict,
        points=worth,
        score=score(worth, rules.weights),
        low=score(worth_at(max(0, sampled - verdict.margin)), rules.weights),
        high=score(worth_at(sampled + verdict.margin), rules.weights),
    )


def _with_ranks(verdicts_: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Add ranks and places in category and stratum (10.1 to 10.4)."""
    categories: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    strata: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for verdict in verdicts_.values():
        if verdict.score is not None:
            categories[verdict.network, verdict.category].append(verdict.score)
            if verdict.stratum is not None:
                strata[verdict.network, verdict.stratum].append(verdict.score)

    def ranked(verdict: Verdict) -> Verdict:
        if verdict.interval is None or verdict.score is None:
            return verdict
        peers = categories[verdict.network, verdict.category]
        likes = strata.get((verdict.network, verdict.stratum))
        return replace(
            verdict,
            rank=rank_of(verdict.score, peers),
            ranked=len(peers),
            places=places_of(verdict.interval, peers),
            stratum_rank=rank_of(verdict.score, likes) if likes else None,
            stratum_ranked=len(likes) if likes else None,
            stratum_places=places_of(verdict.interval, likes) if likes else None,
        )

    return {account: ranked(verdict) for account, verdict in verdicts_.items()}
