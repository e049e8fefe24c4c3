"""A cluster at work: brokers restarted one after the other, readers that come and go, under load.

Three real brokers hold three copies of each topic, two of them in step at least, as in production.
How many scorers there should be is asked of a real Prometheus, by the query that KEDA is given.
"""

import asyncio
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import start_http_server

from contracts.territories import Territories
from contracts.topics import DEAD_LETTERS, ERASURES, POSTS_OBSERVED
from deploy.local.supervision.children import Child, answers, free_port, start
from libs.clock import SystemClock
from libs.engine.client import Engine, connect
from libs.engine.migrate import migrate
from libs.wire.backends.clients import opened, producer_of
from libs.wire.provision import REPLICAS, create_topics
from services.api.figures.queries import Queries
from services.api.operations.broker import AskedBroker, backlog_of
from services.api.operations.observing import Observing
from services.scorer.intake.rows import STORED
from tests.benchmarks.load import post
from tests.conftest import ROOT
from tests.deadlines import until, until_found, until_now
from tests.debian import installed
from tests.journeys.brokers import three_brokers
from tests.topics import read_whole

pytestmark = [pytest.mark.proof, pytest.mark.engine, pytest.mark.timeout(300)]

NAME = "cluster"
OBSERVATOIRE = str(Path(sys.executable).with_name("observatoire"))
SMALLER = 100
"""The lag that asks for one more reader is as many times smaller here than in the manifest."""

MOST = 3
EVERY_SECONDS, AT_ONCE = 0.05, 20
"""The load: so many records that often, from the first to the last of what is done."""


def scaled(name: str) -> tuple[str, float]:
    """The query by which KEDA scales a Deployment, and its threshold."""
    manifest = ROOT / "deploy/kubernetes/overlays/production/scaling.yaml"
    objects: list[dict[str, Any]] = list(yaml.safe_load_all(manifest.read_text()))
    (trigger,) = next(
        one["spec"]["triggers"]
        for one in objects
        if one["kind"] == "ScaledObject" and one["metadata"]["name"] == name
    )
    return trigger["metadata"]["query"], float(trigger["metadata"]["threshold"])


class Scorers:
    """The scorers of a line, by their processes."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.running: list[Child] = []

    async def scale(self, wanted: int) -> None:
        """Have as many as are wanted: start some until they are ready, or stop the last."""
        ports = [self._start() for _ in range(wanted - len(self.running))]
        await until(lambda: all(answers(port, "/readyz") for port in ports), 60)
        gone, self.running = self.running[wanted:], self.running[:wanted]
        for child in gone:
            child.ask_to_end()
        await until(lambda: not any(child.alive() for child in gone), 30)

    def _start(self) -> int:
        port = free_port()
        own = {"OBSERVATOIRE_OPS_PORT": str(port), "OBSERVATOIRE_INSTANCE": f"scorer-{port}"}
        log = self._folder / f"scorer-{port}.log"
        self.running.append(start([OBSERVATOIRE, "scorer", "run"], log, self._environment | own))
        return port

    def kill(self) -> None:
        for child in self.running:
            child.kill()


class Load:
    """Posts that are published, each of its own number."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self.sent = 0

    async def publish(self, count: int) -> None:
        """Publish so many more; returns once the brokers hold them."""
        numbers = range(self.sent, self.sent + count)
        self.sent = numbers.stop
        topic = POSTS_OBSERVED.on(NAME)
        held = [
            await self._producer.send(topic, post(number), key=str(number).encode())
            for number in numbers
        ]
        await asyncio.gather(*held)


@asynccontextmanager
async def loaded(kafka_url: str) -> AsyncIterator[Load]:
    """Publish without a pause until the end."""
    over = asyncio.Event()

    async def steadily(load: Load) -> None:
        while not over.is_set():
            await load.publish(AT_ONCE)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), EVERY_SECONDS)

    async with opened(producer_of(kafka_url)) as producer:
        load = Load(producer)
        publishing = asyncio.create_task(steadily(load))
        try:
            yield load
        finally:
            over.set()
            await publishing


