"""An upgrade under load, from the version before: nobody is refused, nothing is lost nor doubled.

Two portals stand behind haproxy, on one small state. The version before is the newest that was
named by `make release` and has other tables than today's; it runs from its own files, in today's
environment.
"""

import asyncio
import csv
import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from contracts.topics import ACCOUNTS_OBSERVED
from deploy.local.supervision.children import Child, free_port, start
from libs.engine.client import connect
from libs.wire.wire import Wire
from tests.deadlines import until, until_found, until_now
from tests.events import NOON, account_observed

pytestmark = [
    pytest.mark.proof,
    pytest.mark.broker,
    pytest.mark.engine,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not shutil.which("haproxy"), reason="haproxy is not installed (Debian)"),
]

TODAY = Path(__file__).resolve().parents[2]
MAIN = "from services.cli import main; main()"
TOPICS = """
import asyncio, os
from libs.wire.provision import create_topics
asyncio.run(create_topics(os.environ["KAFKA_URL"], os.environ["OBSERVATOIRE_TOPIC_NAMESPACE"]))
"""
"""`observatoire topics create`, of a version whose command knows no name apart."""
ASK = """
import asyncio, os
from services.api.figures.queries import Queries
from services.api.figures.views import VIEWS

async def ask():
    queries = Queries(os.environ["CLICKHOUSE_URL"], os.environ["OBSERVATOIRE_DATABASE_NAME"])
    for view in VIEWS.values():
        given = dict.fromkeys(view.parameters, "nobody")
        given |= {name: "2026-11-01" for name in given if name.startswith("date_")}
        given |= {name: "2026-11-01T00:00:00+00:00" for name in given if name in ("since", "at")}
        await queries.read(view, None, **given)
    await queries.stop()

asyncio.run(ask())
"""
"""Every question of a portal, each for the columns of its rows."""
PATHS = ("/", "/palmares", "/apprendre", "/api/v1/territories?q=essai")
PORTALS = ("one", "two")
BEHIND = """
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout check 10s
    retries 3
    option redispatch
    retry-on conn-failure empty-response
    option httpchk GET /readyz
frontend portal
    bind 127.0.0.1:{port}
    default_backend portals
backend portals
    default-server check inter 200ms fall 1 rise 1
    server one 127.0.0.1:{one}
    server two 127.0.0.1:{two}
listen states
    bind 127.0.0.1:{states}
    stats enable
    stats uri /
"""
"""A portal that says slowly that it is ready, beside others that start, is not down."""


