from collections.abc import AsyncIterator
from fractions import Fraction
from itertools import pairwise

import pytest
import pytest_asyncio
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.kpis import KPIS
from contracts.networks import SCORED
from libs.engine.client import Engine, connect
from services.scorer.methodologies import CURRENT, methodology, versions
from services.scorer.month.bareme import knots
from services.scorer.month.bareme_table import seed
from services.scorer.month.score import points_of

RULES = methodology()
PERCENT = 10_000_000
BILLION = 10**9

values = st.lists(st.integers(0, 2 * BILLION), min_size=5, max_size=5).map(sorted).map(tuple)


@pytest.mark.parametrize(
    ("kpi", "quantiles", "drawn"),
    [
        # Nothing published is contradicted.
        ("reach", (1, 2, 3, 4, 5), ((0, 0), (1, 25), (2, 50), (3, 75), (4, 95), (5, 100))),
        # Equal values take the highest worth; 0 is worth 0 even when a quantile is 0.
        ("reach", (0, 2, 2, 4, 4), ((0, 0), (2, 75), (4, 100))),
        ("reach", (0, 0, 0, 0, 0), ((0, 0),)),
        # 5 % is worth at least 95: in a cell where the 95th of 100 does better, it is a knot …
        (
            "engagement",
            (PERCENT, 2 * PERCENT, 3 * PERCENT, 8 * PERCENT, 9 * PERCENT),
            (
                (0, 0),
                (PERCENT, 25),
                (2 * PERCENT, 50),
                (3 * PERCENT, 75),
                (5 * PERCENT, 95),
                (9 * PERCENT, 100),
            ),
        ),
        # … that takes away the quantiles at 5 % or more …
        (
            "engagement",
            (PERCENT, 5 * PERCENT, 6 * PERCENT, 8 * PERCENT, 9 * PERCENT),
            ((0, 0), (PERCENT, 25), (5 * PERCENT, 95), (9 * PERCENT, 100)),
        ),
        # … and changes nothing where 5 % is worth 95 or more already.
        (
            "engagement",
            (PERCENT, 2 * PERCENT, 3 * PERCENT, 5 * PERCENT, 9 * PERCENT),
            (
                (0, 0),
                (PERCENT, 25),
                (2 * PERCENT, 50),
                (3 * PERCENT, 75),
                (5 * PERCENT, 95),
                (9 * PERCENT, 100),
            ),
        ),
        # One post a day is worth 100, whether nobody posts so much or half of them do.
        (
            "frequency",
            (10, 20, 30, 40, 50),
            ((0, 0), (10, 25), (20, 50), (30, 75), (40, 95), (BILLION, 100)),
        ),
        ("frequency", (10, BILLION, BILLION, BILLION, BILLION), ((0, 0), (10, 25), (BILLION, 100))),
    ],
)
def test_knots(kpi, quantiles, drawn):
    assert knots(kpi, quantiles, RULES.bareme) == drawn


@given(values, st.sampled_from([kpi.slug for kpi in KPIS]))
def test_a_barème_only_climbs(quantiles, kpi):
    if kpi == "frequency":
        quantiles = tuple(min(value, BILLION) for value in quantiles)
    drawn = knots(kpi, quantiles, RULES.bareme)
    assert drawn[0] == (0, 0)
    for (x0, w0), (x1, w1) in pairwise(drawn):
        assert x0 < x1
        assert w0 < w1
    assert len(drawn) == 1 or drawn[-1][1] == 100


@given(values)
def test_five_percent_is_worth_at_least_95(quantiles):
    # Where 95 accounts in a hundred had no engagement at all, the 0.95 quantile is 0, worth 0.
    assume(quantiles[3] > 0)
    drawn = knots("engagement", quantiles, RULES.bareme)
    assert worth(5 * PERCENT, drawn) >= 95


def worth(value: int, drawn: tuple[tuple[int, int], ...]) -> Fraction:
    """Points of a value, exact, by the definition of a broken line (methodology, 8.6)."""
    if value <= 0:
        return Fraction(0)
    if value >= drawn[-1][0]:
        return Fraction(100)
    after = next(n for n, (x, _) in enumerate(drawn) if x > value)
    (x0, w0), (x1, w1) = drawn[after - 1], drawn[after]
    return w0 + Fraction((w1 - w0) * (value - x0), x1 - x0)


def half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


@pytest_asyncio.fixture
async def engine(clickhouse_url: str) -> AsyncIterator[Engine]:
    client = await connect(clickhouse_url)
    yield client
    await client.close()


@pytest.mark.engine
async def test_the_engine_reads_the_line_exactly_and_only_climbs(engine):
    lines = [
        knots("engagement", (3, 7, 7 * PERCENT, 8 * PERCENT, 9 * PERCENT), RULES.bareme),
        knots("followers", (0, 1, 5, 9_000 * BILLION, 9 * BILLION * BILLION), RULES.bareme),
        knots("frequency", (129_032_258, 200_000_000, BILLION, BILLION, BILLION), RULES.bareme),
        ((0, 0),),
    ]
    for line in lines:
        near = {x + step for x, _ in line for step in (-1, 0, 1, 2, x // 3)}
        asked = sorted(value for value in near if 0 <= value <= 9 * BILLION * BILLION)
        xs, ws = [x for x, _ in line], [w for _, w in line]
        found = await engine.query(
            f"SELECT value, {points_of('value', 'k')} FROM (SELECT toInt64(arrayJoin({asked})) AS"
            f" value, CAST({xs} AS Array(Int64)) AS k_knots,"
            f" CAST({ws} AS Array(UInt8)) AS k_worths)"
        )
        told = {int(value): int(points) for value, points in found.result_rows}
        assert told == {value: half_up(10**6 * worth(value, line)) for value in asked}
        assert [told[value] for value in asked] == sorted(told.values())


def test_every_version_is_whole():
    assert CURRENT in versions()
    for version in versions():
        rules = methodology(version)
        assert rules.version == version
        assert set(rules.weights) <= {kpi.slug for kpi in KPIS}
        assert all(weight > 0 for weight in rules.weights.values())
        assert len(rules.bareme.twentieths) == len(rules.bareme.worths)


def test_the_first_version_has_the_weights_that_were_published():
    """Of an older version nothing changes: months are computed anew by it."""
    assert methodology("2026-1").weights == {
        "engagement": 5,
        "reach": 4,
        "frequency": 3,
        "followers": 2,
        "follow_ratio": 1,
    }


def test_the_seed_is_of_the_simulation_and_serves_every_scored_network():
    cells = seed(RULES)
    assert {cell.origin for cell in cells} == {"simulation"}
    assert {cell.methodology for cell in cells} == {CURRENT}
    assert {cell.network for cell in cells if cell.scope == "network"} == set(SCORED)
    for cell in cells:
        assert cell.knots[0] == cell.worths[0] == 0
        assert list(cell.knots) == sorted(set(cell.knots))
        assert list(cell.worths) == sorted(set(cell.worths))
