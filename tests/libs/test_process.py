"""A part that dies ends its process, so that whoever keeps it starts it again."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from libs.background import Background
from libs.health import Health
from libs.process import log_as_json
from tests.deadlines import turn, until


@pytest.fixture
def dead() -> Iterator[list[str]]:
    told: list[str] = []
    Background.on_death = told.append
    yield told
    Background.on_death = None


async def fails() -> None:
    raise RuntimeError("the broker said no")


async def lasts() -> None:
    await asyncio.Event().wait()


async def test_a_part_that_dies_is_told_and_stays_a_failure(dead):
    background = Background()
    background.spawn("deciders", fails())
    background.spawn("outbox", lasts())
    await until(lambda: dead)
    assert dead == ["deciders"]
    assert "the broker said no" in background.failures()["deciders"]
    await background.stop()


async def test_a_part_that_somebody_else_cancelled_is_dead(dead):
    async def part() -> None:
        raise asyncio.CancelledError

    background = Background()
    background.spawn("part", part())
    await until(lambda: dead)
    assert dead == ["part"]
    assert background.failures() == {"part": "CancelledError()"}
    await background.stop()


async def test_a_part_that_is_stopped_is_not_dead(dead):
    background = Background()
    background.spawn("outbox", lasts())
    await turn()
    await background.stop()
    assert dead == []


async def test_a_part_that_ends_while_all_stop_is_not_dead(dead):
    over = asyncio.Event()

    async def ends() -> None:
        await over.wait()

    background = Background()
    background.spawn("deciders", ends())
    background.expect_end()
    over.set()
    await turn(3)
    assert dead == []
    await background.stop()


@pytest.mark.parametrize(
    ("how", "place"), [("start", "Event.wait"), ("stop", "Event.wait"), ("loop", "LifespanOn.main")]
)
def test_a_process_ends_after_sigterm_whatever_waits(how, place):
    with subprocess.Popen(
        [sys.executable, "-m", "tests.libs.hanging", how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stderr is not None
            assert child.stdout.readline() == "started\n"
            child.terminate()
            assert child.wait(20) == 1
        finally:
            child.kill()
        told = json.loads(child.stderr.read().splitlines()[-1])
        assert told["event"] == "not stopped in time"
        assert any(place in waiting for waiting in told["waiting"])


class Unwell:
    """A service that says what is wrong with it."""

    name = "unwell"
    routes = ()

    def __init__(self) -> None:
        self.away = {"engine": "http://user:password@engine: no"}
        self.still: dict[str, str] = {}

    async def start(self) -> None:
        """Start."""

    async def stop(self) -> None:
        """Stop."""

    def failures(self) -> dict[str, str]:
        return {"alerts-mailto messages": "1 wait"} | self.away

    def unready(self) -> dict[str, str]:
        return self.away

    def stalled(self) -> dict[str, str]:
        return self.still


@asynccontextmanager
async def asking(health: Health, *, detailed: bool) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=health.routes(detailed=detailed))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://process") as client:
        yield client


@pytest.mark.parametrize(
    ("detailed", "told"), [(False, {"ready"}), (True, {"ready", "failures", "service"})]
)
async def test_why_is_for_the_port_of_operations(detailed, told):
    health = Health(Unwell())
    async with asking(health, detailed=detailed) as client:
        starting = await client.get("/readyz")
        health.started = True
        ready = await client.get("/readyz")
        metrics = await client.get("/metrics")
    assert starting.status_code == ready.status_code == 503
    assert ready.json().keys() == told
    assert ("password" in ready.text) == detailed
    assert metrics.status_code == (200 if detailed else 404)
    assert ("observatoire_troubles 2.0" in metrics.text) == detailed


async def test_one_refused_message_makes_nobody_unready_and_is_told():
    service = Unwell()
    service.away = {}
    health = Health(service)
    health.started = True
    async with asking(health, detailed=True) as client:
        said = await client.get("/readyz")
    assert said.status_code == 200
    assert said.json()["failures"] == {"alerts-mailto messages": "1 wait"}


async def test_what_stands_still_is_no_longer_alive():
    service = Unwell()
    health = Health(service)
    async with asking(health, detailed=False) as client:
        service.still = {"alerts-mentions": "no round ended for 700 s"}
        assert (await client.get("/healthz")).status_code == 200, "it has not started"
        health.started = True
        assert (await client.get("/healthz")).status_code == 503
        service.still = {}
        assert (await client.get("/healthz")).status_code == 200, "a part that is away is no stall"


def test_a_log_that_nothing_takes_is_a_fault_of_nobody(monkeypatch):
    """On a full disk every line failed where it was said, and a part of a service died of it."""
    configured = structlog.get_config()
    full = Path("/dev/full").open("w")  # noqa: SIM115 — closing it fails too
    try:
        monkeypatch.setattr(sys, "stderr", full)
        log_as_json("INFO")
        structlog.get_logger().info("there is no room")
    finally:
        structlog.configure(**configured)
        with suppress(OSError):
            full.close()


def test_what_a_library_warns_of_is_a_line_of_json_too():
    said = (
        "import logging; from libs.process import log_as_json; log_as_json('INFO');"
        "logging.getLogger('aiokafka').info('Joined'); "
        "logging.getLogger('aiokafka').warning('Heartbeat failed for group %s', 'alerts')"
    )
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    (line,) = map(json.loads, told.stderr.splitlines())
    assert (line["logger"], line["level"]) == ("aiokafka", "warning")
    assert line["event"] == "Heartbeat failed for group alerts"