def git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=TODAY, capture_output=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the version before."""
    named = git("log", "--format=%H", "--grep=^Name version [0-9]").decode().split()
    for commit in named:
        tables = git("diff", "--name-only", commit, "--", "contracts/clickhouse/tables")
        fields = git("diff", commit, "--", "contracts/posts.py", "contracts/watches")
        if tables and fields:
            folder = tmp_path_factory.mktemp("before")
            with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as files:
                files.extractall(folder, filter="data")
            return folder
    pytest.skip("no commit of a version before in this clone (a shallow one?)")


def answers(address: str) -> bool:
    """Whether a page is served there; no when nobody listens yet."""
    with suppress(httpx.HTTPError):
        return httpx.get(address).status_code == 200
    return False


@dataclass
class Line:
    """Commands and services of an installation, of the version that a folder holds."""

    environment: dict[str, str]
    logs: Path
    started: list[Child] = field(default_factory=list[Child])

    def run(self, version: Path, *words: str, code: str = MAIN) -> None:
        """Run a command to its end."""
        command = [sys.executable, "-c", code, *words]
        done = subprocess.run(
            command, cwd=version, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr[-2_000:])

    def serve(self, version: Path, service: str, port: int) -> Child:
        """Start a service, and wait until it is ready."""
        ops = free_port()
        ports = {"OBSERVATOIRE_PORT": str(port), "OBSERVATOIRE_OPS_PORT": str(ops)}
        # A command of another folder: `-c` looks for modules where it stands.
        command = ["env", "-C", str(version), sys.executable, "-c", MAIN, service, "run"]
        log = self.logs / f"{service}-{port}.log"
        child = start(command, log, {**self.environment, **ports})
        self.started.append(child)

        def ready() -> bool:
            assert child.alive(), log.read_text()[-2_000:]
            return answers(f"http://127.0.0.1:{ops}/readyz")

        until_now(ready, 60)
        return child


@pytest.fixture(scope="module")
def line(
    kafka_url: str, clickhouse_url: str, topic_prefix: str, database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Line]:  # fmt: skip
    folder = tmp_path_factory.mktemp("upgrade")
    environment = {
        **os.environ,
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "OBSERVATOIRE_TERRITORIES_FILE": str(folder / "world" / "territories.jsonl.gz"),
        "OBSERVATOIRE_ACCOUNTS_FILE": str(folder / "world" / "accounts.jsonl"),
        "OBSERVATOIRE_TOPIC_NAMESPACE": topic_prefix.rstrip("."),
        "OBSERVATOIRE_DATABASE_NAME": database,
        "KAFKA_URL": kafka_url,
        "CLICKHOUSE_URL": clickhouse_url,
        "DATABASE_URL": f"sqlite:///{folder / 'state.db'}",
    }
    line = Line(environment, folder)
    yield line
    for child in line.started:
        child.stop()


@dataclass(frozen=True)
class Proxy:
    """A proxy before two portals: where it answers, and what it says of them."""

    address: str
    states: str

    def wait_for_both(self) -> None:
        """Return once the proxy itself counts both portals among those that are ready."""
        until_now(self._both, 30)

    def _both(self) -> bool:
        with suppress(httpx.HTTPError):
            rows = csv.DictReader(httpx.get(f"{self.states}/;csv").text.splitlines())
            up = {row["svname"] for row in rows if row["status"] == "UP"}
            return up.issuperset(PORTALS)
        return False


@contextmanager
def proxied(folder: Path, one: int, two: int) -> Iterator[Proxy]:
    """Stand haproxy before two ports; yields it once both are ready."""
    port, states = free_port(), free_port()
    configuration = folder / "haproxy.cfg"
    configuration.write_text(BEHIND.format(port=port, one=one, two=two, states=states))
    child = start(["haproxy", "-db", "-f", str(configuration)], folder / "haproxy.log", os.environ)
    proxy = Proxy(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{states}")
    try:
        proxy.wait_for_both()
        yield proxy
    finally:
        child.stop()


@contextmanager
def visited(address: str) -> Iterator[Counter[int | str]]:
    """Ask for pages without a pause until the end; what was answered, by status or failure."""
    answered: Counter[int | str] = Counter()
    over = threading.Event()

    def visit(path: str) -> None:
        while not over.is_set():
            try:
                # A connection each: a refused one is seen.
                answered[httpx.get(f"{address}{path}", timeout=20).status_code] += 1
            except httpx.HTTPError as failure:
                answered[type(failure).__name__] += 1

    visitors = [threading.Thread(target=visit, args=(path,)) for path in PATHS]
    for visitor in visitors:
        visitor.start()
    try:
        yield answered
    finally:
        over.set()
        for visitor in visitors:
            visitor.join()


@asynccontextmanager
async def published(kafka_url: str, namespace: str) -> AsyncIterator[Callable[[], int]]:
    """Publish known observations at a steady pace until the end; how many so far."""
    sent, over = 0, asyncio.Event()

    async def publish(wire: Wire) -> None:
        nonlocal sent
        while not over.is_set():
            moment = NOON + timedelta(seconds=sent)
            await wire.publish(ACCOUNTS_OBSERVED, account_observed(at=moment, followers=sent))
            sent += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 0.02)

    async with Wire(kafka_url, "simulation", namespace=namespace) as wire:
        publishing = asyncio.create_task(publish(wire))
        try:
            yield lambda: sent
        finally:
            over.set()
            await publishing


def test_a_portal_of_the_version_before_is_answered_by_the_tables_of_today(
    line: Line, before: Path, database: str
):
    """Views that its pages ask, or columns of them, had gone with what no page of today asks."""
    world = line.logs / "asked"
    own = {
        "OBSERVATOIRE_DATABASE_NAME": f"{database}_asked",
        "OBSERVATOIRE_TERRITORIES_FILE": str(world / "territories.jsonl.gz"),
        "OBSERVATOIRE_ACCOUNTS_FILE": str(world / "accounts.jsonl"),
    }
    line = Line({**line.environment, **own}, line.logs)
    line.run(TODAY, "world", "export", "--territories", "100", str(world))
    line.run(TODAY, "engine", "migrate")
    line.run(before, code=ASK)


async def test_an_upgrade_refuses_nobody_and_loses_nothing(
    line: Line, before: Path, kafka_url: str, clickhouse_url: str, database: str
):
    version = before
    line.run(version, "world", "export", "--territories", "100", str(line.logs / "world"))
    line.run(version, code=TOPICS)
    line.run(version, "engine", "migrate")
    ports = free_port(), free_port()
    portals = [line.serve(version, "api", port) for port in ports]
    scorer = line.serve(version, "scorer", free_port())
    namespace = line.environment["OBSERVATOIRE_TOPIC_NAMESPACE"]
    with proxied(line.logs, *ports) as proxy, visited(proxy.address) as answered:
        async with published(kafka_url, namespace) as sent:
            await until(lambda: sent() > 100 and answered.total() > 20, 60)
            await asyncio.to_thread(upgrade, line, proxy, portals, ports, scorer)
            enough = sent() + 100, answered.total() + 20
            await until(lambda: sent() > enough[0] and answered.total() > enough[1], 60)
    count = sent()
    assert set(answered) == {200}, answered
    engine = await connect(clickhouse_url, database)

    async def stored() -> tuple[int, int]:
        """Rows, and events, of the observations."""
        answer = await engine.query(
            "SELECT count(), uniqExact(event_id) FROM account_observations FINAL"
        )
        rows, events = answer.result_rows[0]
        return rows, events

    try:
        await until_found(stored, lambda found: found[1] >= count, 60)
        assert await stored() == (count, count)
    finally:
        await engine.close()


def upgrade(
    line: Line, proxy: Proxy, portals: list[Child], ports: tuple[int, int], scorer: Child
) -> None:
    """Topics, tables, then each service in its turn, as docs/upgrading.md says."""
    line.run(TODAY, "topics", "create")
    line.run(TODAY, "engine", "migrate")
    scorer.stop()
    line.serve(TODAY, "scorer", free_port())
    for portal, port in zip(portals, ports, strict=True):
        portal.stop()
        line.serve(TODAY, "api", port)
        proxy.wait_for_both()
