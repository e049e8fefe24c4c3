"""A collector in a process of its own, to be killed: `python -m tests.collector.process …`."""

import asyncio
import sys

from libs.settings import Settings
from libs.wire.wire import Wire
from services.collector.app import build


async def main(kafka_url: str, namespace: str, via: str, part: str) -> None:
    """Run one part until killed."""
    settings = Settings(kafka_url=kafka_url, networks_via=via, installation="simulation")
    wire = Wire(kafka_url, "simulation", namespace=namespace, client_id=part)
    collector = build(settings, broker=wire, parts=(part,), session_ms=6_000)
    await collector.start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