@contextmanager
def scraped(folder: Path) -> Iterator[str]:
    """A Prometheus that scrapes the metrics of this process each second; its address."""
    program, port, metrics = installed("prometheus"), free_port(), free_port()
    server, thread = start_http_server(metrics, "127.0.0.1")
    jobs = [{"job_name": "api", "static_configs": [{"targets": [f"127.0.0.1:{metrics}"]}]}]
    told = {"global": {"scrape_interval": "1s"}, "scrape_configs": jobs}
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(told))
    command = [
        program, "--log.level=warn", f"--config.file={folder}/prometheus.yaml",
        f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder}/prometheus",
    ]  # fmt: skip
    child = start(command, folder / "prometheus.log", dict(os.environ))
    try:
        until_now(lambda: answers(port, "/-/ready"), 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.kill()
        server.shutdown()
        thread.join()


def asking(prometheus: str, observing: Observing) -> Callable[[], Any]:
    """How many scorers KEDA would have, by its query and a smaller threshold."""
    query, threshold = scaled("scorer")

    async def wanted() -> int:
        await observing.look()
        async with httpx.AsyncClient() as client:
            asked = await client.get(f"{prometheus}/api/v1/query", params={"query": query})
        found = asked.json()["data"]["result"]
        lag = float(found[0]["value"][1]) if found else 0.0
        return min(max(math.ceil(lag * SMALLER / threshold), 1), MOST)

    return wanted


async def stored(engine: Engine) -> tuple[int, int]:
    """Rows, and events, of the posts."""
    answer = await engine.query("SELECT count(), uniqExact(event_id) FROM post_observations FINAL")
    rows, events = answer.result_rows[0]
    return rows, events


async def test_brokers_restart_and_readers_come_and_go_and_nothing_is_lost_nor_doubled(
    clickhouse_url: str, database: str, tmp_path: Path
):
    with three_brokers(tmp_path) as brokers, scraped(tmp_path) as prometheus:
        topics = [*(one.topic for one in STORED), DEAD_LETTERS, ERASURES]
        await create_topics(brokers.url, NAME, topics, replicas=REPLICAS, seconds=40)
        await migrate(clickhouse_url, database, Territories([], []))
        environment = {
            **os.environ,
            "OBSERVATOIRE_INSTALLATION": "simulation",
            "OBSERVATOIRE_TOPIC_NAMESPACE": NAME,
            "OBSERVATOIRE_DATABASE_NAME": database,
            "KAFKA_URL": brokers.url,
            "CLICKHOUSE_URL": clickhouse_url,
        }
        scorers, engine = Scorers(tmp_path, environment), await connect(clickhouse_url, database)
        asked, figures = AskedBroker(brokers.url), Queries(clickhouse_url, database)
        wanted = asking(prometheus, Observing(NAME, asked, figures, None, SystemClock()))

        async def members() -> int:
            groups = (await backlog_of(brokers.url, NAME)).groups
            return next(group.members for group in groups if group.name == f"{NAME}.scorer")

        try:
            await scorers.scale(1)
            async with loaded(brokers.url) as load:
                await until_found(lambda: stored(engine), lambda found: found[0] > 100, 60)
                # The only reader has no processor for a while, as on a busy node.
                os.kill(scorers.running[0].pid, signal.SIGSTOP)
                await load.publish(5_000)
                await until_found(wanted, lambda found: found == MOST, 30)
                os.kill(scorers.running[0].pid, signal.SIGCONT)
                await scorers.scale(MOST)
                await until_found(members, lambda found: found == MOST, 30)
                await brokers.restart_each()
                await until_found(wanted, lambda found: found == 1, 60)
                await scorers.scale(1)
                await until_found(members, lambda found: found == 1, 30)
                enough = load.sent + 200
                await until(lambda: load.sent > enough, 30)
            await until_found(lambda: stored(engine), lambda found: found[1] >= load.sent, 60)
            assert await stored(engine) == (load.sent, load.sent)
            assert await read_whole(brokers.url, NAME, DEAD_LETTERS) == []
        finally:
            scorers.kill()
            await asked.stop()
            await figures.stop()
            await engine.close()
