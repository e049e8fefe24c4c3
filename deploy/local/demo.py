"""The demonstration as a whole: start it here or beside, say where to look, stop it."""

import fcntl
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from deploy.local.choices import Choices
from deploy.local.exports import keep_exports
from deploy.local.parts import EPOCH, demonstration
from deploy.local.servers.kafka import check_room
from deploy.local.supervision.display import Terminal
from deploy.local.supervision.failure import PartError
from deploy.local.supervision.lines import say
from deploy.local.supervision.state import State, WorldClock, read
from deploy.local.supervision.supervisor import Stopped, Supervisor

FREE_BYTES = 1_500_000_000
"""Bytes that must be free on the disk: jars, topics and tables of a demonstration."""

LOG = "supervisor.log"
"""What a demonstration that left the terminal says."""

_BEAT_SECONDS = 5.0
_PATIENCE_SECONDS = 90.0


class AlreadyRunning(Exception):
    """Another supervisor holds the folder."""


def run(choices: Choices, terminal: Terminal, ready: Callable[[State], None]) -> int:
    """Run the demonstration in this process until asked to stop; returns its exit code.

    ``ready`` is told once everything is. Ctrl-C, SIGTERM and SIGHUP (unless under nohup) stop
    everything that was started. Raises ``AlreadyRunning``.
    """
    choices.folder.mkdir(parents=True, exist_ok=True)
    with _alone(choices.folder):
        started = datetime.now(UTC)
        clock = WorldClock(choices.folder, EPOCH, started)
        plan = demonstration(choices, os.environ, clock.epoch, started)
        keep_exports(choices.folder, plan)
        supervisor = Supervisor(plan, choices.folder, terminal)
        _stop_when_asked(supervisor)
        failure: str | None = None
        try:
            check_room(choices.folder, FREE_BYTES)
            supervisor.start()
            ready(supervisor.state)
            _watch(supervisor, clock)
        except Stopped:
            pass
        except PartError as error:
            failure = str(error)
        except Exception as error:
            with suppress(OSError):
                traceback.print_exc()
            failure = (
                f"La démonstration s’arrête, par un défaut à elle ({error!r}). Ce qui est fait est "
                "gardé. À faire\u00a0: make demo\u00a0; si cela se répète, le signaler."
            )
        finally:
            terminal.said("Arrêt…")
            supervisor.stop()
            _keep(clock)
            supervisor.finish(failure)
        terminal.said(failure or kept(choices.folder))
        return 1 if failure else 0


def _stop_when_asked(supervisor: Supervisor) -> None:
    """Take the signals that stop it, SIGINT even where a background shell had it ignored."""
    wanted = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        wanted.append(signal.SIGHUP)
    for one in wanted:
        signal.signal(one, lambda _signal, _frame: supervisor.ask_to_stop())


def _watch(supervisor: Supervisor, clock: WorldClock) -> None:
    beat = 0.0
    while not supervisor.stopping:
        supervisor.watch()
        if time.monotonic() > beat:
            _keep(clock)
            beat = time.monotonic() + _BEAT_SECONDS
        time.sleep(0.2)


def _keep(clock: WorldClock) -> None:
    """Keep the world's time; a disk that is full keeps the time before, the parts go on."""
    with suppress(OSError):
        clock.keep(datetime.now(UTC))


def go_on_apart() -> Callable[[Path], None]:
    """Go on in a process of its own, which has the terminal until it calls what is returned.

    That leaves the terminal for a log. The process that called ends then, or once the other has
    ended without: exit code 1.
    """
    told, tell = os.pipe()
    if os.fork():
        os.close(tell)
        raise SystemExit(0 if os.read(told, 1) else 1)
    os.setsid()

    def leave_the_terminal(log: Path) -> None:
        sys.stdout.flush()
        with log.open("ab") as output, Path(os.devnull).open("rb") as nothing:
            for number, stream in enumerate((nothing, output, output)):
                os.dup2(stream.fileno(), number)
        os.write(tell, b".")

    return leave_the_terminal


def stop(folder: Path) -> bool:
    """Stop the demonstration of a folder and wait for it; False when none runs."""
    state = read(folder)
    process = state.supervisor.found() if state is not None else None
    if process is None:
        return False
    process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while state is not None and state.running and time.monotonic() < deadline:
        time.sleep(0.1)
    if state is not None and state.running:
        # Its children end with it.
        process.kill()
    return True


def kept(folder: Path) -> str:
    """Say that all is stopped, what stays on the disk, and how to go on or to be rid of it."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return (
        f"Tout est arrêté. Ce qui est gardé\u00a0: {folder} ({size / 1e6:.0f}\u00a0Mo)\u00a0; "
        "make demo reprend où il en était, make demo-clean l’efface."
    )


def welcome(console: Console, state: State) -> None:
    """Say that it is ready, and where to look: what a person opens first comes first."""
    portal = state.parts["api"].address if "api" in state.parts else None
    opening = f"Ouvrez {portal}\n" if portal else ""
    ready = f"Prêt en {state.seconds:.0f}\u202fs."
    say(console, f"\n{ready} {opening}", **{"bold green": ready, "bold": portal or ready})
    say(console, "Tout ce que vous verrez est simulé\u00a0; rien ne sort de cette machine.\n")
    for name in sorted(state.parts, key=lambda name: (name != "api", name != "catchers")):
        part = state.parts[name]
        if part.address is not None:
            console.print(f"  {part.title:<34} {part.address}", highlight=False, soft_wrap=True)
    if "grafana" not in state.parts:
        say(
            console,
            "\nGrafana n’est pas configuré (GRAFANA_URL)\u00a0: "
            "le portail montre les mêmes panneaux.",
            "dim",
        )


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        yield
