"""What a demonstration writes about itself, for ``status`` and ``down`` in other processes."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import psutil

Phase = Literal["starting", "ready", "stopping", "stopped", "failed"]


@dataclass(slots=True)
class Process:
    """A process by its id and birth, so that another one with the same id is not taken for it."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Process":
        """Describe a process that runs."""
        return cls(pid, psutil.Process(pid).create_time())

    def found(self) -> psutil.Process | None:
        """Return it when it still runs."""
        try:
            process = psutil.Process(self.pid)
            alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive and abs(process.create_time() - self.created) < 1 else None


@dataclass(slots=True)
class PartState:
    """A part: where it answers, where its log is, which process it is."""

    title: str
    port: int | None = None
    address: str | None = None
    ready: str | None = None
    log: str | None = None
    process: Process | None = None
    given: bool = False
    lost: bool = False
    paused: bool = False
    restarts: int = 0


@dataclass(slots=True)
class State:
    """The demonstration of a folder."""

    supervisor: Process
    phase: Phase = "starting"
    seconds: float = 0.0
    failure: str | None = None
    parts: dict[str, PartState] = field(default_factory=dict[str, PartState])

    def write(self, folder: Path) -> None:
        """Write it whole; a reader sees the old one or the new one."""
        path = folder / "state.json"
        draft = path.with_suffix(".new")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))
        draft.replace(path)

    @property
    def running(self) -> bool:
        """Whether its supervisor still runs."""
        return self.supervisor.found() is not None


def read(folder: Path) -> State | None:
    """Read the state of a folder, None when no demonstration was ever started there."""
    try:
        return msgspec.json.decode((folder / "state.json").read_bytes(), type=State)
    except FileNotFoundError:
        return None


class WorldClock:
    """The world's time, kept in a file: it stands still while the demonstration is stopped.

    So a restart never goes back before what is already observed, nor leaves a gap.
    """

    def __init__(self, folder: Path, epoch: datetime, started: datetime) -> None:
        """Read where the world stopped; ``epoch`` the first time. ``started`` is now, UTC."""
        self._path = folder / "clock"
        self.started = started
        try:
            self.epoch = datetime.fromisoformat(self._path.read_text().strip())
        except (FileNotFoundError, ValueError):
            self.epoch = epoch

    def keep(self, now: datetime) -> None:
        """Write the world's time at the machine's instant ``now``."""
        draft = self._path.with_suffix(".new")
        draft.write_text((self.epoch + (now - self.started)).isoformat())
        draft.replace(self._path)


def rotate(log: Path) -> None:
    """Put the log of the run before aside, one generation."""
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
