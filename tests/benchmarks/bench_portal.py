"""The portal read by 50 people at once; pages that were never asked; a picture drawn.

Real engine and the api in its own process, over the small made-up country of the tests. Each of
the 50 readers opens a page, reads one to three seconds, opens another: home and search 15 % each,
palmarès 20 %, a territory 50 %; measured when the portal has been read for a while. Uncached: each
of the pages (territory, month) opened once, eight at a time, in a process that has just started.
Pictures are asked for apart, as a browser does, and one is drawn here, by this process.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from contracts.panels.ma_collectivite import SCORE_HISTORY
from deploy.local.servers.clickhouse import Engine
from libs.charts import picture as charts
from services.api.figures.rows import MonthScore
from tests.api.engine_world import fill
from tests.api.world import PERIODS, communes, month
from tests.benchmarks.figures import Figure
from tests.benchmarks.portal import opened, percentile, portal

READERS = 50
SECONDS = 20
AT_ONCE = 8
DATABASE = "observatoire_simulation"


def measure() -> Iterator[Figure]:
    """Measure the portal."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder) / "clickhouse")
        engine.start()
        try:
            asyncio.run(fill(engine.url, DATABASE))
            yield from asyncio.run(_measured(engine.url, Path(folder)))
        finally:
            engine.stop()
    yield Figure("reads", "picture_drawn_p50", _drawing(), "ms")


async def _measured(engine_url: str, folder: Path) -> list[Figure]:
    async with portal(engine_url, DATABASE, folder, communes(), connections=READERS) as client:
        uncached = await _uncached(client)
        await _readers(client)
        times = await _readers(client)
    return [
        Figure("reads", "uncached_pages_per_second", uncached, "1/s"),
        Figure("reads", "page_p50_at_50_readers", 1000 * statistics.median(times), "ms"),
        Figure("reads", "page_p95_at_50_readers", 1000 * percentile(times, 0.95), "ms"),
    ]


async def _readers(client: httpx.AsyncClient) -> list[float]:
    """Return how long each page took, in seconds, opened by all readers over `SECONDS`."""
    codes = [one.code for one in communes()]
    times: list[float] = []

    async def read(number: int) -> None:
        chance = random.Random(number)
        await asyncio.sleep(2 * chance.random())
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            times.append(await opened(client, _page(chance, codes)))
            await asyncio.sleep(1 + 2 * chance.random())

    await asyncio.gather(*(read(number) for number in range(READERS)))
    return times


def _page(chance: random.Random, codes: list[str]) -> str:
    kind = chance.random()
    if kind < 0.15:
        return "/"
    if kind < 0.30:
        return f"/recherche?q={chance.choice(('essai', 'port', 'lens', 'saint', '62300'))}"
    if kind < 0.50:
        network = chance.choice(("bluesky", "mastodon"))
        return f"/palmares?reseau={network}&periode={chance.choice(PERIODS)}"
    return f"/territoires/{chance.choice(codes)}"


async def _uncached(client: httpx.AsyncClient) -> float:
    """Return how many territory pages a second are made that nobody asked before."""
    pages = [
        f"/territoires/{one.code}?periode={period}" for one in communes() for period in PERIODS
    ]
    random.Random(1).shuffle(pages)
    await opened(client, "/")
    room = asyncio.Semaphore(AT_ONCE)

    async def open_one(path: str) -> None:
        async with room:
            await opened(client, path)

    begun = time.perf_counter()
    await asyncio.gather(*(open_one(path) for path in pages))
    return len(pages) / (time.perf_counter() - begun)


def _drawing() -> float:
    """Return the median time to draw the history of a score, in milliseconds."""
    rows = [MonthScore.model_validate(row) for row in month(PERIODS[0])[:13]]
    times: list[float] = []
    for _ in range(15):
        begun = time.perf_counter()
        charts.svg(SCORE_HISTORY, rows, simulation=True)
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times)
