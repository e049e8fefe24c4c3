"""What every scored account of the invented France is advised: no pair too often, none denied.

Two months, one of them in an electoral period, and four weeks of each: by the independent reading,
as `invented_scores.py` has it. `docs/advice.md` publishes what is measured here.
"""

import re
from calendar import monthrange
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.api.figures.month_rows import MonthCell
from services.api.figures.rows import AccountScore
from services.api.words import sentences
from services.api.words.advice.choosing import Advice, advise
from services.api.words.advice.pairs import PAIRS
from services.api.words.advice.situation import Situation
from services.api.words.elections import rhythm_before
from simulation.country.world import World
from tests.journeys.invented_scores import told
from tests.portal.contradictions import contradictions, of_advice

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

MOST = 0.15
WEEKS = 4
TEXT = Path(__file__).parents[2] / "docs" / "advice.md"
MONTHS = {
    "2026-07": (date(2026, 8, 20), [f"2026-{month:02}" for month in range(1, 7)]),
    "2026-10": (date(2026, 11, 24), [f"2026-{month:02}" for month in range(4, 10)]),
}
"""A month, the day that its page is read, and the months before it."""


@pytest.fixture(scope="module", params=MONTHS)
def months(request: pytest.FixtureRequest) -> tuple[str, list[Situation]]:
    day, before = MONTHS[request.param]
    world = World()
    lines = told(world, request.param, before)
    members = Counter(code for place in world.places for code in place.territory.covered_by)
    of_territory = defaultdict(list)
    for one in lines:
        of_territory[one.score.territory].append(one.score)
    return request.param, [
        Situation(
            score=one.score, kpis=one.kpis, day=day, knots=one.knots, history=one.history,
            members=members[one.account.home],
            others=[o for o in of_territory[one.score.territory] if o is not one.score],
        )
        for one in lines
    ]  # fmt: skip


def read(situations: list[Situation], week: int) -> list[tuple[Situation, Advice]]:
    """The advice of each account, some weeks later."""
    later = timedelta(days=7 * week)
    return [(one, advise(_on(one, one.day + later))) for one in situations]


def _on(one: Situation, day: date) -> Situation:
    given = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return Situation(**given | {"day": day})


def test_no_pair_is_given_to_many_and_many_are_given(months):
    period, situations = months
    assert len(situations) > 2000
    given: set[tuple[str, str]] = set()
    most: list[float] = []
    urgent: list[float] = []
    for week in range(WEEKS):
        counted = Counter((one.lever, one.reason) for _, one in read(situations, week) if one.act)
        given |= counted.keys()
        most.append(max(counted.values()) / len(situations))
        urgent.append(1 - counted.total() / len(situations))
    assert max(most) <= MOST
    assert len(given) >= 25
    assert 0 < min(urgent) <= max(urgent) < 0.2
    (row,) = re.findall(rf"^\| {period} .*$", TEXT.read_text(encoding="utf-8"), re.MULTILINE)
    said = [float(one.replace(",", ".")) for one in re.findall(r"\*\*([\d,]+)", row)]
    assert said == [len(given), round(100 * max(most), 1), round(100 * urgent[0], 1)]


def test_no_advice_is_denied_by_the_figures_beside_it(months):
    found: list[str] = []
    for week in range(WEEKS):
        for one, advice in read(situations := months[1], week):
            helps = sentences.helps(one.kpis, one.score, electoral=one.electoral)
            found += of_advice(_on(one, one.day + timedelta(days=7 * week)), helps)
            assert advice.lesson is not None
            assert not advice.act or advice.why
    assert len(situations) > 2000
    assert found == []


def test_no_sentence_is_denied_by_the_figures_beside_it(months):
    """Of places, margins, moves and what helps, for every scored account."""
    _, situations = months
    cells = _cells([one.score for one in situations])
    found = [said for one in situations for said in contradictions(one.score, one.kpis, cells)]
    assert found == []


def test_the_rhythm_before_an_electoral_period_is_that_of_the_months_before_it(months):
    """Six at most, all of them before it opens, each post of theirs counted once."""
    _, situations = months
    opens = date(2026, 10, 1)
    told = 0
    for one in situations:
        found = rhythm_before(one.history, opens)
        posts = {each.period: each.posts for each in one.history if each.posts is not None}
        within = {period: n for period, n in posts.items() if period < "2026-10"}
        if found is None:
            assert not within
            continue
        counted = sorted(within)[-6:]
        assert (found.first, found.last) == (counted[0], counted[-1])
        starts = [date.fromisoformat(f"{period}-01") for period in counted]
        days = sum(monthrange(start.year, start.month)[1] for start in starts)
        assert found.weekly == pytest.approx(7 * sum(within[each] for each in counted) / days)
        told += 1
    assert told > 1_000


def _cells(scores: list[AccountScore]) -> list[MonthCell]:
    """How many accounts are scored, of how many territories, as the engine counts them."""
    held = defaultdict(list)
    for one in scores:
        held[one.network, one.category, one.stratum].append(one.territory)
    return [
        MonthCell(
            network=network, category=category, stratum=stratum,
            accounts=len(those), territories=len({*those}),
        )
        for (network, category, stratum), those in held.items()
    ]  # fmt: skip


def test_the_largest_loss_that_can_be_moved_is_what_most_are_told(months):
    firsts = [advice.group in one.losses[:2] for one, advice in read(months[1], 0) if advice.group]
    assert sum(firsts) / len(firsts) > 0.8


def test_every_pair_may_hold(months):
    """A pair that no account of two months is close to would be a line for nothing."""
    held = {
        (pair.lever, pair.reason)
        for pair in PAIRS
        for one in months[1]
        if (not pair.networks or one.score.network in pair.networks) and pair.why(one)
    }
    seasonal = {(one.lever, one.reason) for one in PAIRS if one.reason == "saison"}
    assert {(one.lever, one.reason) for one in PAIRS} - held <= seasonal
