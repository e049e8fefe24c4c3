"""The independent reading of the methodology: a month's scores from its events, in plain Python.

Written from docs/methodology.md alone; shares no code with the scorer. Tests compare the two for
every account; « Vérifier ce score » shows its arithmetic. Numbers in the docstrings are sections of
that document. All values are integers: KPI values and knots in billionths, points in millionths of
a point, scores in hundredths of a point, instants in whole seconds since 1970 UTC.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import isqrt
from typing import TypeVar
from zoneinfo import ZoneInfo

from contracts.accounts import AccountObserved, AccountRegistered
from contracts.posts import PostObserved

E = TypeVar("E", AccountObserved, PostObserved)

PARIS = ZoneInfo("Europe/Paris")
BILLION = 10**9
MILLION = 10**6
DAY = 86_400

WEIGHTS = {"engagement": 5, "reach": 4, "frequency": 3, "followers": 2, "follow_ratio": 1}
"""6.6, in the order of the KPIs."""

REQUIRED = {
    "facebook": ("likes", "comments", "shares"),
    "instagram": ("likes", "comments"),
    "bluesky": ("likes", "comments", "shares", "quotes"),
    "mastodon": ("likes", "comments", "shares"),
}
OPTIONAL = {"mastodon": ("quotes",)}
"""5.7: counters whose sum is the public interactions; a network that is not here has no score."""

WITHOUT_FOLLOWING = frozenset({"facebook"})

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
LARGEST = 9 * BILLION
"""6: interactions, followers and followings beyond count for that many."""
SMALLEST_CELL = 50
SMALLEST_LIST = 10

Knots = tuple[tuple[int, int], ...]
"""Value (billionths) → worth (points), increasing."""

Bareme = Mapping[tuple[str, str], "Cell"]
"""(network, category, family or « * ») → cell."""


@dataclass(frozen=True, slots=True)
class Place:
    """A territory of the registry: what 7.1 (reason 2), 10 and 11 need of it."""

    population: int | None
    category: str
    stratum: str | None
    ranked: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the barème: how many accounts it had, and the knots of each KPI (8.5)."""

    accounts: int
    knots: Mapping[str, Knots]


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in Europe/Paris (4.1): its first second, the next one's, its days."""

    start: int
    end: int
    days: int

    @classmethod
    def of(cls, period: str) -> "Month":
        """Return the month of a period such as « 2026-10 »."""
        year, month = (int(part) for part in period.split("-"))
        first = datetime(year, month, 1, tzinfo=PARIS)
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=PARIS)
        days = (following.date() - first.date()).days
        return cls(int(first.timestamp()), int(following.timestamp()), days)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the methodology says of an account for a month.

    `values` are KPI values (billionths), `points` their worth (millionths of a point), `margin` is
    1.96 standard error of the engagement (billionths). Score, low, high in hundredths of a point.
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
    stratum_rank: int | None = None
    stratum_ranked: int | None = None


def rounded(numerator: int, denominator: int) -> int:
    """Return the nearest integer, half up, of a ratio of integers ≥ 0 (2.4)."""
    return (2 * numerator + denominator) // (2 * denominator)


def second(moment: datetime) -> int:
    """Return an instant in whole seconds (2.1)."""
    return int(moment.timestamp())


def verdicts(
    period: str,
    accounts: Iterable[AccountRegistered],
    observed: Iterable[AccountObserved],
    posts: Iterable[PostObserved],
    places: Mapping[str, Place],
    bareme: Bareme,
) -> dict[str, Verdict]:
    """Return the verdict of every account of the month, by account.

    The events may repeat and come in any order.
    """
    found = _before_bareme(period, accounts, observed, posts, places)
    scored = {account: _scored(verdict, bareme) for account, verdict in found.items()}
    return _with_ranks(scored)


def bareme(
    period: str,
    accounts: Iterable[AccountRegistered],
    observed: Iterable[AccountObserved],
    posts: Iterable[PostObserved],
    places: Mapping[str, Place],
) -> dict[tuple[str, str], Cell]:
    """Return the barème of a reference month, from its events (8.2 to 8.5)."""
    found = _before_bareme(period, accounts, observed, posts, places).values()
    members: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in found:
        if verdict.reason is None and verdict.category is not None:
            for cell in _cells(verdict.network, verdict.category):
                members[cell].append(verdict)
    return {
        cell: Cell(
            len(verdicts),
            {
                kpi: knots(kpi, quantiles([verdict.values[kpi] for verdict in verdicts]))
                for kpi in verdicts[0].values
            },
        )
        for cell, verdicts in members.items()
    }


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


