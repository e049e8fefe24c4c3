"""Starts a plan in the order of its needs, watches it, and stops exactly what it started."""

import os
import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.supervision.children import Child, answers, check_port, last_words, start
from deploy.local.supervision.display import Terminal
from deploy.local.supervision.failure import PartError
from deploy.local.supervision.patience import Patience, Start
from deploy.local.supervision.plan import (
    Given,
    Item,
    Part,
    Plan,
    Step,
    Task,
    dependants,
    foundations,
    in_order,
)
from deploy.local.supervision.state import PartState, Process, State, rotate

LOOK_EVERY_SECONDS = 0.05
_PROGRESS = re.compile(rb"^progress (\d+)/(\d+)\s*$", re.MULTILINE)
_PATIENCE = 20.0
"""Seconds that a part stopped on purpose is given to finish."""


@dataclass(frozen=True, slots=True)
class Leniency:
    """When a part that dies is given up.

    Args:
        restarts: times that it is started again within ``window`` seconds, before it is given up.
        window: seconds after which a death is forgotten.
        wake: seconds after a part answers again in which the deaths of those that need it are laid
            to its own, and count for nothing.
        pace: least seconds between two starts, where deaths count for nothing.
    """

    restarts: int = 3
    window: float = 300.0
    wake: float = 30.0
    pace: float = 5.0


class Stopped(Exception):
    """Somebody asked to stop while the plan was starting."""


@dataclass(slots=True)
class _Run:
    item: Item
    began: float
    child: Child | None = None
    future: Future[None] | None = None
    ready: bool = False
    failed: bool = False
    start: Start | None = None
    deaths: list[float] = field(default_factory=list[float])
    fell: bool = False
    back: float = 0.0
    due: float | None = None

    @property
    def started(self) -> bool:
        """Whether it was ready once."""
        return self.ready or self.fell

    def shaken(self, wake: float) -> bool:
        """Whether it is down, or has answered again for less than ``wake`` seconds."""
        return self.fell and (not self.ready or time.monotonic() - self.back < wake)


