"""How long a person waits for a command to say what it does, and for a service to be ready.

Every command of the parser is asked for its `--help` in a process of its own; the slowest are asked
again, and the median of each counts. Territories are cold likewise: a new process loads all of
France and its index, and searches. A service is cold: a new process, on a broker with its topics
and an engine with its tables, until `/readyz` says yes; the slowest of the four counts.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from contracts.territories import Territories
from deploy.local.servers.clickhouse import Engine
from deploy.local.servers.kafka import Broker
from deploy.local.supervision.children import answers, free_port, start
from libs.engine.migrate import migrate
from libs.wire.provision import create_topics
from services.cli import main
from tests.benchmarks.figures import Figure

OBSERVATOIRE = (sys.executable, "-c", "from services.cli import main; main()")
SEARCH = """
import time
from contracts.territories import Territories
from libs.matching.territories import find
began = time.process_time()
known = Territories.load()
find(known, "lens")
known.covers("62")
print(time.process_time() - began)
"""
AGAIN = 8
"""How many of the slowest are asked again."""

TIMES = 5
READY_WITHIN = 60.0
DATABASE = "observatoire_simulation"


def measure() -> Iterator[Figure]:
    """Measure the slowest command, the first search of a place, then the slowest service."""
    seconds, name = slowest_command()
    yield Figure("start", "slowest_command", seconds, "s", name)
    yield Figure(
        "start", "territories_cold", statistics.median(_searched() for _ in range(TIMES)), "s"
    )
    with tempfile.TemporaryDirectory() as folder:
        seconds, name = slowest_service(Path(folder))
    yield Figure("start", "slowest_service_cold", seconds, "s", name)


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command, groups included."""
    context = click.Context(group)
    yield before
    for name in group.list_commands(context):
        command, words = group.get_command(context, name), (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, words)
        elif command is not None:
            yield words


def slowest_command() -> tuple[float, str]:
    """Return the seconds of the slowest command, and its words."""
    first = {words: _asked(words) for words in commands(main)}
    slow = sorted(first, key=lambda words: first[words], reverse=True)[:AGAIN]
    medians = {words: statistics.median(_asked(words) for _ in range(TIMES)) for words in slow}
    worst = max(medians, key=lambda words: medians[words])
    return medians[worst], " ".join(("observatoire", *worst, "--help"))


def _asked(words: tuple[str, ...]) -> float:
    began = time.monotonic()
    subprocess.run([*OBSERVATOIRE, *words, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def _searched() -> float:
    """Return the processor's seconds of the first search in a process that has just started."""
    done = subprocess.run(
        [sys.executable, "-c", SEARCH], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def slowest_service(folder: Path) -> tuple[float, str]:
    """Return the seconds of the slowest service until it is ready, and its command."""
    services = [words for words in commands(main) if words[1:] == ("run",)]
    broker, engine = Broker(folder / "kafka"), Engine(folder / "clickhouse")
    try:
        broker.start()
        engine.start()
        asyncio.run(create_topics(broker.url, "simulation"))
        asyncio.run(migrate(engine.url, DATABASE, Territories.load()))
        environment = {
            **os.environ,
            "OBSERVATOIRE_INSTALLATION": "simulation",
            "KAFKA_URL": broker.url,
            "CLICKHOUSE_URL": engine.url,
            "DATABASE_URL": f"sqlite:///{folder}/state.db",
        }
        medians = {
            words: statistics.median(
                _ready(words, folder / f"{words[0]}-{again}.log", environment)
                for again in range(TIMES)
            )
            for words in services
        }
    finally:
        engine.stop()
        broker.stop()
    worst = max(medians, key=lambda words: medians[words])
    return medians[worst], " ".join(("observatoire", *worst))


def _ready(words: tuple[str, ...], log: Path, environment: dict[str, str]) -> float:
    """Start a service, wait until it is ready, stop it; its seconds."""
    port = free_port()
    own = {
        "OBSERVATOIRE_PORT": str(free_port()),
        "OBSERVATOIRE_OPS_PORT": str(port),
    }
    began = time.monotonic()
    child = start([*OBSERVATOIRE, *words], log, environment | own)
    try:
        while not answers(port, "/readyz"):
            waited = time.monotonic() - began
            if not child.alive() or waited > READY_WITHIN:
                raise RuntimeError(f"{' '.join(words)} is not ready: {child.log.read_text()}")
            time.sleep(0.01)
        return time.monotonic() - began
    finally:
        child.stop()
