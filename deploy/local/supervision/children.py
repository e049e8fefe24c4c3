"""Starts the processes of the local machine, tells whether they answer, stops exactly those."""

import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

from deploy.local.supervision.failure import PartError

_PR_SET_PDEATHSIG = 1
_POLITE = 10
"""Niceness of the parts: the person's own programs come first."""

PORTS = range(20_000, 32_768)
"""Below those that the kernel gives to outgoing connections, one of which could otherwise take a
port before the part that it is meant for has started."""
_LIBC = ctypes.CDLL(None)


def start(
    command: Sequence[str], log: Path, environment: Mapping[str, str], *, polite: bool = False
) -> "Child":
    """Start a command in a process group of its own, its output appended to ``log``.

    On Linux the process ends with the one that started it, even when that one is killed: nothing
    is left behind by a demonstration or a test run that was cut short. A ``polite`` one runs when
    the others leave it the processor.
    """

    def prepare() -> None:
        if polite:
            os.nice(_POLITE)
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=prepare,
        )
    return Child(process, log)


class Child:
    """A process that we started, and its log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self.log = log

    @property
    def pid(self) -> int:
        """Process id, which is also the id of its group."""
        return self.process.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self, patience: float = 20.0) -> None:
        """Ask its group to end, then end it after ``patience`` seconds."""
        for wanted, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
            if not self.alive():
                return
            try:
                os.killpg(self.pid, wanted)
                self.process.wait(wait)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue

    def ask_to_end(self) -> None:
        """Ask its group to end, and return at once."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End its group at once, as a power cut would (``kill -9``)."""
        if self.alive():
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()


def last_words(log: Path) -> str:
    """What to do about a process that died, from the end of its log."""
    tail = log.read_bytes()[-8192:].decode(errors="replace")
    if "No space left on device" in tail:
        return "libérer de la place sur le disque, puis recommencer"
    if "Address already in use" in tail:
        return "arrêter le programme qui occupe le port, ou en choisir un autre"
    if "OutOfMemory" in tail or "Cannot allocate memory" in tail:
        return "fermer des programmes pour libérer de la mémoire, puis recommencer"
    lines = [line for line in tail.splitlines() if line.strip()]
    return f"lire le journal, qui finit par «\u00a0{lines[-1][:200] if lines else 'rien'}\u00a0»"


def free_port() -> int:
    """Return a port of this machine that nobody listens on, nor was given while its process lives.

    A part listens seconds after its port was drawn: another demonstration, or another test, could
    draw the same meanwhile. Byte N of a file that all share is locked by who was given port N.
    """
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            fcntl.lockf(_given(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            if port not in _OURS:
                _OURS.add(port)
                return port


_OURS: set[int] = set()
"""Given by this process, whose own locks hinder it not."""


@cache
def _given() -> BinaryIO:
    """Open the file whose bytes are locked, once: closing it anywhere would give all locks up."""
    path = Path(tempfile.gettempdir(), f"observatoire-ports-{os.getuid()}")
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b")


def listening(port: int) -> bool:
    """Whether somebody accepts connections on that port of this machine."""
    with socket.socket() as attempt:
        attempt.settimeout(0.5)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def check_port(part: str, port: int, setting: str | None) -> None:
    """Raise ``PartError`` when somebody already listens on the port that a part was given.

    ``setting`` is the variable of the environment by which a person chooses another.
    """
    if not listening(port):
        return
    another = (
        f"en choisir un autre par {setting}={port + 1} make demo" if setting else "recommencer"
    )
    raise PartError(
        part,
        f"le port {port} est déjà occupé",
        "arrêter le programme qui l’occupe (souvent une autre démonstration), ou " + another,
    )


def answers(port: int, ready: str | None) -> bool:
    """Whether a part listens, and its readiness address answers 200 when it has one."""
    return refusal(port, ready) is None


def refusal(port: int, ready: str | None) -> str | None:
    """Return what a part that is not ready says, on one line ('': nothing); None when it is."""
    if not listening(port):
        return ""
    if ready is None:
        return None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5) as answer:
            return None if answer.status == 200 else ""
    except urllib.error.HTTPError as told:
        return " ".join(told.read(400).decode(errors="replace").split())
    except OSError:
        return ""
