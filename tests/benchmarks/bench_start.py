"""The two commands of the README, as a newcomer gives them: a fresh clone, an empty home.

The first run counts all of it: environment, downloads, thirteen months of an invented France, until
the page of the first territory of the palmarès answers. The warm one counts the same from a stopped
demonstration. `make test` is timed in the same clone, once its tools are there; it fails when a
test fails.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from deploy.local.supervision.children import free_port
from tests.benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
CONFIGURED = ("KAFKA_URL", "CLICKHOUSE_URL", "SMTP_URL", "SLACK_URL", "DATABASE_URL", "GRAFANA_URL")
FIRST = {"network": "bluesky", "limit": 1}
GIVEN_UP_AFTER = 600.0
RECORDINGS = "OBSERVATOIRE_RECORDINGS"


def measure() -> Iterator[Figure]:
    """Measure first run, warm run, and the tests."""
    with tempfile.TemporaryDirectory() as folder:
        clone, home = Path(folder) / "observatoire", Path(folder) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        newcomer = _Newcomer(clone, home)
        yield Figure("start", "demo_first_run", newcomer.demonstration(), "s")
        yield Figure("start", "demo_warm", newcomer.demonstration(), "s")
        newcomer.run("make", "demo-clean")
        newcomer.run("make", ".venv/.dev")
        began = time.monotonic()
        newcomer.run("make", "test")
        yield Figure("start", "make_test", (time.monotonic() - began) / 60, "min")


class _Newcomer:
    """Someone in a fresh clone with nothing of their own."""

    def __init__(self, clone: Path, home: Path) -> None:
        self._clone = clone
        self._portal = f"http://127.0.0.1:{free_port()}"
        mails = free_port()
        inherited = {name: value for name, value in os.environ.items() if name not in CONFIGURED}
        self._environment = inherited | {
            "HOME": str(home),
            "OBSERVATOIRE_DEMO_PORT": self._portal.rsplit(":", 1)[1],
            "OBSERVATOIRE_DEMO_MAIL_PORT": str(mails),
        }
        # The clone is not beside them; where a folder is said to be, it must be.
        beside = ROOT.parent / "shared" / "recordings"
        if beside.is_dir():
            self._environment.setdefault(RECORDINGS, str(beside))

    def run(self, *command: str) -> None:
        subprocess.run(command, cwd=self._clone, env=self._environment, check=True)

    def demonstration(self) -> float:
        """Give `make demo`, wait for a page with figures, Ctrl-C; returns the seconds until it."""
        began = time.monotonic()
        with subprocess.Popen(
            ["make", "demo"], cwd=self._clone, env=self._environment, start_new_session=True
        ) as make:
            try:
                while not self._shows_figures():
                    if make.poll() is not None or time.monotonic() - began > GIVEN_UP_AFTER:
                        raise RuntimeError("make demo shows no page with figures")
                    time.sleep(0.1)
                return time.monotonic() - began
            finally:
                os.killpg(make.pid, signal.SIGINT)

    def _shows_figures(self) -> bool:
        try:
            first = httpx.get(f"{self._portal}/api/v1/rankings", params=FIRST).json()
            page = httpx.get(f"{self._portal}/territoires/{first['accounts'][0]['territory']}")
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            return False
        return page.status_code == httpx.codes.OK and "Score" in page.text
