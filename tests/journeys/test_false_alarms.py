"""How often a move is told that is none: measured on the invented world, and published.

There an account's engagement is drawn again and again by the same law: it never moves. So each
month is set beside the same month with the engagement, and its margin, of the month before: all
the rest is equal, and whatever is told is a false alarm. By the independent reading alone.
"""

import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from contracts.networks import BY_SLUG
from libs import verify
from libs.verify.bareme import cells, knots, points, quantiles, serving
from libs.verify.month import BILLION, DAY, rounded
from libs.verify.score import score
from libs.verify.versions import Facts
from simulation.country.accounts import Account
from simulation.country.world import World

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

PERIODS = [
    *(f"2025-{month:02}" for month in (11, 12)),
    *(f"2026-{month:02}" for month in range(1, 11)),
]
REFERENCE = "2026-06"
TEXT = Path(__file__).parents[2] / "docs" / "methodology.md"


class Line(NamedTuple):
    """A month of an account: the values of its KPIs, and the margin of its engagement."""

    values: dict[str, int]
    margin: int


def line(world: World, account: Account, period: str, rules: verify.Rules) -> Line | None:
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
    return Line({kpi: rules.values[kpi](facts) for kpi in network.kpis}, rules.margin(facts))


@pytest.fixture(scope="module")
def lines() -> dict[Account, dict[str, Line]]:
    """The months of every account of the demonstration's world on a scored network."""
    world, rules = World(), verify.rules_of("2026-2")
    found: dict[Account, dict[str, Line]] = {}
    for account in world.walk():
        if account.network in rules.networks and account.rules.observable(account):
            months = {period: line(world, account, period, rules) for period in PERIODS}
            found[account] = {period: one for period, one in months.items() if one is not None}
    return found


@pytest.fixture(scope="module")
def category() -> dict[str, str]:
    return {place.territory.code: place.territory.category.value for place in World().places}


@pytest.fixture(scope="module")
def bareme(lines, category) -> verify.Bareme:
    """The barème of a usual month."""
    rules = verify.rules_of("2026-2")
    members: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for account, months in lines.items():
        if REFERENCE in months:
            for cell in cells(account.network, category[account.home]):
                members[cell].append(months[REFERENCE])
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


@pytest.fixture(scope="module")
def alarms(lines, category, bareme) -> dict[str, Counter[str]]:
    """By version: the pairs of months, and those of which a move is told, up or down."""
    found: dict[str, Counter[str]] = {}
    for version in verify.RULES:
        rules, counted = verify.rules_of(version), Counter[str]()
        for account, months in lines.items():
            cell = serving(account.network, category[account.home], bareme)
            for before, now in pairwise(PERIODS):
                if cell is not None and before in months and now in months:
                    same = months[now]
                    past = interval(same, months[before], cell, rules)
                    told = verify.moved(interval(same, same, cell, rules), past, rules)
                    counted.update(
                        ["pairs", "up" if told > 0 else "down" if told < 0 else "stable"]
                    )
        found[version] = counted
    return found


def rate(counted: Counter[str], *what: str) -> float:
    """A share of the pairs, in percent, to one decimal."""
    return round(100 * sum(counted[one] for one in what) / counted["pairs"], 1)


def test_a_move_that_is_none_is_seldom_told(alarms):
    now = alarms["2026-2"]
    assert now["pairs"] > 10_000
    assert rate(now, "up", "down") < 5
    assert rate(now, "up", "down") < rate(alarms["2026-1"], "up", "down") / 3


def test_what_is_published_is_what_is_measured(alarms):
    """The paragraph 9.5: pairs of months, then of each version the rate, up and down."""
    (said,) = re.findall(r"^9\.5\. .*$", TEXT.read_text(encoding="utf-8"), re.MULTILINE)
    told = [
        float(one.replace(",", ".").replace("\u202f", "").replace(" ", ""))
        for one in re.findall(r"\*\*([\d ,\u202f]+?)(?: %)?\*\*", said)
    ]
    measured = [float(alarms["2026-2"]["pairs"])]
    for version in ("2026-2", "2026-1"):
        counted = alarms[version]
        measured += [rate(counted, "up", "down"), rate(counted, "up"), rate(counted, "down")]
    assert told == measured