class Supervisor:
    """Runs one plan."""

    def __init__(
        self, plan: Plan, folder: Path, terminal: Terminal, leniency: Leniency | None = None
    ) -> None:
        self._leniency = leniency or Leniency()
        self._unwritten = False
        self._plan = plan
        self._folder = folder
        self._terminal = terminal
        self._runs: dict[str, _Run] = {}
        self._threads = ThreadPoolExecutor(4)
        self._waiting = in_order(plan)
        self._stopping = False
        self._began = time.monotonic()
        self.state = State(Process.of(os.getpid()))
        for item in plan:
            if isinstance(item, Given):
                self.state.parts[item.name] = PartState(
                    item.title, address=item.address, given=True
                )

    def ask_to_stop(self) -> None:
        """Stop soon; safe from a signal handler."""
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping

    def start(self) -> float:
        """Start everything and return the seconds it took.

        Raises ``PartError`` when something cannot start and ``Stopped`` when asked to stop; what
        was started then still runs: call ``stop``.
        """
        for item in self._waiting:
            if isinstance(item, Part):
                check_port(item.title, item.port, item.port_setting)
                if item.switch is not None:
                    item.switch.unlink(missing_ok=True)
        self._write()
        now = [item for item in self._waiting if not item.later]
        while not all(item.name in self._runs and self._runs[item.name].started for item in now):
            if self._stopping:
                raise Stopped
            self._launch_next(now)
            for run in self._runs.values():
                if not run.started:
                    self._look(run)
            self._mind_parts()
            time.sleep(LOOK_EVERY_SECONDS)
        self.state.phase, self.state.seconds = "ready", time.monotonic() - self._began
        self._write()
        return self.state.seconds

    def watch(self) -> None:
        """Look once at what runs: start again what died, give up what dies too often.

        What was left for later is started now, and told when it is done.
        """
        self._launch_next(self._waiting)
        for run in self._runs.values():
            if not isinstance(run.item, Part):
                self._look_later(run)
        self._mind_parts()
        if self._unwritten:
            self._write()

    def _mind_parts(self) -> None:
        # What needs others is looked at before them: whatever took it along is then seen dead too.
        dead = {
            name
            for name, run in reversed(self._runs.items())
            if run.child is not None and not run.child.alive()
        }
        for name, run in self._runs.items():
            part, child = run.item, run.child
            if not isinstance(part, Part) or child is None or self.state.parts[name].lost:
                continue
            if not (run.started or self.state.phase == "ready") or self._held(run, part, child):
                continue
            if name in dead:
                self._restart_or_give_up(run, part, child)
            elif not run.ready and answers(part.port, part.ready):
                run.ready, run.back = True, time.monotonic()

    def stop(self) -> None:
        """Stop every part, those that others need last."""
        self.state.phase = "stopping"
        self._write()
        alive = {name: run.child for name, run in self._runs.items() if run.child is not None}
        while alive := {name: child for name, child in alive.items() if child.alive()}:
            last = [name for name in alive if not (dependants(self._plan, name) & alive.keys())]
            for name in last:
                alive[name].ask_to_end()
            for name in last:
                alive[name].stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def finish(self, failure: str | None = None) -> None:
        """Write how it ended."""
        self.state.phase = "failed" if failure else "stopped"
        self.state.failure = failure
        for part in self.state.parts.values():
            part.process = None
        self._write()

    def _launch_next(self, items: list[Item]) -> None:
        for item in [item for item in items if item in self._waiting and self._may_start(item)]:
            self._waiting.remove(item)
            self._launch(item)

    def _look_later(self, run: _Run) -> None:
        if run.ready or run.failed:
            return
        try:
            self._look(run)
        except PartError as error:
            run.failed = True
            self._terminal.said(str(error))

    def _may_start(self, item: Item) -> bool:
        given = {part.name for part in self._plan if isinstance(part, Given)}
        return all(
            name in given or (name in self._runs and self._runs[name].ready) for name in item.after
        )

    def _launch(self, item: Item) -> None:
        run = self._runs[item.name] = _Run(item, time.monotonic())
        if isinstance(item, Step) and item.once is not None and item.once.exists():
            run.ready = True
            return
        self._terminal.began(item.name, item.title)
        if isinstance(item, Task):
            run.future = self._threads.submit(self._task, item)
            return
        rotate(item.log)
        run.child = self._spawn(item)

    def _task(self, item: Task) -> None:
        item.work(lambda done, wanted: self._terminal.progressed(item.name, done, wanted))

    def _spawn(self, item: Step | Part) -> Child:
        command = item.command() if isinstance(item, Part) else list(item.command)
        child = start(command, item.log, os.environ | item.environment, polite=item.later)
        if isinstance(item, Part):
            known = self.state.parts.get(item.name)
            self.state.parts[item.name] = PartState(
                item.title,
                item.port,
                item.address,
                item.ready,
                str(item.log),
                Process.of(child.pid),
                restarts=known.restarts if known else 0,
            )
            self._write()
        return child

    def _look(self, run: _Run) -> None:
        match run.item:
            case Task():
                run.ready = self._task_ended(run, run.item)
            case Step():
                run.ready = self._step_ended(run, run.item)
            case Part():
                run.ready = self._part_answers(run, run.item)
        if run.ready:
            self._terminal.ended(run.item.name, time.monotonic() - run.began)

    def _task_ended(self, run: _Run, task: Task) -> bool:
        assert run.future is not None
        if not run.future.done():
            return False
        error = run.future.exception()
        if isinstance(error, PartError):
            raise error
        if error is not None:
            raise PartError(
                task.title, f"échec ({error!r})", "recommencer\u00a0; sinon le signaler"
            )
        return True

    def _step_ended(self, run: _Run, step: Step) -> bool:
        assert run.child is not None
        if found := _PROGRESS.findall(_tail(step.log)):
            done, wanted = found[-1]
            self._terminal.progressed(step.name, int(done), int(wanted))
        if run.child.alive():
            return False
        if code := run.child.process.returncode:
            raise PartError(step.title, f"échec (code {code})", last_words(step.log), step.log)
        if step.once is not None:
            step.once.touch()
        return True

    def _part_answers(self, run: _Run, part: Part) -> bool:
        assert run.child is not None
        if run.start is None:
            patience = Patience(part.seconds, run.began)
            run.start = Start(part.title, run.child, part.port, part.ready, patience)
        return run.start.over()

    def _held(self, run: _Run, part: Part, child: Child) -> bool:
        """Stop what is to be paused, start again what is not; True while it is paused."""
        known, now = self.state.parts[part.name], time.monotonic()
        if part.switch is not None and part.switch.exists():
            if not known.paused:
                known.paused, run.ready, run.began = True, False, now
                child.ask_to_end()
                self._write()
            elif child.alive() and now - run.began > _PATIENCE:
                child.kill()
            return True
        if known.paused and child.alive():
            return True
        if known.paused:
            self._start_again(run, part)
        return known.paused

    def _restart_or_give_up(self, run: _Run, part: Part, child: Child) -> None:
        """Start again what died, when it is due; give up what dies too often by itself."""
        now, known = time.monotonic(), self.state.parts[part.name]
        if run.due is None:
            run.ready, run.fell, run.due = False, True, now
            code, after = child.process.returncode, ""
            self._forgive(dependants(self._plan, part.name))
            if cause := self._taken_along_by(part):
                run.due, after = run.began + self._leniency.pace, f" après {cause}"
            else:
                recent = [death for death in run.deaths if now - death < self._leniency.window]
                run.deaths = [*recent, now]
            if not cause and len(run.deaths) > self._leniency.restarts:
                known.lost, known.process = True, None
                what = f"arrêté {len(run.deaths)} fois, abandonné"
                told = PartError(part.title, what, last_words(part.log), part.log)
            else:
                what = f"s’est arrêté (code {code}){after}, relancé"
                told = PartError(part.title, what, "rien, sauf si cela se répète", part.log)
            if known.lost and self.state.phase == "starting":
                raise told
            self._terminal.said(str(told))
            self._write()
        if not known.lost:
            self._start_again(run, part)

    def _forgive(self, names: set[str]) -> None:
        """Forget deaths of a moment ago, seen before that of the part that took them along."""
        before = time.monotonic() - self._leniency.pace
        for run in (self._runs[name] for name in names if name in self._runs):
            run.deaths = [death for death in run.deaths if death < before]

    def _taken_along_by(self, part: Part) -> str | None:
        """Return the title of a part beneath this one that is down, or was a moment ago."""
        for name in foundations(self._plan, part.name):
            beneath = self._runs.get(name)
            if beneath is not None and beneath.shaken(self._leniency.wake):
                return beneath.item.title
        return None

    def _start_again(self, run: _Run, part: Part) -> None:
        """Start a part again once it is due; a machine without room for it is asked again later."""
        now, known = time.monotonic(), self.state.parts[part.name]
        if run.due is not None and now < run.due:
            return
        try:
            child = self._spawn(part)
        except OSError as error:
            run.due = now + self._leniency.pace
            remedy = "libérer de la place ou de la mémoire\u00a0; il sera relancé"
            self._terminal.said(str(PartError(part.title, f"pas relancé ({error})", remedy)))
            return
        if not known.paused:
            self.state.parts[part.name].restarts += 1
        run.child, run.began, run.due = child, now, None
        self._write()

    def _write(self) -> None:
        """Write the state; where there is no room, go on, and write it once there is."""
        try:
            self.state.write(self._folder)
        except OSError as error:
            if not self._unwritten:
                self._terminal.said(
                    f"L’état de la démonstration ne peut pas être écrit ({error.strerror}). Elle "
                    f"continue. À faire\u00a0: libérer de la place, ou voir {self._folder}."
                )
            self._unwritten = True
        else:
            self._unwritten = False


def _tail(log: Path) -> bytes:
    try:
        with log.open("rb") as content:
            content.seek(max(0, log.stat().st_size - 4096))
            return content.read()
    except FileNotFoundError:
        return b""
