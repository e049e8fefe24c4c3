"""Intake of posts end to end, beside what else could read them, broker and engine on the machine.

All that is compared reads posts of about 650 bytes from the same broker into the same table, from
before it connects to its last commit. Ours reads records of which one in a hundred is bad,
validates each and buries the bad ones; the others are given good ones only, and fewer, since they
are slow.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.territories import Territories
from contracts.topics import DEAD_LETTERS, POSTS_OBSERVED
from deploy.local.servers.clickhouse import Engine
from deploy.local.servers.kafka import Broker
from libs.engine.client import connect
from libs.engine.migrate import migrate
from libs.wire.provision import create_topics
from services.scorer.intake.sink import INTAKE_SETTINGS
from tests.benchmarks.beside import ROOT, bench_python
from tests.benchmarks.figures import Figure
from tests.benchmarks.load import BAD_EVERY, post, posts, publish

COUNT = 600_000
COUNT_FASTSTREAM = 30_000
COUNT_QUIX = 60_000
DATABASE = "bench"
TABLE = "post_observations"


def measure() -> Iterator[Figure]:
    """Yield the figures of the intake."""
    with tempfile.TemporaryDirectory(prefix="observatoire-bench-") as folder:
        broker, engine = Broker(Path(folder) / "kafka"), Engine(Path(folder) / "clickhouse")
        broker.start()
        try:
            engine.start()
            yield from _measured(broker, engine, Path(folder))
        finally:
            engine.stop()
            broker.stop()


def _measured(broker: Broker, engine: Engine, folder: Path) -> Iterator[Figure]:
    asyncio.run(migrate(engine.url, DATABASE, Territories([], [])))
    _consumer("ours", broker, engine, 5_000)
    ours = _consumer("ours", broker, engine, COUNT)
    for part in ("scorer", "engine", "broker"):
        yield Figure("intake", f"processor_{part}", ours[part] * 1e6 / COUNT, "µs/event")
    speed = COUNT / ours["seconds"]
    yield Figure("intake", "end_to_end", speed, "events/s")
    yield Figure("intake", "scorer_rss", ours["memory"], "MB")
    yield from _beside(speed, "clickhouse_reading_the_file", COUNT / _alone(engine, folder))
    told = _consumer("faststream", broker, engine, COUNT_FASTSTREAM, bad=False)
    yield from _beside(speed, "faststream_one_by_one", COUNT_FASTSTREAM / told["seconds"])
    if (python := bench_python("quixstreams")) is None:
        sys.stderr.write("Quix Streams is left out: its environment cannot be made here\n")
        return
    command = [python, "-m", f"{_HERE}.quix"]
    told = _consumer("quix", broker, engine, COUNT_QUIX, bad=False, command=command)
    yield from _beside(speed, "quix_streams", COUNT_QUIX / told["seconds"])


_HERE = "tests.benchmarks"


def _beside(ours: float, name: str, theirs: float) -> Iterator[Figure]:
    """Yield what the other reads, and how many times it ours is."""
    yield Figure("intake", name, theirs, "events/s")
    yield Figure("intake", f"ratio_to_{name}", ours / theirs, "ratio", name, ours / theirs)


def _consumer(
    name: str,
    broker: Broker,
    engine: Engine,
    count: int,
    *,
    bad: bool = True,
    command: list[str] | None = None,
) -> dict[str, float]:
    """Publish, run one consumer in its own process, check what it stored, return what it took."""
    namespace = f"{name}-{count}"
    asyncio.run(_prepare(broker, engine, namespace, count, bad=bad))
    started = command or [sys.executable, "-W", "ignore", "-m", f"{_HERE}.consumers", name]
    arguments = [broker.url, engine.url, DATABASE, namespace, str(count)]
    parts = {"engine": engine.child.pid, "broker": broker.child.pid}
    before = {name: _processor(pid) for name, pid in parts.items()}
    done = subprocess.run([*started, *arguments], cwd=ROOT, check=True, capture_output=True)
    spent = {name: _processor(pid) - before[name] for name, pid in parts.items()}
    good = count - count // BAD_EVERY if bad else count
    if (stored := asyncio.run(_stored(engine))) != good:
        raise RuntimeError(f"{name}: {stored} rows stored of {good}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told | spent | {"scorer": told.get("processor", 0.0)}


def _processor(pid: int) -> float:
    """Return the seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _prepare(
    broker: Broker, engine: Engine, namespace: str, count: int, *, bad: bool
) -> None:
    await create_topics(broker.url, namespace, [POSTS_OBSERVED, DEAD_LETTERS])
    values = list(posts(count)) if bad else [post(number) for number in range(count)]
    await publish(broker.url, POSTS_OBSERVED.on(namespace), values)
    client = await connect(engine.url, DATABASE)
    await client.command(f"TRUNCATE TABLE {TABLE}")
    await client.close()


async def _stored(engine: Engine) -> int:
    client = await connect(engine.url, DATABASE)
    answer = await client.query(f"SELECT count() FROM {TABLE} FINAL")
    await client.close()
    return int(answer.result_rows[0][0])


def _alone(engine: Engine, folder: Path) -> float:
    """Return the seconds that ClickHouse takes to read the same posts from a file by itself.

    It reads with all its threads, as it does of itself.
    """
    settings = INTAKE_SETTINGS | {"input_format_parallel_parsing": 1}
    path = folder / "posts.jsonl"
    with path.open("wb") as file:
        for number in range(COUNT):
            file.write(post(number) + b"\n")

    async def read() -> float:
        client: Any = await connect(engine.url, DATABASE)
        await client.command(f"TRUNCATE TABLE {TABLE}")
        described = await client.query(f"DESCRIBE TABLE {TABLE}")
        structure = ", ".join(f"`{name}` {type_}" for name, type_, *_ in described.result_rows)
        quoted = structure.replace("\\", "\\\\").replace("'", "\\'")
        statement = f"INSERT INTO {TABLE} SELECT * FROM file('{path}', 'JSONEachRow', '{quoted}')"
        began = time.perf_counter()
        await client.command(statement, settings=settings)
        elapsed = time.perf_counter() - began
        await client.close()
        return elapsed

    seconds = asyncio.run(read())
    if (stored := asyncio.run(_stored(engine))) != COUNT:
        raise RuntimeError(f"the engine alone: {stored} rows stored of {COUNT}")
    return seconds
