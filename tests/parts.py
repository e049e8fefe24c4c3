"""The real broker and engine of a test session: one of each, however many processes run tests.

Alone, a session starts them when a first test asks. Under `-n`, the process that gives out the
work starts them at once, tells each worker where they are, and stops them at the end.
"""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pytest

from deploy.local.servers.clickhouse import Engine
from deploy.local.servers.kafka import Broker
from deploy.local.supervision.children import listening
from tests.deadlines import until_now
from tests.guardian import Guardian

# The longest, as `--durations` told them, begin first: they leave no core alone at the end. Those
# that wait more than they compute stand between those that compute.
LONGEST_FIRST = (
    "tests/journeys/test_cluster.py", "tests/deploy/prometheus/test_firing.py",
    "tests/journeys/test_line.py", "tests/deploy/kubernetes/test_control_plane.py",
    "tests/adding/test_network.py", "tests/api/performance/test_judged.py",
    "tests/deploy/local/test_demo.py", "tests/journeys/test_scores.py",
    "tests/alerts/test_killed.py", "tests/adding/test_kpis.py", "tests/chaos/test_chaos.py",
    "tests/adding/test_pages.py", "tests/attacks/test_planted_secrets.py",
    "tests/api/test_described.py", "tests/deploy/local/test_supervisor.py",
    "tests/adding/test_events.py", "tests/portal/test_keycloak.py", "tests/adding/test_channel.py",
    "tests/alerts/test_service.py", "tests/collector/test_kill.py",
    "tests/scorer/intake/test_fuzz.py", "tests/deploy/local/test_kafka.py",
)  # fmt: skip


class Part(Protocol):
    """What can be started and stopped, and where it is reached."""

    url: str
    port: int

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Shared:
    """A part that all workers use, started and stopped by a thread of the controlling process.

    The thread lives as long as the part: a process ends with the thread that started it.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        self.part.start()
        self._over.wait()
        self.part.stop()


class Controller:
    """Plugin of the process that gives out the work."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="parts")
        self._broker = Shared(Broker(Path(self._folder.name, "kafka")))
        self._engine = Shared(Engine(Path(self._folder.name, "clickhouse")))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        self._broker.start()
        self._engine.start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["kafka"] = (self._broker.part.url, self._broker.part.port)
        node.workerinput["clickhouse"] = (self._engine.part.url, self._engine.part.port)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._broker.stop()
        self._engine.stop()
        self._folder.cleanup()


def pytest_configure(config: pytest.Config) -> None:
    given_out = getattr(config.option, "dist", "no") != "no"
    if hasattr(config, "workerinput") or not given_out:
        gc.disable()  # until `pytest_collection_finish`
    if hasattr(config, "workerinput"):
        return
    config.add_cleanup(Guardian().release)
    if given_out:
        config.pluginmanager.register(Controller())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {path: number for number, path in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::")[0], len(place)))


def pytest_collection_finish() -> None:
    """Eight thousand tests and what they import stay to the end: no collection walks them again."""
    gc.freeze()
    gc.enable()


def reached(config: pytest.Config, name: str, part: Part) -> Iterator[str]:
    """Yield the address of a part: the one shared by all workers, else one started here."""
    shared = getattr(config, "workerinput", {}).get(name)
    if shared is None:
        part.start()
        yield part.url
        part.stop()
        return
    url, port = shared
    until_now(lambda: listening(port), 90)
    yield url
