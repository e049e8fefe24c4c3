"""Months of the whole invented France as pages have them, by the independent reading alone.

No broker and no engine: half a minute of one core a month, what `simulation` draws and
`libs/verify` counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from contracts.kpis import BY_SLUG as KPIS
from contracts.networks import BY_SLUG
from libs import verify
from libs.verify.bareme import cells, knots, points, quantiles, serving
from libs.verify.month import BILLION, DAY, MILLION, rounded
from libs.verify.score import score
from libs.verify.standing import places_of, rank_of
from libs.verify.versions import Facts
from services.api.figures.rows import AccountScore, BaremeKnots, KpiShare, MonthScore
from simulation.country.accounts import Account
from simulation.country.world import World

VERSION = "2026-2"
RULES = verify.rules_of(VERSION)


class Line(NamedTuple):
    """A month of an account: values of its KPIs, margin of its engagement, posts, followers."""

    values: dict[str, int]
    margin: int
    posts: int
    followers: int


class Told(NamedTuple):
    """A month of an account, as its page reads it."""

    account: Account
    score: AccountScore
    kpis: list[KpiShare]
    knots: list[BaremeKnots]
    history: list[MonthScore]
    among: list[int]
    """Scores of those who are ranked with it, in hundredths, its own with them."""


def followed(world: World) -> Iterator[Account]:
    """The accounts on a scored network that may be observed."""
    for account in world.walk():
        if account.network in RULES.networks and account.rules.observable(account):
            yield account


def line(world: World, account: Account, period: str, rules: verify.Rules = RULES) -> Line | None:
    """What the methodology makes of a month of an account; None where it has no score."""
    month = verify.Month.of(period)
    network, read = rules.networks[account.network], BY_SLUG[account.network].interactions
    territory = world.place_by_code[account.home].territory
    if not territory.ranked or not territory.population or account.hidden:
        return None
    if account.created > month.start or account.closed_by(month.end):
        return None
    posts = world.press.between(account, month.start, month.end)
    rates: list[int] = []
    for post in posts:
        then = post.created + 7 * DAY
        if post.shown_at(then) and not post.likes_hidden:
            counters = world.counters(post, then)._asdict()
            total = sum(counters[name] for name in (*read, *network.optional))
            rates.append(rounded(total * BILLION, max(1, world.followers(account, post.created))))
    if len(posts) < 4 or len(rates) < 2:
        return None
    followers = world.followers(account, month.end - 1)
    facts = Facts(followers, account.following, territory.population, len(posts), month.days, rates)
    values = {kpi: rules.values[kpi](facts) for kpi in network.kpis}
    return Line(values, rules.margin(facts), len(posts), followers)


def bareme_of(
    lines: Mapping[Account, Line], category: Mapping[str, str], rules: verify.Rules = RULES
) -> verify.Bareme:
    """The barème of a month."""
    members: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for account, one in lines.items():
        for cell in cells(account.network, category[account.home]):
            members[cell].append(one)
    return {
        cell: verify.Cell(
            len(held),
            {
                kpi: knots(kpi, quantiles([one.values[kpi] for one in held]), rules)
                for kpi in held[0].values
            },
        )
        for cell, held in members.items()
    }


def interval(of: Line, engagement: Line, cell: verify.Cell, rules: verify.Rules) -> verify.Interval:
    """The score of a month, and its bounds, with the engagement of another."""
    mean, width = engagement.values["engagement"], engagement.margin

    def scored(value: int) -> int:
        values = of.values | {"engagement": value}
        worth = {kpi: points(one, cell.knots[kpi]) for kpi, one in values.items()}
        return score(worth, rules.weights)

    return scored(max(0, mean - width)), scored(mean), scored(mean + width)


def told(world: World, period: str, months_before: Iterable[str]) -> list[Told]:
    """Every scored account of a month, its barème that of the same month."""
    place = {one.territory.code: one.territory for one in world.places}
    category = {code: one.category.value for code, one in place.items()}
    found = {a: one for a in followed(world) if (one := line(world, a, period)) is not None}
    bareme = bareme_of(found, category)
    served = {a: serving(a.network, category[a.home], bareme) for a in found}
    bounds = {a: interval(one, one, served[a], RULES) for a, one in found.items()}
    groups: dict[tuple[str, str], list[Account]] = defaultdict(list)
    for account in found:
        for group in {category[account.home], place[account.home].stratum or ""} - {""}:
            groups[account.network, group].append(account)
    scores = {group: [bounds[a][1] for a in those] for group, those in groups.items()}
    middle = {
        group: {
            kpi: quantiles([found[a].values[kpi] for a in those])[1] / BILLION
            for kpi in found[those[0]].values
        }
        for group, those in groups.items()
    }
    before = list(months_before)
    answer: list[Told] = []
    for account, one in found.items():
        of = place[account.home]
        own, cell = (account.network, category[account.home]), served[account]
        same = (account.network, of.stratum) if of.stratum else own
        scope = next(
            scope
            for scope, key in zip(
                ("category", "family", "network"), cells(*own), strict=True
            )
            if bareme.get(key) is cell
        )  # fmt: skip
        row = _score(period, account, of, one, bounds[account], scores[own], scores.get(same, []))
        answer.append(
            Told(
                account,
                row.model_copy(update={"scope": scope}),
                _kpis(one, cell, middle[own]),
                _knots(account.network, category[account.home], scope, cell),
                [_month(world, account, name) for name in before] + [row],
                scores[same],
            )
        )
    return answer


def _hundredths(value: int) -> Decimal:
    return Decimal(value) / 100


def _score(period, account, of, one, bounds, in_category, in_stratum) -> AccountScore:
    low, mid, high = bounds
    places = places_of(bounds, in_category) or (None, None)
    near = places_of(bounds, in_stratum) if of.stratum else None
    return AccountScore(
        account=account.id, network=account.network, territory=of.code, period=period,
        state="final", methodology=VERSION, revision=0,
        score=_hundredths(mid), low=_hundredths(low), high=_hundredths(high),
        rank=rank_of(mid, in_category), ranked=len(in_category),
        high_rank=places[0], low_rank=places[1],
        category=of.category.value, stratum=of.stratum, stratum_label=None,
        stratum_rank=rank_of(mid, in_stratum) if near else None,
        stratum_ranked=len(in_stratum) if near else None,
        stratum_high_rank=near[0] if near else None, stratum_low_rank=near[1] if near else None,
        previous_score=None, previous_low=None, previous_high=None, previous_methodology=None,
        previous_rank=None, previous_stratum_rank=None,
        reason=None, posts=one.posts, gaps=0, followers=one.followers, scope="category",
        computed_at=datetime(2026, 11, 9, tzinfo=UTC), origin="simulation",
    )  # fmt: skip


def _kpis(one: Line, cell: verify.Cell, middle: Mapping[str, float]) -> list[KpiShare]:
    weights = {kpi: RULES.weights[kpi] for kpi in one.values}
    whole = sum(weights.values())
    found: list[KpiShare] = []
    for kpi, weight in weights.items():
        worth = points(one.values[kpi], cell.knots[kpi]) / MILLION
        found.append(
            KpiShare(
                kpi=kpi,
                label=KPIS[kpi].label,
                unit=KPIS[kpi].unit,
                value=one.values[kpi] / BILLION,
                points=round(worth, 2),
                weight=weight,
                contribution=round(worth * weight / whole, 2),
                lost=round((100 - worth) * weight / whole, 2),
                cell_median=middle[kpi],
                explanation="",
            )
        )
    return found


def _knots(network: str, category: str, scope: str, cell: verify.Cell) -> list[BaremeKnots]:
    key = cells(network, category)[("category", "family", "network").index(scope)][1]
    return [
        BaremeKnots(
            methodology=VERSION, reference="2026-10", origin="simulation", network=network,
            scope=scope, cell="" if scope == "network" else key, kpi=kpi, accounts=cell.accounts,
            knots=[x for x, _ in held], worths=[worth for _, worth in held],
        )
        for kpi, held in cell.knots.items()
    ]  # fmt: skip


def _month(world: World, account: Account, period: str) -> MonthScore:
    month = verify.Month.of(period)
    known = account.created <= month.start and not account.closed_by(month.end)
    posts = len(world.press.between(account, month.start, month.end)) if known else None
    return MonthScore(
        period=period, score=None, low=None, high=None, rank=None, ranked=None, stratum_rank=None,
        stratum_ranked=None, reason="few_posts", state="final", methodology=VERSION, revision=0,
        posts=posts, origin="simulation",
    )  # fmt: skip


def last_day(period: str) -> date:
    """The last day of a month."""
    return datetime.fromtimestamp(verify.Month.of(period).end - 1, UTC).date()