def knots(kpi: str, of_quantiles: Sequence[int]) -> Knots:
    """Return the knots of a KPI from its quantiles: published anchors, equal values, zero (8.5)."""
    held = list(zip(of_quantiles, (25, 50, 75, 95, 100), strict=True))
    five_percent = 50 * MILLION
    if kpi == "engagement" and held[3][0] > five_percent:
        held = [(x, worth) for x, worth in held if worth == 100 or x < five_percent]
        held.append((five_percent, 95))
    if kpi == "frequency":
        held = [(x, worth) for x, worth in held if worth != 100 and x != BILLION]
        held.append((BILLION, 100))
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


def score(of_points: Mapping[str, int]) -> int:
    """Return the weighted mean of the points, in hundredths of a point (9.1)."""
    weighted = sum(WEIGHTS[kpi] * worth for kpi, worth in of_points.items())
    return rounded(weighted, 10_000 * sum(WEIGHTS[kpi] for kpi in of_points))


def margin(rates: Sequence[int]) -> int:
    """Return 1.96 standard errors of the mean of engagement rates, in billionths (9.2)."""
    n = len(rates)
    spread = n * sum(rate * rate for rate in rates) - sum(rates) ** 2
    return isqrt(38_416 * spread // (10_000 * n * n * (n - 1)))


def _before_bareme(
    period: str,
    accounts: Iterable[AccountRegistered],
    observed: Iterable[AccountObserved],
    posts: Iterable[PostObserved],
    places: Mapping[str, Place],
) -> dict[str, Verdict]:
    month = Month.of(period)
    profiles: dict[str, list[AccountObserved]] = defaultdict(list)
    for event in _distinct(observed):
        profiles[event.account].append(event)
    readings: dict[str, dict[str, list[PostObserved]]] = defaultdict(lambda: defaultdict(list))
    for reading in _distinct(posts):
        published = second(reading.published_at)
        in_time = month.start <= second(reading.slot) <= month.end + 8 * DAY
        if month.start <= published < month.end and in_time:
            readings[reading.account][reading.post].append(reading)
    return {
        account.account: _account(
            account, month, profiles[account.account], readings[account.account], places
        )
        for account in _of_the_month(accounts, month)
    }


def _of_the_month(
    accounts: Iterable[AccountRegistered], month: Month
) -> Iterable[AccountRegistered]:
    """Keep the accounts that have a line for the month, each at its latest revision (3.1)."""
    latest: dict[str, AccountRegistered] = {}
    for account in accounts:
        held = latest.get(account.account)
        if held is None or account.revision > held.revision:
            latest[account.account] = account
    for account in latest.values():
        open_then = account.state == "verified" or (
            account.state == "closed" and second(account.changed_at) >= month.end
        )
        if account.owner_kind == "collectivité" and open_then:
            yield account


def _distinct(events: Iterable[E]) -> Iterable[E]:
    """Leave out what is declared, and repeats: of an id the latest observed is kept (3.3)."""
    latest: dict[str, E] = {}
    for event in events:
        if event.origin == "declared":
            continue
        held = latest.get(event.event_id)
        if held is None or event.observed_at > held.observed_at:
            latest[event.event_id] = event
    return latest.values()


def _home(account: AccountRegistered, month: Month) -> str | None:
    """Return the territory that gives the account its population and category (3.2)."""
    for owner in account.owners:
        begun = owner.since is None or second(owner.since) < month.end
        lasting = owner.until is None or second(owner.until) >= month.end
        if owner.home and begun and lasting:
            return owner.territory
    return None


def _account(
    account: AccountRegistered,
    month: Month,
    profiles: Sequence[AccountObserved],
    readings: Mapping[str, Sequence[PostObserved]],
    places: Mapping[str, Place],
) -> Verdict:
    territory = _home(account, month)
    verdict = Verdict(account.account, account.network, territory, posts=len(readings))
    place = places.get(territory) if territory else None
    classable = place is not None and place.ranked and bool(place.population)
    if place is not None and classable:
        verdict = replace(verdict, category=place.category, stratum=place.stratum)
    if account.network not in REQUIRED:
        return replace(verdict, reason="unscored_network")
    if place is None or not classable or place.population is None:
        return replace(verdict, reason="unranked_territory")
    audience = Audience(profiles, month)
    rates: list[int] = []
    hidden = gaps = 0
    for of_post in readings.values():
        case = _case(account.network, of_post, audience)
        if isinstance(case, int):
            rates.append(case)
        hidden += case == "hidden"
        gaps += case == "gap"
    verdict = replace(verdict, measured=len(rates), gaps=gaps)
    reason = _reason(account.network, audience, len(readings), len(rates), hidden, gaps)
    if reason is not None:
        return replace(verdict, reason=reason)
    return replace(
        verdict,
        values=_values(account.network, month, audience, place.population, len(readings), rates),
        margin=margin(rates),
    )


class Audience:
    """Followers and followings of an account around a month (5.1 to 5.3, 5.8)."""

    def __init__(self, profiles: Sequence[AccountObserved], month: Month) -> None:
        self._month = month
        near = (month.start - 3 * DAY, month.end + 3 * DAY)
        self._near = [
            p
            for p in profiles
            if near[0] <= second(p.observed_at) <= near[1]
            and near[0] - 31 * DAY <= second(p.slot) <= near[1] + 31 * DAY
        ]
        self._followers = self._known("followers")
        self.at_end = self._end(self._followers)
        self.following_at_end = self._end(self._known("following"))

    @property
    def observed(self) -> bool:
        """Tell whether the account was observed at all (7.1, reason 3)."""
        return bool(self._near)

    @property
    def known_at_start(self) -> bool:
        """Tell whether followers are known within 3 days of the start (5.3)."""
        return any(abs(at - self._month.start) <= 3 * DAY for at, _ in self._followers)

    def at(self, published: int) -> int | None:
        """Return the followers at the time of a post (5.8)."""
        before = [value for at, value in self._followers if at <= published]
        if before:
            return before[-1]
        after = [value for at, value in self._followers if published < at <= published + DAY]
        return after[0] if after else None

    def hides_at_end(self, counter: str) -> bool:
        """Tell whether its owner hides a counter within 3 days of the end (7.1, reason 4)."""
        return any(
            getattr(profile, counter) is None
            and ({**profile.absent}.get(counter) == "hidden")
            and abs(second(profile.observed_at) - self._month.end) <= 3 * DAY
            for profile in self._near
        )

    def _known(self, counter: str) -> list[tuple[int, int]]:
        """Return (second, value) of the known values, the greatest of a second, in order (5.1)."""
        greatest: dict[int, int] = {}
        for profile in self._near:
            value: int | None = getattr(profile, counter)
            at = second(profile.observed_at)
            if value is not None:
                greatest[at] = max(min(value, LARGEST), greatest.get(at, 0))
        return sorted(greatest.items())

    def _end(self, known: Sequence[tuple[int, int]]) -> int | None:
        """Return the value at the end of the month (5.2)."""
        end = self._month.end
        before = [value for at, value in known if end - 3 * DAY <= at <= end]
        if before:
            return before[-1]
        after = [value for at, value in known if end < at <= end + 3 * DAY]
        return after[0] if after else None


def _case(network: str, readings: Sequence[PostObserved], audience: Audience) -> int | str:
    """Return the engagement of a post (billionths), or « hidden », « deleted », « gap » (5.6).

    The readings are those of the month; where they differ on its date, the earliest holds (5.4).
    """
    published = min(second(reading.published_at) for reading in readings)
    ages = {id(reading): second(reading.observed_at) - published for reading in readings}
    week = _seventh_day(readings, ages)
    if week is None:
        gone = (r for r in readings if r.state == "deleted" and ages[id(r)] <= 8 * DAY)
        return "deleted" if any(gone) else "gap"
    null = [name for name in REQUIRED[network] if getattr(week, name) is None]
    if null:
        absent: dict[str, str] = {**week.absent}
        reasons = {absent.get(name, "not_asked") for name in null}
        return "hidden" if reasons & {"hidden", "not_published"} else "gap"
    followers = audience.at(published)
    if followers is None:
        return "gap"
    counters = (*REQUIRED[network], *OPTIONAL.get(network, ()))
    interactions = sum(getattr(week, name) or 0 for name in counters)
    return rounded(min(interactions, LARGEST) * BILLION, max(followers, 1))


def _seventh_day(readings: Sequence[PostObserved], ages: Mapping[int, int]) -> PostObserved | None:
    """Return the reading nearest to 7 days, between 6 and 8 (5.5)."""
    near = [r for r in readings if r.state == "present" and 6 * DAY <= ages[id(r)] <= 8 * DAY]
    return min(
        near,
        key=lambda r: (abs(ages[id(r)] - 7 * DAY), second(r.observed_at), r.slot),
        default=None,
    )


def _reason(
    network: str, audience: Audience, posts: int, measured: int, hidden: int, gaps: int
) -> str | None:
    """Return why an account of a classable territory is not ranked, or None (7.1, 3 to 9)."""
    ends = {"followers": audience.at_end, "following": audience.following_at_end}
    if network in WITHOUT_FOLLOWING:
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


def _values(
    network: str,
    month: Month,
    audience: Audience,
    population: int,
    posts: int,
    rates: Sequence[int],
) -> dict[str, int]:
    """Return the values of the KPIs that the network publishes, in billionths (6)."""
    followers = audience.at_end or 0
    values = {
        "engagement": rounded(sum(rates), len(rates)),
        "reach": rounded(followers * BILLION, population),
        "frequency": min(BILLION, rounded(posts * BILLION, month.days)),
        "followers": followers * BILLION,
    }
    if network not in WITHOUT_FOLLOWING:
        following = max(audience.following_at_end or 0, 1)
        values["follow_ratio"] = rounded(followers * BILLION, following)
    return values


def _cells(network: str, category: str) -> tuple[tuple[str, str], ...]:
    """Return the cells of an account, narrowest first (8.2, 8.3)."""
    return ((network, category), (network, FAMILIES[category]), (network, "*"))


def _scored(verdict: Verdict, of_bareme: Bareme) -> Verdict:
    """Add points, score and interval (8.6, 8.7, 9.1, 9.2), or the reason « no_bareme »."""
    if verdict.reason is not None or verdict.category is None:
        return verdict
    *narrow, network = (of_bareme.get(cell) for cell in _cells(verdict.network, verdict.category))
    cell = next((c for c in narrow if c and c.accounts >= SMALLEST_CELL), network)
    if cell is None:
        return replace(verdict, reason="no_bareme")

    def with_engagement(engagement: int) -> dict[str, int]:
        values = {**verdict.values, "engagement": engagement}
        known = cell.knots  # of the KPIs of its version: an older one does not have the latest
        return {kpi: points(value, known[kpi]) for kpi, value in values.items() if kpi in known}

    engagement = verdict.values["engagement"]
    worth = with_engagement(engagement)
    return replace(
        verdict,
        points=worth,
        score=score(worth),
        low=score(with_engagement(max(0, engagement - verdict.margin))),
        high=score(with_engagement(engagement + verdict.margin)),
    )


def _with_ranks(verdicts_: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Add the ranks in category and stratum (10.1 to 10.3)."""
    categories: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    strata: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for verdict in verdicts_.values():
        if verdict.score is not None:
            categories[verdict.network, verdict.category].append(verdict.score)
            if verdict.stratum is not None:
                strata[verdict.network, verdict.stratum].append(verdict.score)

    def ranked(verdict: Verdict) -> Verdict:
        if verdict.score is None:
            return verdict
        peers = categories[verdict.network, verdict.category]
        likes = strata.get((verdict.network, verdict.stratum))
        return replace(
            verdict,
            rank=_rank(verdict.score, peers),
            ranked=len(peers),
            stratum_rank=_rank(verdict.score, likes) if likes else None,
            stratum_ranked=len(likes) if likes else None,
        )

    return {account: ranked(verdict) for account, verdict in verdicts_.items()}


def _rank(of_score: int, among: Sequence[int]) -> int | None:
    if len(among) < SMALLEST_LIST:
        return None
    return 1 + sum(other > of_score for other in among)
