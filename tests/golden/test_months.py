"""What was published stays: the golden months, computed again by the code as it is now."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
import pytest_asyncio

from contracts.accounts import AccountObserved, AccountRegistered
from contracts.clickhouse import migrations
from contracts.posts import PostObserved
from contracts.territories import Territories
from libs import verify
from libs.clock import SteppedClock
from libs.engine.client import Engine, connect
from libs.engine.migrate import apply, migrate
from services.scorer import kpis
from services.scorer.intake.rows import STORED
from services.scorer.intake.sink import EngineSink
from services.scorer.kpis.followers import RULE as FOLLOWERS
from services.scorer.methodologies import Scored, methodology, versions
from services.scorer.month import month
from services.scorer.month.bareme_table import establish, export
from services.scorer.month.month import compute
from services.scorer.month.period import Month
from services.scorer.month.placing import summed
from tests.golden.months import METHODOLOGY, PERIODS, kept_scores, lines, rows
from tests.tables import create_tables

CLOCK = SteppedClock(datetime(2027, 5, 20, 7, 40, tzinfo=UTC))
BY_COLUMNS = 23
"""The last migration by which scores had columns a KPI."""

EVENTS = ("accounts", "account_observations", "post_observations")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def golden(clickhouse_url: str, database: str) -> AsyncIterator[Engine]:
    """The observations of the golden months and their barème, stored as intake stores them."""
    await create_tables(clickhouse_url, database, Territories((), ()))
    sink = EngineSink(clickhouse_url, database)
    for table in ("territories", "bareme"):
        await sink.insert(table, lines(table))
    for stored in (each for each in STORED if each.table in EVENTS):
        await sink.insert(stored.table, stored.rows(lines(stored.table)))
    await sink.close()
    client = await connect(clickhouse_url, database)
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def computed(golden):
    """What the computation of each month gives, one after the other: each tells its moves."""
    options = {"installation": "simulation"}
    return {each: await compute(golden, each, METHODOLOGY, CLOCK, **options) for each in PERIODS}


@pytest.mark.engine
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("golden_month", rows("months"), ids=PERIODS)
async def test_scores_and_hash_are_those_of_their_day(golden, computed, golden_month):
    period = golden_month["period"]
    scores, expected = await kept_scores(golden, period)
    assert scores == expected
    told = {name: getattr(computed[period], name) for name in golden_month}
    assert told == golden_month


@pytest.mark.engine
@pytest.mark.asyncio(loop_scope="module")
async def test_the_bareme_of_its_reference_is_that_of_its_day(golden):
    rules = methodology(METHODOLOGY)
    await establish(golden, Month.parse(PERIODS[0]), rules, CLOCK, "simulation")
    cells = msgspec.json.decode(await export(golden, rules))
    assert [{**cell, "computed_at": ""} for cell in cells] == [
        {**cell, "computed_at": ""} for cell in rows("bareme")
    ]


@pytest.mark.proof
@pytest.mark.engine
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("version", versions())
async def test_every_version_agrees_with_its_second_reading(golden, version):
    """The barème of the first month and, on it, the second month: in the engine and by hand."""
    reference, period = PERIODS[:2]
    options = {"installation": "simulation", "publish": version == METHODOLOGY}
    await establish(golden, Month.parse(reference), methodology(version), CLOCK, "simulation")
    await compute(golden, period, version, CLOCK, **options)
    by_hand = verify.rules_of(version)
    bareme = verify.bareme(by_hand, reference, observed(reference))
    figures = ("score", "low", "high", "rank", "stratum_rank")
    found = await golden.query(
        f"SELECT account, reason, points, {', '.join(figures)} FROM scores"
        f" WHERE period = '{period}' AND methodology = '{version}'"
    )
    verdicts = verify.verdicts(by_hand, period, observed(period), bareme)
    assert {account: tuple(told) for account, *told in found.result_rows} == {
        account: (one.reason or "", one.points, *(getattr(one, name) for name in figures))
        for account, one in verdicts.items()
    }


def observed(period: str) -> verify.Observed:
    """The golden observations, as the independent reading takes them."""
    return verify.Observed(
        map(AccountRegistered.read, lines("accounts")),
        map(AccountObserved.read, lines("account_observations")),
        map(PostObserved.read, lines("post_observations")),
        places(period),
    )


def places(period: str) -> dict[str, verify.Place]:
    """The territories of the year of a month."""
    return {
        row["code"]: verify.Place(row["population"], row["category"], row["stratum"], row["ranked"])
        for row in rows("territories")
        if row["year"] == int(period[:4])
    }


@pytest.mark.parametrize("period", PERIODS)
def test_the_independent_reading_finds_the_same(period):
    rules = verify.rules_of(METHODOLOGY)
    verdicts = verify.verdicts(rules, period, observed(period), frozen_bareme())
    figures = ("score", "low", "high", "rank", "ranked", "stratum_rank", "stratum_ranked")
    assert {
        account: (verdict.reason or "", *(getattr(verdict, name) for name in figures))
        for account, verdict in verdicts.items()
    } == {
        row["account"]: (row["reason"], *(row[name] for name in figures))
        for row in rows("scores")
        if row["period"] == period
    }


def frozen_bareme() -> dict[tuple[str, str], verify.Cell]:
    """The barème of the golden months, as the independent reading takes it."""
    cells: dict[tuple[str, str], verify.Cell] = {}
    for row in rows("bareme"):
        known = cells.setdefault(
            (row["network"], row["cell"] or "*"), verify.Cell(row["accounts"], {})
        )
        knots = tuple(zip(row["knots"], row["worths"], strict=True))
        cells[row["network"], row["cell"] or "*"] = verify.Cell(
            row["accounts"], {**known.knots, row["kpi"]: knots}
        )
    return cells


@pytest.mark.engine
@pytest.mark.asyncio(loop_scope="module")
async def test_a_network_scored_and_sums_changed_later_change_no_older_month(golden, monkeypatch):
    """A later version scores YouTube, sums otherwise on Mastodon, and weighs another formula."""
    rules = methodology(METHODOLOGY)
    scored = Scored(interactions=("likes",), account=("followers",))
    later = msgspec.structs.replace(
        rules, version="2099-1", networks={**rules.networks, "youtube": scored, "mastodon": scored}
    )
    formula = replace(FOLLOWERS, by_version={"2099-1": "7000000000"})
    monkeypatch.setitem(kpis.RULES, "followers", formula)
    monkeypatch.setattr(month, "methodology", {"2099-1": later, METHODOLOGY: rules}.__getitem__)
    await establish(golden, Month.parse(PERIODS[0]), later, CLOCK, "simulation")
    for expected in rows("months")[:1]:
        period = expected["period"]
        options = {"installation": "simulation", "publish": False}
        beside = await compute(golden, period, "2099-1", CLOCK, **options)
        again = await compute(golden, period, METHODOLOGY, CLOCK, installation="simulation")
        assert again.hash == expected["hash"] != beside.hash
    found = await golden.query(
        "SELECT uniqExact(figures['followers']), countIf(network = 'youtube' AND reason ="
        " 'unscored_network') FROM scores WHERE methodology = '2099-1' AND reason IN ('',"
        " 'unscored_network')"
    )
    assert found.result_rows[0] == (1, 0)


@pytest.mark.proof
@pytest.mark.engine
@pytest.mark.asyncio(loop_scope="module")
async def test_months_kept_by_columns_keep_every_figure_and_their_hash(clickhouse_url, database):
    """A database filled when each KPI was two columns, brought to the maps; each step twice."""
    filled = f"{database}_filled"
    server = await connect(clickhouse_url)
    await server.command(f"CREATE DATABASE {filled}")
    await server.close()
    client = await connect(clickhouse_url, filled)
    await apply(client, [each for each in migrations() if each.number <= BY_COLUMNS])
    sink = EngineSink(clickhouse_url, filled)
    await sink.insert("scores", lines("scores"))
    await sink.close()
    for migration in (each for each in migrations() if each.number > BY_COLUMNS):
        await client.command(migration.render(replicated=False))
        await apply(client, [migration])
    await migrate(clickhouse_url, filled, Territories((), ()))
    for kept_month in rows("months"):
        scores, expected = await kept_scores(client, kept_month["period"])
        assert scores == expected
        kept = await summed(client, f"scores WHERE period = '{kept_month['period']}'")
        assert kept == (kept_month["hash"], kept_month["accounts"], kept_month["ranked"])
    await client.command(f"DROP DATABASE {filled} SYNC")
    await client.close()
