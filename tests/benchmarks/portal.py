"""The api in a process of its own, over an engine that a benchmark has filled."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from contracts.territories import Territory, write_territories
from deploy.local.supervision.children import free_port
from tests.api.world import NOW
from tests.territories import MANIFEST


@asynccontextmanager
async def portal(
    engine_url: str,
    database: str,
    folder: Path,
    territories: Sequence[Territory],
    *,
    connections: int,
) -> AsyncIterator[httpx.AsyncClient]:
    """Run the api in a process of its own; it has no broker, and says so in /readyz only."""
    places = folder / "territories.jsonl.gz"
    write_territories(places, territories, MANIFEST)
    port = free_port()
    environment = {
        **os.environ,
        "CLICKHOUSE_URL": engine_url,
        "OBSERVATOIRE_DATABASE_NAME": database,
        "KAFKA_URL": "127.0.0.1:9",
        "DATABASE_URL": f"sqlite:///{folder / 'portal.db'}",
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "OBSERVATOIRE_PORT": str(port),
        "OBSERVATOIRE_OPS_PORT": str(free_port()),
        "OBSERVATOIRE_TERRITORIES_FILE": str(places),
        "OBSERVATOIRE_CLOCK_EPOCH": NOW.isoformat(),
        "OBSERVATOIRE_LOG_LEVEL": "ERROR",
    }
    command = str(Path(sys.executable).with_name("observatoire"))
    process = await asyncio.create_subprocess_exec(
        command, "api", "run", env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        limits = httpx.Limits(max_connections=connections)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=60
        ) as client:
            await _alive(client)
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _alive(client: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            await client.get("/healthz")
        except httpx.TransportError:
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError("the portal does not answer")


async def opened(client: httpx.AsyncClient, path: str) -> float:
    """Open a page; return the seconds it took. Raises `HTTPStatusError`."""
    begun = time.perf_counter()
    answer = await client.get(path, follow_redirects=True)
    answer.raise_for_status()
    return time.perf_counter() - begun


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that such a share (0 to 1) of all is below."""
    return sorted(values)[int(len(values) * share)]
