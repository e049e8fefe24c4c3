"""Scores: a month of 100,000 accounts computed in the engine; what pages then read.

The engine of one machine, empty but for the country of `france.py`. One computation is timed, after
the barème and once the engine has no merge under way, of a month never computed before; it ends
when the month is in place with its hash.

Reads are over thirteen months of scores (1.3 million rows), one client, one query at a time, chosen
by a seeded draw: TOP 100 of a network and category; of a territory's page, its scores of the month
and the history of one of its accounts, each a read.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from contracts.networks import SCORED
from contracts.territories import Category
from deploy.local.servers.clickhouse import Engine as Machine
from libs.engine.client import Engine
from tests.benchmarks.figures import Figure
from tests.benchmarks.france import COMMUNES, EARLIER, MONTHS, country

READS = 200


def measure() -> Iterator[Figure]:
    """Start an engine, load it, compute, read."""
    with tempfile.TemporaryDirectory(prefix="bench-scores") as folder:
        machine = Machine(Path(folder))
        machine.start()
        try:
            yield from asyncio.run(_measured(machine.url))
        finally:
            machine.stop()


async def _measured(url: str) -> list[Figure]:
    async with country(url) as (engine, seconds):
        top, territory = await _read(engine)
    return [
        Figure("scores", "month_of_100000_accounts", seconds, "s"),
        Figure("reads", "top100_p95", top, "ms"),
        Figure("reads", "territory_p95", territory, "ms"),
    ]


async def _read(engine: Engine) -> tuple[float, float]:
    """Return the 95th percentile, in ms, of a TOP 100 and of a query of a territory's page."""
    chance = random.Random(7)
    tops: list[float] = []
    territories: list[float] = []
    categories = (Category.VILLAGES, Category.PETITES_VILLES, Category.VILLES_MOYENNES)
    for _ in range(READS):
        cell = f"network='{chance.choice(SCORED)}', category='{chance.choice(categories).value}'"
        where = f"{cell}, period='{MONTHS[-1]}', departement='', region=''"
        top = f"SELECT * FROM ranking({where}) LIMIT 100"
        started = time.perf_counter()
        assert len((await engine.query(top)).result_rows) == 100
        tops.append(time.perf_counter() - started)
        code = f"{chance.randrange(COMMUNES):06}"
        started = time.perf_counter()
        found = await engine.query(
            f"SELECT account FROM territory_scores(territory='{code}', period='{MONTHS[-1]}')"
        )
        territories.append(time.perf_counter() - started)
        account = found.result_rows[0][0]
        started = time.perf_counter()
        history = await engine.query(f"SELECT * FROM account_scores(account='{account}')")
        territories.append(time.perf_counter() - started)
        assert len(history.result_rows) == EARLIER + len(MONTHS)
    return _p95(tops), _p95(territories)


def _p95(seconds: list[float]) -> float:
    return 1000 * statistics.quantiles(seconds, n=20)[-1]
