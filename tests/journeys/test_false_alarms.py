"""How often a move is told that is none: measured on the invented world, and published.

There an account's engagement is drawn again and again by the same law: it never moves. So each
month is set beside the same month with the engagement, and its margin, of the month before: all
the rest is equal, and whatever is told is a false alarm. By the independent reading alone.
"""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from libs import verify
from libs.verify.bareme import serving
from simulation.country.accounts import Account
from simulation.country.world import World
from tests.journeys.invented_scores import Line, bareme_of, followed, interval, line

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

PERIODS = [
    *(f"2025-{month:02}" for month in (11, 12)),
    *(f"2026-{month:02}" for month in range(1, 11)),
]
REFERENCE = "2026-06"
TEXT = Path(__file__).parents[2] / "docs" / "methodology.md"


@pytest.fixture(scope="module")
def lines() -> dict[Account, dict[str, Line]]:
    """The months of every account of the demonstration's world on a scored network."""
    world = World()
    found: dict[Account, dict[str, Line]] = {}
    for account in followed(world):
        months = {period: line(world, account, period) for period in PERIODS}
        found[account] = {period: one for period, one in months.items() if one is not None}
    return found


@pytest.fixture(scope="module")
def category() -> dict[str, str]:
    return {place.territory.code: place.territory.category.value for place in World().places}


@pytest.fixture(scope="module")
def bareme(lines, category) -> verify.Bareme:
    """The barème of a usual month."""
    of_it = {account: months[REFERENCE] for account, months in lines.items() if REFERENCE in months}
    return bareme_of(of_it, category)


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
