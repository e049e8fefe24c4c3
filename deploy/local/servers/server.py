"""A server of this machine, in a folder of its own."""

import os
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from deploy.local.supervision.children import Child, check_port, free_port, start
from deploy.local.supervision.patience import Patience, Start

_PAUSE_SECONDS = 0.05
_READY_SECONDS = 60.0


class Server(ABC):
    """One server in a folder, started and stopped by this process.

    `title` is its name in French, `setting` the variable by which a person chooses its port,
    `ready` where it says that it is.
    """

    title: ClassVar[str]
    setting: ClassVar[str]
    ready: ClassVar[str | None] = None
    log_name: ClassVar[str]

    def __init__(self, folder: Path, port: int = 0, *, log: Path | None = None) -> None:
        """Prepare a server whose data live in ``folder``; port 0: a free one."""
        self.folder = folder
        self.port = port or free_port()
        self.log = log or folder / self.log_name
        self._chosen = port != 0
        self._child: Child | None = None

    @property
    @abstractmethod
    def command(self) -> list[str]:
        """The command that runs it."""

    @property
    def child(self) -> Child:
        """The running process. Raises ``RuntimeError`` before ``start``."""
        if self._child is None:
            raise RuntimeError(f"{self.title} has not been started")
        return self._child

    def check(self) -> None:
        """Raise ``PartError`` where somebody has the port that was chosen."""
        if self._chosen:
            check_port(self.title, self.port, self.setting)

    def start(self) -> None:
        """Start and wait until it answers. Raises ``PartError``: port busy, died."""
        self.check()
        self._child = start(self.command, self.log, {**os.environ, "TZ": "UTC"})
        patience = Patience(_READY_SECONDS, time.monotonic())
        begun = Start(self.title, self._child, self.port, self.ready, patience)
        while not begun.over():
            time.sleep(_PAUSE_SECONDS)

    def stop(self) -> None:
        """Stop cleanly: what it has in hand is finished, so that the next start replays nothing."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._child is not None:
            self._child.kill()
