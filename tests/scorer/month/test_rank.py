from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contracts.territories import Territories
from libs.engine.client import Engine, connect
from libs.engine.insert import create_staging, insert
from services.scorer.methodologies import methodology
from services.scorer.month.rank import columns, ranked
from tests.tables import create_tables

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="module")]

RULES = methodology()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine(clickhouse_url: str, database: str) -> AsyncIterator[Engine]:
    await create_tables(clickhouse_url, database, Territories((), ()))
    client = await connect(clickhouse_url, database)
    await create_staging(client, "by_hand", "scores")
    yield client
    await client.close()


def row(account: str, score: int | None, **fields: Any) -> dict[str, Any]:
    known = {
        "period": "2026-10", "methodology": "2026-1", "network": "bluesky",
        "category": "villages", "stratum": "500-999", "account": account, "territory": account,
        "territory_name": account.upper(), "score": score, "low": score and max(0, score - 150),
        "high": score and score + 150, "reason": "" if score is not None else "few_posts",
    }  # fmt: skip
    return {**known, **fields}


async def ranks(
    engine: Engine, rows: list[dict[str, Any]], wanted: str, previous: tuple[str, str] | None = None
) -> dict[str, tuple[Any, ...]]:
    await engine.command("TRUNCATE TABLE by_hand SYNC")
    await engine.command("TRUNCATE TABLE scores SYNC")
    earlier = [r for r in rows if r["period"] != "2026-10"]
    await insert(engine, "scores", earlier)
    await insert(engine, "by_hand", [r for r in rows if r not in earlier])
    await engine.command(
        f"INSERT INTO scores ({columns(RULES)}) {ranked('by_hand', RULES, previous)}"
    )
    found = await engine.query(f"SELECT account, {wanted} FROM scores WHERE period = '2026-10'")
    return {account: tuple(told) for account, *told in found.result_rows}


def ten(*scores: int) -> list[dict[str, Any]]:
    return [row(chr(ord("a") + n), score) for n, score in enumerate(scores)]


async def test_ties_share_the_better_rank_and_the_next_is_skipped(engine):
    cell = ten(5000, 6000, 6000, 4000, 4000, 4000, 3000, 2000, 1000, 1001)
    told = await ranks(engine, [*cell, row("z", None)], "rank, ranked, stratum_rank")
    assert {account: told[account][0] for account in "abcdefghij"} == dict(
        zip("bcadefghji", (1, 1, 3, 4, 4, 4, 7, 8, 9, 10), strict=True)
    )
    assert {told[account][1] for account in "abcdefghij"} == {10}
    assert all(told[account][0] == told[account][2] for account in "abcdefghij")
    assert told["z"] == (None, None, None)


async def test_fewer_than_ten_is_a_list_without_ranks(engine):
    cell = ten(1, 9, 8, 7, 6, 5, 4, 3, 2)
    told = await ranks(engine, cell, "rank, ranked, stratum_rank, stratum_ranked, place")
    assert {t[:4] for t in told.values()} == {(None, 9, None, 9)}
    # In the order of names: the list must not say what the missing rank would.
    assert [told[account][4] for account in "abcdefghi"] == list(range(1, 10))


async def test_places_follow_ranks_then_names(engine):
    cell = ten(5000, 6000, 6000, 4000, 4000, 4000, 3000, 2000, 1000, 1001)
    cell[1]["territory_name"] = "Z"
    told = await ranks(engine, [*cell, row("0", None)], "place")
    assert "".join(sorted(told, key=lambda account: told[account])) == "cbadefghji0"


async def test_the_places_that_the_interval_allows_leave_the_others_where_they_are(engine):
    cell = ten(5000, 4900, 4850, 4800, 4700, 4700, 4600, 4500, 4400, 4300)
    told = await ranks(engine, cell, "stratum_high_rank, stratum_rank, stratum_low_rank")
    # d at 4800: up to 4950 (only a is above), down to 4650 (a, b, c, e, f are above).
    assert told["d"] == (2, 4, 6)
    # a at 5000: down to 4850, above which stands b; c, at 4850 too, would share.
    assert told["a"] == (1, 1, 2)
    # j at 4300: up to 4450 (a to h are above), down to 4150 (all nine others are).
    assert told["j"] == (9, 10, 10)
    # e at 4700, tied with f: up to 4850, above which stand a and b; down to 4550: g is above too.
    assert told["e"] == (3, 5, 7)
    # In a category without strata (an EPCI's, a région's) as in a stratum.
    regions = [{**line, "category": "regions", "stratum": ""} for line in cell]
    assert told == await ranks(engine, regions, "high_rank, rank, low_rank")
    few = await ranks(engine, cell[:9], "high_rank, rank, low_rank")
    assert set(few.values()) == {(None, None, None)}


async def test_cells_and_networks_are_ranked_apart(engine):
    first = ten(*range(100, 110))
    other = [{**r, "account": r["account"] + "2", "network": "mastodon"} for r in first]
    agglo = [
        {**r, "account": r["account"] + "3", "category": "regions", "stratum": ""} for r in first
    ]
    told = await ranks(engine, [*first, *other, *agglo], "rank, ranked, stratum_rank")
    assert told["a"] == told["a2"] == (10, 10, 10)
    assert told["a3"] == (10, 10, None)


async def test_what_preceded_is_what_was_published(engine):
    before = row("a", 4321, period="2026-09", rank=7, stratum_rank=3)
    wanted = "previous_score, previous_rank, previous_stratum_rank"
    rows = [before, *ten(5000, 4000)]
    told = await ranks(engine, rows, wanted, ("2026-09", "2026-1"))
    assert told == {"a": (4321, 7, 3), "b": (None, None, None)}
    told = await ranks(engine, rows, wanted)
    assert told["a"] == (None, None, None)
