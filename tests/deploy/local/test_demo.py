import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from deploy.local.supervision.children import free_port
from tests.deadlines import until_now

OBSERVATOIRE = str(Path(sys.executable).with_name("observatoire"))
CONFIGURED = ("KAFKA_URL", "CLICKHOUSE_URL", "SMTP_URL", "SLACK_URL", "DATABASE_URL", "GRAFANA_URL")
CATCHERS_ONLY = ("jars", "clickhouse", "registry", "world")


class Demo:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.portal, self.mails = free_port(), free_port()
        self.environment = {k: v for k, v in os.environ.items() if k not in CONFIGURED}

    def up(self, *options: str) -> list[str]:
        ports = ["--api-port", str(self.portal), "--catchers-port", str(self.mails)]
        return [OBSERVATOIRE, "demo", "up", "--folder", str(self.folder), *ports, *options]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)

    def ask(self, verb: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run(OBSERVATOIRE, "demo", verb, "--folder", str(self.folder), *options)

    def told(self, words: str) -> set[str]:
        """The kinds of messages, at the mail catcher, whose subject tells of these words."""
        messages = httpx.get(f"http://127.0.0.1:{self.mails}/messages").json()
        asked = "Recevoir la veille"
        return {m["kind"] for m in messages if words in m["subject"] and asked not in m["subject"]}

    def status(self) -> dict[str, Any]:
        return json.loads(self.ask("status", "--json").stdout)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path / "demo")
    yield made
    made.ask("down")


@pytest.mark.proof
@pytest.mark.broker
@pytest.mark.engine
@pytest.mark.timeout(240)
def test_the_whole_line_starts_and_ctrl_c_stops_all_of_it_and_nothing_else(demo):
    output = demo.folder.with_suffix(".out")
    with (
        output.open("w") as terminal,
        _ended_after(sys.executable, "-c", "import time; time.sleep(600)") as other,
        _ended_after(*demo.up("--territories", "100"), env=demo.environment, stdout=terminal) as up,
    ):
        with suppress(TimeoutError):
            until_now(lambda: "Prêt en" in output.read_text() or up.poll() is not None, 180)
        assert "Prêt en" in output.read_text(), output.read_text()

        status = demo.status()
        assert status["healthy"], status
        found = {part["name"] for part in status["parts"]} - {"prometheus"}  # where it is installed
        assert found == {
            "kafka", "clickhouse", "world", "catchers", "api", "scorer", "collector", "alerts",
        }  # fmt: skip
        assert 0 < status["memory_mb"] < 3000
        until_now(lambda: demo.told("Coupure d’eau") == {"mail", "slack"}, 120)
        page = httpx.get(f"http://127.0.0.1:{demo.portal}/")
        assert page.status_code == 200
        assert "SIMULATION" in page.text
        assert "SIMULATION" in httpx.get(f"http://127.0.0.1:{demo.mails}/").text

        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
        assert not [part for part in status["parts"] if psutil.pid_exists(part["pid"])]
        assert other.poll() is None
        other.kill()
    assert demo.status()["phase"] == "stopped"


@pytest.mark.proof
def test_beside_it_is_left_running_and_found_again(demo):
    without = [word for name in CATCHERS_ONLY for word in ("--without", name)]
    started = demo.run(*demo.up("--detach", *without))
    assert "Prêt en" in started.stdout, started.stdout + started.stderr
    assert demo.status()["healthy"]
    again = demo.run(*demo.up("--detach"))
    assert "tourne déjà" in again.stdout
    assert "Tout est arrêté" in demo.ask("down").stdout
    assert demo.ask("status").returncode == 1
    assert "déjà arrêtée" in demo.ask("down").stdout


@pytest.mark.proof
def test_under_nohup_it_outlives_its_terminal_and_still_takes_ctrl_c(demo):
    def in_the_background() -> None:
        for ignored in (signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)

    output = demo.folder.with_suffix(".out")
    command = demo.up(*(word for name in CATCHERS_ONLY for word in ("--without", name)))
    with (
        output.open("w") as log,
        _ended_after(
            *command, env=demo.environment, stdout=log, preexec_fn=in_the_background
        ) as up,
    ):
        until_now(lambda: "Prêt en" in output.read_text() or up.poll() is not None)
        up.send_signal(signal.SIGHUP)
        assert demo.status()["healthy"]
        assert "Arrêt" not in output.read_text()
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0


def test_a_busy_port_is_told_in_one_sentence(demo):
    with subprocess.Popen([sys.executable, "-m", "http.server", str(demo.mails)]) as other:
        until_now(lambda: _answers(demo.mails))
        without = [word for name in CATCHERS_ONLY for word in ("--without", name)]
        refused = demo.run(*demo.up("--detach", *without))
        other.kill()
    assert refused.returncode == 1
    assert (
        f"Courriels et messages des canaux\u00a0: le port {demo.mails} est déjà occupé"
        in refused.stdout
    )
    assert refused.stdout.count("est déjà occupé") == 1


@pytest.mark.proof
def test_a_demonstration_that_was_killed_leaves_nothing_and_starts_again(demo):
    without = [word for name in CATCHERS_ONLY for word in ("--without", name)]
    options = ("--detach", *without)
    demo.run(*demo.up(*options))
    (catchers,) = demo.status()["parts"]
    supervisor = json.loads((demo.folder / "state.json").read_text())["supervisor"]["pid"]
    os.kill(supervisor, signal.SIGKILL)
    until_now(lambda: not psutil.pid_exists(catchers["pid"]))
    assert not demo.status()["running"]
    assert "n’a pas pu dire pourquoi" in demo.ask("status").stdout
    assert "Prêt en" in demo.run(*demo.up(*options)).stdout


@contextmanager
def _ended_after(*command: str, **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that a test which fails does not wait for."""
    with subprocess.Popen(command, stderr=subprocess.STDOUT, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
    except httpx.TransportError:
        return False
