"""Ends what a test session started, once the session is gone: Ctrl-C, `kill -9`, or its end.

Interrupted, workers are cut short before their fixtures stop anything, and a demonstration that was
started beside belongs to nobody. So a session marks its environment, which all that it starts
inherits, however detached; a process of its own waits for the session's end, then ends what still
bears the mark: `python -m tests.guardian MARK`, which reads its input until it is closed.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import psutil

NAME = "OBSERVATOIRE_TEST_SESSION"
PATIENCE = 20.0
"""Seconds left to a process to stop by itself: a broker closes its segments."""


class Guardian:
    """Watches over the session of this process, from its making to `release`."""

    def __init__(self) -> None:
        mark = os.environ[NAME] = secrets.token_hex(8)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.guardian", mark],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            # What interrupts the session does not reach it.
            start_new_session=True,
        )

    def release(self) -> None:
        """Have it end what is left, and wait for that."""
        self._process.communicate()


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes that bear a mark, but this one."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(NAME) == mark and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue  # it ended meanwhile, or is somebody else's
    return found


def end(processes: list[psutil.Process]) -> None:
    """Ask processes to stop, then end those that do not."""
    for process in processes:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    for process in alive:
        _signal(process, kill=True)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.Error:
        return


def main(mark: str) -> None:
    """Wait until the session is gone, then end what it left."""
    sys.stdin.read()
    while left := marked(mark):
        end(left)


if __name__ == "__main__":
    main(sys.argv[1])
