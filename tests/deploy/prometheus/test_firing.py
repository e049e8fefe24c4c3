"""A real Prometheus scrapes the services, and a real Alertmanager is told: faults fire, and clear.

The rules are those of `deploy/prometheus/`, every duration divided by sixty. What they compare with
(120 s late, 10 % free) stays.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from aiohttp import web

from contracts.territories import Territories
from contracts.topics import ACCOUNTS_OBSERVED, MENTIONS_OBSERVED, WATCHES
from contracts.watches import Query, Recipient, Watched
from deploy.local.servers.clickhouse import Engine
from deploy.local.supervision.children import Child, answers, free_port, start
from deploy.prometheus.rules import rendered
from libs.engine.migrate import migrate
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.alerts.builders import mention, watched
from tests.api.world import communes
from tests.collector.serving import served
from tests.conftest import Catchers
from tests.deadlines import until_found, until_now
from tests.debian import installed
from tests.events import account_observed

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine]

SHORTENED = 60.0
OBSERVATOIRE = str(Path(sys.executable).with_name("observatoire"))
PROCESSES = {
    "scorer": ("scorer", ("scorer", "run")),
    "api": ("api", ("api", "run")),
    "alerts": ("alerts", ("alerts", "run")),
    "worker": ("collector", ("collector", "run", "--part", "worker")),
    "scheduler": (
        "collector",
        ("collector", "run", "--part", "scheduler", "--part", "streams"),
    ),
}
"""The job and the command of each process."""

MESSAGES = 12
"""So many are tried again that some are at every moment."""


LATE_SECONDS = 600
"""By how much the stream is late: the rule allows 120."""

NOT_LOOKED_WITHIN = 180
"""A look is every 15 s, the rule allows 120."""

DISK_BYTES = 512 * 2**20


class Stream:
    """A Jetstream that says something of nobody all the time, `late` by some seconds."""

    def __init__(self) -> None:
        self.late = 0.0
        self.url = ""

    async def subscribe(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        while not socket.closed:
            moment = int((time.time() - self.late) * 1e6)
            await socket.send_json({"did": "did:plc:nobody", "time_us": moment, "kind": "identity"})
            with suppress(TimeoutError):
                await socket.receive(timeout=0.5)
        return socket


class Monitored:
    """Processes that run, looked at by Prometheus, which tells Alertmanager."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._children: dict[str, Child] = {}
        self.ports = {name: free_port() for name in PROCESSES}
        self.prometheus, self.alertmanager = free_port(), free_port()

    def start(self, name: str) -> None:
        own = {
            "OBSERVATOIRE_OPS_PORT": str(self.ports[name]),
            "OBSERVATOIRE_PORT": str(free_port()),
        }
        log = self._folder / f"{name}.log"
        command = [OBSERVATOIRE, *PROCESSES[name][1]]
        self._children[name] = start(command, log, self._environment | own)
        until_now(lambda: answers(self.ports[name], "/readyz"), 60)

    def kill(self, name: str) -> None:
        os.kill(self._children[name].pid, signal.SIGKILL)

    def watch(self, prometheus: str, alertmanager: str) -> None:
        """Start both on what is here."""
        (self._folder / "rules.yaml").write_text(rendered(SHORTENED))
        jobs = [
            {
                "job_name": job,
                "static_configs": [
                    {"targets": [f"127.0.0.1:{self.ports[name]}"]}
                    for name, (of, _) in PROCESSES.items()
                    if of == job
                ],
            }
            for job in dict.fromkeys(job for job, _ in PROCESSES.values())
        ]
        targets = [{"targets": [f"127.0.0.1:{self.alertmanager}"]}]
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "alerting": {"alertmanagers": [{"static_configs": targets}]},
            "scrape_configs": jobs,
        }
        (self._folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        told = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
        (self._folder / "alertmanager.yaml").write_text(yaml.safe_dump(told))
        where = {"prometheus": self.prometheus, "alertmanager": self.alertmanager}
        for name, command in (
            ("alertmanager", [alertmanager, "--cluster.listen-address=", "--log.level=warn"]),
            ("prometheus", [prometheus, "--log.level=warn"]),
        ):
            command += [
                f"--config.file={self._folder}/{name}.yaml",
                f"--web.listen-address=127.0.0.1:{where[name]}",
                f"--storage{'.tsdb' * (name == 'prometheus')}.path={self._folder}/{name}",
            ]
            self._children[name] = start(command, self._folder / f"{name}.log", dict(os.environ))
        until_now(lambda: all(answers(port, "/-/ready") for port in where.values()), 30)

    async def firing(self) -> list[dict[str, str]]:
        """The labels of what Alertmanager holds for active."""
        async with httpx.AsyncClient() as client:
            url = f"http://127.0.0.1:{self.alertmanager}/api/v2/alerts"
            found: list[dict[str, Any]] = (await client.get(url)).json()
        return [one["labels"] for one in found]

    async def fires(self, name: str, *, within: float = 90, **labels: str) -> None:
        await self._until(name, labels, there=True, within=within)

    async def clears(self, name: str, **labels: str) -> None:
        await self._until(name, labels, there=False)

    async def _until(
        self, name: str, labels: dict[str, str], *, there: bool, within: float = 90
    ) -> None:
        wanted = {"alertname": name, **labels}

        def seen(found: list[dict[str, str]]) -> bool:
            return any(wanted.items() <= one.items() for one in found) is there

        await until_found(self.firing, seen, within)

    def stop(self) -> None:
        for child in self._children.values():
            child.kill()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine of this test alone: it is stopped."""
    engine = Engine(tmp_path / "clickhouse")
    engine.start()
    yield engine
    engine.stop()


@asynccontextmanager
async def publishing(kafka_url: str, namespace: str) -> AsyncGenerator[Wire]:
    async with Wire(kafka_url, "simulation", namespace=namespace) as wire:
        yield wire


def told(number: int) -> Watched:
    """A watch that tells somebody of its own, so that each has a message."""
    recipient = Recipient(address=f"mailto:w{number}@essai.example", confirmed=True)
    return watched(
        watch=f"w{number}", query=Query(any=("coupure d’eau",)), cooldown_minutes=0,
        recipients=(recipient,),
    )  # fmt: skip


def environment_of(kafka_url: str, engine: Engine, folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "OBSERVATOIRE_TOPIC_NAMESPACE": f"firing{os.getpid()}",
        "KAFKA_URL": kafka_url,
        "CLICKHOUSE_URL": engine.url,
        "DATABASE_URL": f"sqlite:///{folder}/state.db",
        **more,
    }


async def is_told(line: Monitored, name: str, metric: str) -> None:
    """Return once a process tells a metric."""
    async with httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{line.ports[name]}/metrics"

        async def told() -> str:
            return (await client.get(url)).text

        await until_found(told, lambda text: metric in text, 60)


@pytest.mark.timeout(500)
async def test_each_fault_fires_at_alertmanager_and_clears(
    kafka_url: str, engine: Engine, catchers: Catchers, tmp_path: Path
):
    prometheus, alertmanager = installed("prometheus"), installed("prometheus-alertmanager")
    stream = Stream()
    async with served("/subscribe", stream.subscribe) as stream.url:
        environment = environment_of(
            kafka_url,
            engine,
            tmp_path,
            OBSERVATOIRE_CHANNEL_URLS=json.dumps(catchers.channel_urls),
            OBSERVATOIRE_NETWORKS_VIA=stream.url,
        )
        namespace = environment["OBSERVATOIRE_TOPIC_NAMESPACE"]
        await create_topics(kafka_url, namespace)
        await migrate(engine.url, "observatoire_simulation", Territories(communes(), []))
        line = Monitored(tmp_path, environment)
        try:
            line.start("scorer")
            line.start("api")
            line.watch(prometheus, alertmanager)
            await line.fires("ObservatoireProcessDown", job="collector")  # of which there is none
            async with publishing(kafka_url, namespace) as wire:
                await nobody_takes_or_grants(line, wire, catchers)
                await a_stream_is_late(line, stream)
                await (await wire.log.send(ACCOUNTS_OBSERVED.on(namespace), b"nobody", b"{}"))
                await line.fires("ObservatoireBadRecords", reader="scorer", waits="oui")
                await line.clears("ObservatoireBadRecords")
                await the_engine_stops(line, wire, engine)
            await the_scorer_dies(line)
        finally:
            line.stop()


async def nobody_takes_or_grants(line: Monitored, wire: Wire, catchers: Catchers) -> None:
    """A relay that takes nothing, and workers whom nobody grants a job."""
    catchers.fail("mail", times=10_000, status=451)
    await wire.publish_all(WATCHES, [told(number) for number in range(MESSAGES)])
    line.start("alerts")
    line.start("worker")
    text = "Coupure d’eau rue Basse"
    await wire.publish(MENTIONS_OBSERVED, mention(1, text, published_at=datetime.now(UTC)))
    await line.fires("ObservatoireNotDelivered", channel="mailto", waits="non")
    await line.fires("ObservatoireNobodyLeads", waits="non")
    catchers.clear()
    await asyncio.to_thread(line.start, "scheduler")
    await line.clears("ObservatoireNotDelivered")
    await line.clears("ObservatoireNobodyLeads")


async def a_stream_is_late(line: Monitored, stream: Stream) -> None:
    """The network sends what was said ten minutes ago."""
    await is_told(line, "scheduler", "observatoire_collector_stream_lag_seconds{")
    stream.late = LATE_SECONDS
    await line.fires("ObservatoireStreamLate", stream="bluesky", waits="non")
    stream.late = 0.0
    await line.clears("ObservatoireStreamLate")


async def the_engine_stops(line: Monitored, wire: Wire, engine: Engine) -> None:
    """The scorer waits at once; that the portal obtains no answer is told after two minutes."""
    await is_told(line, "api", 'observatoire_looked_timestamp_seconds{of="engine"}')
    await asyncio.to_thread(engine.stop)
    await wire.publish(ACCOUNTS_OBSERVED, account_observed())
    await line.fires("ObservatoireEngineAway", waits="non")
    await line.fires("ObservatoireNotLooked", within=NOT_LOOKED_WITHIN, of="engine", waits="non")
    await asyncio.to_thread(engine.start)
    await line.clears("ObservatoireEngineAway")
    await line.clears("ObservatoireNotLooked")


async def the_scorer_dies(line: Monitored) -> None:
    """Killed: neither its process nor its group is there."""
    line.kill("scorer")
    await line.fires("ObservatoireProcessDown", job="scorer")
    await line.fires("ObservatoireGroupStopped", group="scorer")
    await asyncio.to_thread(line.start, "scorer")
    await line.clears("ObservatoireProcessDown", job="scorer")
    await line.clears("ObservatoireGroupStopped")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 512 MB; skips where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = f"size={DISK_BYTES}"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("no disk of its own: only root may mount one here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.timeout(300)
async def test_a_disk_that_fills_fires_and_clears(kafka_url: str, small_disk: Path, tmp_path: Path):
    prometheus, alertmanager = installed("prometheus"), installed("prometheus-alertmanager")
    engine = Engine(small_disk / "clickhouse")
    filling = small_disk / "filling"
    line = Monitored(tmp_path, {})
    try:
        engine.start()
        await migrate(engine.url, "observatoire_simulation", Territories(communes(), []))
        line = Monitored(tmp_path, environment_of(kafka_url, engine, tmp_path))
        line.start("api")
        line.watch(prometheus, alertmanager)
        await is_told(line, "api", "observatoire_disk_free_bytes{")
        free = os.statvfs(small_disk)
        filling.write_bytes(bytes(free.f_bavail * free.f_frsize - DISK_BYTES // 20))
        await line.fires("ObservatoireDiskNearlyFull", store="clickhouse", waits="non")
        filling.unlink()
        await line.clears("ObservatoireDiskNearlyFull")
    finally:
        line.stop()
        engine.stop()
