"""Real parts for the tests that ask for them, started once a session, and names that keep apart.

Who asks for ``kafka_url`` or ``clickhouse_url`` gets the address of a real broker or engine.
Isolation is by name: ``topic_prefix`` and ``database`` differ from one test module to the next.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import settings

from deploy.local.servers.clickhouse import Engine
from deploy.local.servers.kafka import Broker
from deploy.local.supervision.children import free_port, listening, start
from tests.deadlines import until_now
from tests.parts import (
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_configure,
    reached,
)

__all__ = ["pytest_collection_finish", "pytest_collection_modifyitems", "pytest_configure"]

ROOT = Path(__file__).resolve().parent.parent

# What tests start imports the same thousand modules: compiled once, whatever the environment says
# (`make` does the same).
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Logged errors with their traceback as Python writes it: with colours and locals it takes a second.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

# A property is true or false; how long it takes is the machine's affair.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def usual_log() -> Iterator[None]:
    """Have a command that a test runs here (it logs errors alone) leave the log as it was."""
    configured = structlog.get_config()
    yield
    structlog.configure(**configured)


@pytest.fixture(scope="session")
def kafka_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Bootstrap address of a real Kafka broker: ``KAFKA_URL``, else the session's own."""
    if configured := os.environ.get("KAFKA_URL"):
        yield configured
        return
    yield from reached(request.config, "kafka", Broker(tmp_path_factory.mktemp("kafka")))


@pytest.fixture(scope="session")
def clickhouse_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a real ClickHouse engine: ``CLICKHOUSE_URL``, else the session's own."""
    if configured := os.environ.get("CLICKHOUSE_URL"):
        yield configured
        return
    yield from reached(request.config, "clickhouse", Engine(tmp_path_factory.mktemp("clickhouse")))


@dataclass(frozen=True, slots=True)
class Catchers:
    """The catchers: where to send, what came, how to make them fail."""

    url: str
    smtp_url: str
    http: httpx.Client
    """Kept: a client of one request reads the certificates of the machine first, for 20 ms."""

    @property
    def channel_urls(self) -> dict[str, str]:
        """Where messages of every channel go (``OBSERVATOIRE_CHANNEL_URLS``)."""
        return {"mailto": self.smtp_url, "*": f"{self.url}/catch"}

    def messages(self, kind: str = "", to: str = "") -> list[dict[str, Any]]:
        """What was received, oldest first; of one kind, for one recipient when told."""
        answer = self.http.get("/messages", params={"kind": kind, "to": to})
        return answer.raise_for_status().json()

    def fail(self, of: str, times: int, status: int, retry_after: int | None = None) -> None:
        """Make the next messages ``of`` mail or a channel fail."""
        fault = {"of": of, "times": times, "status": status, "retry_after": retry_after}
        self.http.post("/faults", json=fault).raise_for_status()

    def clear(self) -> None:
        """Forget messages and failures still to come."""
        self.http.delete("/messages").raise_for_status()


@contextmanager
def running_catchers(folder: Path) -> Iterator[Catchers]:
    """The catchers, in a process of their own; their log is in a folder."""
    port, smtp_port = free_port(), free_port()
    command = [sys.executable, "-m", "simulation.catchers"]
    command += ["--port", str(port), "--smtp-port", str(smtp_port)]
    child = start(command, folder / "catchers.log", os.environ)
    url = f"http://127.0.0.1:{port}"
    try:
        until_now(lambda: listening(port), 30)
        with httpx.Client(base_url=url, limits=httpx.Limits(max_keepalive_connections=0)) as http:
            yield Catchers(url, f"smtp://127.0.0.1:{smtp_port}", http)
    finally:
        child.stop()


@pytest.fixture(scope="session")
def _catchers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catchers]:
    with running_catchers(tmp_path_factory.mktemp("catchers")) as catchers:
        yield catchers


@pytest.fixture
def catchers(_catchers: Catchers) -> Catchers:
    """The catchers, empty and well."""
    _catchers.clear()
    return _catchers


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Folder of the recorded answers: ``OBSERVATOIRE_RECORDINGS``, else beside the checkout.

    Where the variable says that they are and they are not is an error; where nobody said, a skip.
    """
    named = os.environ.get("OBSERVATOIRE_RECORDINGS")
    folder = Path(named) if named else ROOT.parent / "shared" / "recordings"
    if not folder.is_dir():
        if named:
            pytest.fail(f"OBSERVATOIRE_RECORDINGS says {folder}, which is no folder")
        pytest.skip(f"no recorded answers at {folder}: see docs/adding.md, « Recordings »")
    return folder


@pytest.fixture(scope="module")
def topic_prefix(request: pytest.FixtureRequest) -> str:
    """A prefix for topic and group names that no other test module uses, such as ``t3fa2.``."""
    return f"{_module_token(request)}."


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> str:
    """A ClickHouse database name that no other test module uses; the test creates it."""
    return f"test_{_module_token(request)}"


def _module_token(request: pytest.FixtureRequest) -> str:
    module = re.sub(r"\W+", "_", request.node.nodeid.removeprefix("tests/").removesuffix(".py"))
    return f"{module[-40:].strip('_')}_{os.getpid()}"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium to drive; its absence is an error in CI and a skip elsewhere."""
    candidates = [
        os.environ.get("OBSERVATOIRE_CHROMIUM", ""),
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
    ]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    if os.environ.get("CI") == "true":
        pytest.fail("no chromium in CI: .ci/run must install it")
    pytest.skip("no chromium on this machine: install it, or set OBSERVATOIRE_CHROMIUM")
