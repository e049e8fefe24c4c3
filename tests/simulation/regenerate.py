"""Writes anew what follows from the invented world: ``make world``, after the world was changed.

The fingerprint that a test expects, the table and the pictures of docs/simulation.md (France at
full size), the generated files, and the seed barème of the current methodology, from the world's
month of reference through a real broker, intake and engine. A person then looks at what changed.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.servers.clickhouse import Engine
from deploy.local.servers.kafka import Broker
from libs.engine.client import connect_to_compute
from services.scorer.methodologies import CURRENT, FOLDER, methodology
from services.scorer.month.bareme_table import establish, export
from services.scorer.month.period import Month
from simulation.country.world import DEMONSTRATION, SEED, World
from simulation.history.portrait import draw
from tests.journeys.invented_months import written_months
from tests.simulation.fingerprint import EXPECTED, fingerprint

ROOT = Path(__file__).parents[2]
REFERENCE = "2026-09"
BEGIN, END = "2026-08-24", "2026-10-09"
"""What the demonstration has of the month of reference: its first day of history, the ninth."""


def main() -> None:
    """Write everything, saying what."""
    EXPECTED.write_text(f"{fingerprint(SEED)}\n", encoding="utf-8")
    say(f"fingerprint in {EXPECTED.relative_to(ROOT)}")
    draw(World(SEED, None), ROOT / "docs" / "simulation")
    say("table and pictures in docs/simulation")
    subprocess.run([sys.executable, "-m", "services.cli", "contracts", "write"], check=True)
    with TemporaryDirectory(prefix="world") as folder:
        broker, engine = Broker(Path(folder, "kafka")), Engine(Path(folder, "clickhouse"))
        broker.start()
        engine.start()
        try:
            seed = asyncio.run(bareme(broker.url, engine.url, Path(folder, "world")))
        finally:
            engine.stop()
            broker.stop()
    path = FOLDER / f"{CURRENT}.seed.json"
    path.write_bytes(seed)
    say(f"seed barème in {path.relative_to(ROOT)}")


async def bareme(kafka_url: str, clickhouse_url: str, folder: Path) -> bytes:
    """Return the seed barème of the current methodology, from the world's month of reference."""
    async with written_months(
        kafka_url,
        clickhouse_url,
        folder,
        "regenerated",
        territories=DEMONSTRATION,
        since=BEGIN,
        until_day=END,
        thin=True,
    ) as months:
        client = await connect_to_compute(
            clickhouse_url, months.settings.database, cluster=months.settings.clickhouse_cluster
        )
        try:
            rules, reference = methodology(CURRENT), Month.parse(REFERENCE)
            await establish(client, reference, rules, months.clock, "simulation")
            return await export(client, rules)
        finally:
            await client.close()


def say(what: str) -> None:
    """Tell what was written."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
