"""The ClickHouse engine of one machine, as a process of its own that alone owns its folder."""

import os
import sys
import urllib.request
from pathlib import Path

from deploy.local.supervision.children import (
    Child,
    check_port,
    free_port,
    listening,
    start,
    wait_until,
)

PART = "ClickHouse (chDB)"
_READY_SECONDS = 60.0


class Engine:
    """One engine in a folder, started and stopped by this process."""

    def __init__(self, folder: Path, port: int = 0, *, log: Path | None = None) -> None:
        """Prepare an engine whose data live in ``folder``; port 0: a free one."""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://default:@127.0.0.1:{self.port}"
        self.log = log or folder / "clickhouse.log"
        self._chosen = port != 0
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The running process. Raises ``RuntimeError`` before ``start``."""
        if self._child is None:
            raise RuntimeError("the engine has not been started")
        return self._child

    def start(self) -> None:
        """Start and wait until it answers. Raises ``PartError``: port busy, died."""
        if self._chosen:
            check_port(PART, self.port, "OBSERVATOIRE_CLICKHOUSE_PORT")
        self._child = start(self.command, self.log, {**os.environ, "TZ": "UTC"})
        wait_until(self._answers, self._child, PART, _READY_SECONDS)

    @property
    def command(self) -> list[str]:
        """The command that runs the engine."""
        data, port = str(self.folder / "data"), str(self.port)
        return [sys.executable, "-m", "deploy.local.engine", "--folder", data, "--port", port]

    def stop(self) -> None:
        """Stop cleanly: statements under way are given ten seconds."""
        if self._child is not None:
            self._child.stop()

    def _answers(self) -> bool:
        if not listening(self.port):
            return False
        url = f"http://127.0.0.1:{self.port}/readyz"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status == 200
