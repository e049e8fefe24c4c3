"""`/readyz` of every service says that broker or engine is away or frozen, and that it is back.

Nobody visits the portal meanwhile: each service asks by itself.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.territories import Territories
from deploy.local.servers.clickhouse import Engine
from deploy.local.servers.kafka import Broker
from deploy.local.servers.server import Server
from deploy.local.supervision.children import Child, answers, free_port, refusal, start
from libs.engine.migrate import migrate
from libs.wire.provision import create_topics
from tests.deadlines import until_now

pytestmark = [pytest.mark.proof, pytest.mark.broker]

SERVICES = ("collector", "scorer", "alerts", "api")
OBSERVATOIRE = str(Path(sys.executable).with_name("observatoire"))
NOWHERE = "http://127.0.0.1:9"
TOLD_SECONDS = 15


def after(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for something; return after how many seconds it was so."""
    began = time.monotonic()
    until_now(condition, seconds)
    return round(time.monotonic() - began, 1)


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Hold a process still: its connections stay open, nothing answers."""
    os.killpg(server.child.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(server.child.pid, signal.SIGCONT)


@pytest.mark.timeout(300)
async def test_every_service_says_that_broker_or_engine_is_away_and_back(tmp_path):
    broker, engine = Broker(tmp_path / "kafka"), Engine(tmp_path / "engine")
    broker.start()
    await create_topics(broker.url, "simulation")
    broker.kill()
    engine.start()
    await migrate(engine.url, "observatoire_simulation", Territories.load())
    ports = {name: free_port() for name in SERVICES}
    environment = {
        **os.environ,
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "KAFKA_URL": broker.url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/state.db",
        "CLICKHOUSE_URL": engine.url,
        "NETWORKS_VIA": NOWHERE,
    }
    children: list[Child] = []

    def all_say(part: str, names: Sequence[str] = SERVICES) -> Callable[[], bool]:
        return lambda: all(part in (refusal(ports[name], "/readyz") or "") for name in names)

    def all_ready() -> bool:
        return all(answers(each, "/readyz") for each in ports.values())

    try:
        for name, port in ports.items():
            own = {"OBSERVATOIRE_PORT": str(free_port()), "OBSERVATOIRE_OPS_PORT": str(port)}
            log = tmp_path / f"{name}.log"
            children.append(start([OBSERVATOIRE, name, "run"], log, environment | own))
        # Started before their broker, they wait for it and say so.
        until_now(lambda: all(answers(port, "/healthz") for port in ports.values()), 90)
        until_now(all_say("broker", ("collector", "scorer", "alerts")), TOLD_SECONDS)
        assert not answers(ports["api"], "/readyz")
        broker.start()
        sys.stdout.write(f"ready {after(all_ready, 60)} s after their broker\n")
        for part, say in (
            (broker, all_say("broker")),
            (engine, all_say("engine", ("scorer", "api"))),
        ):
            with frozen(part):
                told = after(say, TOLD_SECONDS)
            back = after(all_ready, TOLD_SECONDS)
            sys.stdout.write(f"{type(part).__name__}: told after {told} s, back after {back} s\n")
        assert all(child.alive() for child in children)
    finally:
        for child in children:
            child.kill()
        engine.kill()
        broker.kill()
