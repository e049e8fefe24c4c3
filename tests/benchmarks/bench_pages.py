"""Pages that nobody asked before, and sheets in bulk, over a country of all of France's size.

One reader, one page at a time, chosen by a seeded draw: the page of a territory of its latest
month, then the comparison of one with those of its size. What is asked by every page (the months,
the cells of one) is kept by then; what is of a territory is not. Sheets are written by the
command's own function, one after the other, as `observatoire reports write` does.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from contracts.networks import SCORED
from contracts.territories import Territory
from deploy.local.servers.clickhouse import Engine as Machine
from libs.settings import Settings
from services.api.pages.sheets.bulk import write_all
from services.api.reports import REPORTS
from services.api.store.opening import store_of
from tests.api.world import NOW
from tests.benchmarks.figures import Figure
from tests.benchmarks.france import DATABASE, MONTHS, communes, country
from tests.benchmarks.portal import opened, percentile, portal

PAGES = 200
COMPARISONS = 60
SHEETS = 1_000


def measure() -> Iterator[Figure]:
    """Start an engine, load it, open pages, write sheets."""
    with tempfile.TemporaryDirectory(prefix="bench-pages") as folder:
        machine = Machine(Path(folder) / "clickhouse")
        machine.start()
        try:
            yield from asyncio.run(_measured(machine.url, Path(folder)))
        finally:
            machine.stop()


async def _measured(url: str, folder: Path) -> list[Figure]:
    async with country(url) as (engine, _):
        places = await communes(engine)
    async with portal(url, DATABASE, folder, places, connections=1) as client:
        territories, comparisons = await _opened(client, places)
    minutes = await _sheets(url, folder)
    return [
        Figure("reads", "territory_page_cold_p95", 1000 * territories, "ms"),
        Figure("reads", "benchmark_p95", 1000 * comparisons, "ms"),
        Figure("reports", "thousand_pdfs", minutes, "min"),
    ]


async def _opened(client: httpx.AsyncClient, places: list[Territory]) -> tuple[float, float]:
    """Return the 95th percentile of each sort of page, in seconds."""
    chance = random.Random(7)
    chosen = [place.code for place in chance.sample(places, PAGES + 1)]
    await opened(client, f"/territoires/{chosen.pop()}")
    pages = [await opened(client, f"/territoires/{code}") for code in chosen]
    compared = [place for place in places if place.stratum]
    comparisons = [
        await opened(client, f"/comparer/{place.code}?reseau={chance.choice(SCORED)}")
        for place in chance.sample(compared, COMPARISONS)
    ]
    return percentile(pages, 0.95), percentile(comparisons, 0.95)


async def _sheets(url: str, folder: Path) -> float:
    """Write a thousand sheets; return the minutes it took."""
    settings = Settings(
        installation="simulation",
        clickhouse_url=url,
        database_name=DATABASE,
        database_url=f"sqlite:///{folder / 'sheets.db'}",
        territories_file=folder / "territories.jsonl.gz",
        clock_epoch=NOW,
    )
    written = folder / "sheets"
    written.mkdir()
    left = iter(range(SHEETS))
    begun = time.perf_counter()
    await write_all(
        settings,
        store_of(settings),
        written,
        next(iter(REPORTS)),
        MONTHS[-1],
        lambda _: next(left, None) is not None,
        ranked=True,
        done=lambda *_: None,
    )
    if len(list(written.glob("*.pdf"))) != SHEETS:
        raise RuntimeError("fewer sheets than asked: their time says nothing")
    return (time.perf_counter() - begun) / 60
