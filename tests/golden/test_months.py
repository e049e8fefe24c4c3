"""What was published stays: the golden months, computed again by the code as it is now."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

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
from services.scorer.bareme_table import establish, export
from services.scorer.methodologies import methodology
from services.scorer.month import compute
from services.scorer.period import Month
from services.scorer.placing import summed
from services.scorer.rows import STORED
from services.scorer.sink import EngineSink
from tests.golden.months import METHODOLOGY, PERIODS, kept_scores, lines, rows

CLOCK = SteppedClock(datetime(2027, 5, 20, 7, 40, tzinfo=UTC))
BY_COLUMNS = 23
"""The last migration by which scores had columns a KPI."""

EVENTS = ("accounts", "account_observations", "post_observations")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def golden(clickhouse_url: str, database: str) -> AsyncIterator[Engine]:
    """The observations of the golden months and their barème, stored as intake stores them."""
    await migrate(clickhouse_url, database, Territories((), ()))
    sink = EngineSink(clickhouse_url, database)
    for table in ("territories", "bareme"):
        await sink.insert(table, lines(table))
    for stored in (each for each in STORED if each.table in EVENTS):
        await sink.insert(stored.table, stored.rows(lines(stored.table)))
    await sink.close()
    client = await connect(clickhouse_url, database)
    yield client
    await client.close()


@pytest.mark.engine
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("month", rows("months"), ids=PERIODS)
async def test_scores_and_hash_are_those_of_their_day(
    golden: Engine, month: dict[str, Any]
) -> None:
    period = month["period"]
    done = await compute(golden, period, METHODOLOGY, CLOCK, installation="simulation")
    scores, expected = await kept_scores(golden, period)
    assert scores == expected
    told = {name: getattr(done, name) for name in month}
    assert told == month


@pytest.mark.engine
@pytest.mark.asyncio(loop_scope="module")
async def test_the_bareme_of_its_reference_is_that_of_its_day(golden: Engine) -> None:
    rules = methodology(METHODOLOGY)
    await establish(golden, Month.parse(PERIODS[0]), rules, CLOCK, "simulation")
    cells = msgspec.json.decode(await export(golden, rules))
    assert [{**cell, "computed_at": ""} for cell in cells] == [
        {**cell, "computed_at": ""} for cell in rows("bareme")
    ]


@pytest.mark.parametrize("period", PERIODS)
def test_the_independent_reading_finds_the_same(period: str) -> None:
    verdicts = verify.verdicts(
        verify.rules_of(METHODOLOGY),
        period,
        map(AccountRegistered.read, lines("accounts")),
        map(AccountObserved.read, lines("account_observations")),
        map(PostObserved.read, lines("post_observations")),
        {
            row["code"]: verify.Place(
                row["population"], row["category"], row["stratum"], row["ranked"]
            )
            for row in rows("territories")
            if row["year"] == int(period[:4])
        },
        frozen_bareme(),
    )
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
async def test_months_kept_by_columns_keep_every_figure_and_their_hash(
    clickhouse_url: str, database: str
) -> None:
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
    for month in rows("months"):
        scores, expected = await kept_scores(client, month["period"])
        assert scores == expected
        kept = await summed(client, f"scores WHERE period = '{month['period']}'")
        assert kept == (month["hash"], month["accounts"], month["ranked"])
    await client.command(f"DROP DATABASE {filled} SYNC")
    await client.close()
