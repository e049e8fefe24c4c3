"""Services whose broker is gone end when they are asked to."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.servers.kafka import Broker
from deploy.local.supervision.children import Child, answers, free_port, start
from libs.process import STOP_SECONDS
from libs.wire.backends.kafka import FLUSH_SECONDS
from libs.wire.provision import create_topics
from tests.deadlines import until_now

pytestmark = [pytest.mark.proof, pytest.mark.broker]

SERVICES = ("collector", "scorer", "alerts", "api")
OBSERVATOIRE = str(Path(sys.executable).with_name("observatoire"))
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of this test alone: it is killed."""
    broker = Broker(tmp_path / "kafka")
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.timeout(120)
async def test_every_service_ends_soon_after_sigterm_without_a_broker(broker, tmp_path):
    await create_topics(broker.url, "simulation")
    ports = {name: free_port() for name in SERVICES}
    environment = {
        **os.environ, "OBSERVATOIRE_INSTALLATION": "simulation", "KAFKA_URL": broker.url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/state.db", "CLICKHOUSE_URL": NOWHERE,
        "NETWORKS_VIA": NOWHERE,
    }  # fmt: skip
    logs = {name: tmp_path / f"{name}.log" for name in SERVICES}
    running: dict[str, Child] = {}
    try:
        for name, port in ports.items():
            ports_of_its_own = {
                "OBSERVATOIRE_PORT": str(free_port()),
                "OBSERVATOIRE_OPS_PORT": str(port),
            }
            own = environment | ports_of_its_own
            running[name] = start([OBSERVATOIRE, name, "run"], logs[name], own)
        until_now(lambda: all(answers(port, "/healthz") for port in ports.values()), 60)
        # It leads, and tells that its stream is lost: what it tells next has no broker to go to.
        until_now(lambda: "stream lost" in logs["collector"].read_text(), 30)
        broker.kill()
        until_now(lambda: "Got error produce response" in logs["collector"].read_text(), 60)
        asked = time.monotonic()
        for child in running.values():
            os.kill(child.pid, signal.SIGTERM)
        until_now(lambda: not any(child.alive() for child in running.values()), STOP_SECONDS + 5)
        assert time.monotonic() - asked < STOP_SECONDS
        assert FLUSH_SECONDS < STOP_SECONDS
    finally:
        for child in running.values():
            child.kill()
    for name, child in running.items():
        told = logs[name].read_text()
        assert "not stopped in time" not in told, name
        assert "shutdown failed" not in told, told[-2_000:]
        assert child.process.returncode == -signal.SIGTERM, name
