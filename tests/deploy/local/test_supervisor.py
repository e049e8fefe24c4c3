import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from deploy.local import demo
from deploy.local.choices import Choices
from deploy.local.parts import EPOCH
from deploy.local.supervision.children import free_port
from deploy.local.supervision.failure import PartError
from deploy.local.supervision.plan import Given, Part, Plan, Step, Task
from deploy.local.supervision.state import State, read
from deploy.local.supervision.status import health as look
from deploy.local.supervision.supervisor import Leniency, Stopped, Supervisor
from tests.deadlines import until_now

SERVE = (
    "import sys, http.server as h;"
    "h.HTTPServer(('127.0.0.1', int(sys.argv[1])), h.SimpleHTTPRequestHandler).serve_forever()"
)


@dataclass
class Told:
    events: list[tuple[object, ...]] = field(default_factory=list)

    def began(self, name: str, title: str) -> None:
        self.events.append(("began", name))

    def progressed(self, name: str, done: int, wanted: int) -> None:
        self.events.append(("progressed", name, done, wanted))

    def ended(self, name: str, seconds: float) -> None:
        self.events.append(("ended", name))

    def said(self, sentence: str) -> None:
        self.events.append(("said", sentence))

    def names(self, event: str) -> list[object]:
        return [told[1] for told in self.events if told[0] == event]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def run(tmp_path: Path, told: Told) -> Iterator[Callable[[Plan], Supervisor]]:
    made: list[Supervisor] = []

    def make(plan: Plan) -> Supervisor:
        made.append(Supervisor(plan, tmp_path, told))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def part(folder: Path, name: str, *after: str, code: str = SERVE) -> Part:
    port = free_port()
    command = [sys.executable, "-c", code, str(port)]
    return Part(name, name, lambda: command, port, folder / f"{name}.log", after=after, ready="/")


def step(folder: Path, name: str, code: str, *after: str, once: Path | None = None) -> Step:
    return Step(
        name, name, (sys.executable, "-c", code), folder / f"{name}.log", after=after, once=once
    )


def test_everything_starts_after_what_it_needs(tmp_path, told, run):
    supervisor = run(
        [
            part(tmp_path, "page", "tables"),
            step(tmp_path, "tables", "print('progress 2/3')", "engine"),
            Task("jars", "jars", lambda progress: progress(1, 1)),
            part(tmp_path, "engine", "jars"),
        ]
    )
    assert supervisor.start() > 0
    assert told.names("ended") == ["jars", "engine", "tables", "page"]
    assert ("progressed", "jars", 1, 1) in told.events
    assert ("progressed", "tables", 2, 3) in told.events
    state = read(tmp_path)
    assert state.phase == "ready"
    assert list(state.parts) == ["engine", "page"]


def test_a_step_that_was_done_is_not_run_again(tmp_path, told, run):
    done = tmp_path / "done"
    for _ in range(2):
        run([step(tmp_path, "export", "pass", once=done)]).start()
    assert told.names("began") == ["export"]


def test_what_dies_at_the_start_names_itself_its_log_and_its_last_words(tmp_path, run):
    supervisor = run([part(tmp_path, "engine", code="raise SystemExit('no licence')")])
    with pytest.raises(PartError) as failed:
        supervisor.start()
    sentence = str(failed.value)
    assert sentence.startswith("engine\u00a0: arrêté au démarrage (code 1). ")
    assert str(tmp_path / "engine.log") in sentence
    assert "no licence" in sentence


SLOW = """
import http.server, sys

class Slow(http.server.BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        Slow.asked += 1
        done = min(Slow.asked, int(sys.argv[2]))
        self.send_response(200 if done >= 40 else 503)
        self.end_headers()
        self.wfile.write(b"being read, %d of 40" % done)

    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Slow).serve_forever()
"""


def slow(folder: Path, until: int) -> Part:
    """Return a part that says how far it is at each look, up to so many of forty."""
    made = part(folder, "api")
    command = [sys.executable, "-c", SLOW, str(made.port), str(until)]
    return replace(made, command=lambda: command, seconds=1.0)


@pytest.mark.proof
def test_what_is_slow_is_waited_for_as_long_as_it_goes_on(tmp_path, run):
    assert run([slow(tmp_path, 40)]).start() > 1.0


@pytest.mark.proof
def test_what_stands_still_is_given_up_with_what_it_says(tmp_path, run):
    with pytest.raises(PartError, match=r"pas prêt après .*being read, 3 of 40"):
        run([slow(tmp_path, 3)]).start()


def test_a_step_that_fails_stops_the_start(tmp_path, told, run):
    supervisor = run(
        [step(tmp_path, "tables", "raise SystemExit(3)"), part(tmp_path, "page", "tables")]
    )
    with pytest.raises(PartError, match="tables\u00a0: échec"):
        supervisor.start()
    assert told.names("began") == ["tables"]


def test_a_failed_preparation_is_told_as_it_is(run):
    def fail(_: object) -> None:
        raise PartError("Kafka", "pas de réseau", "se connecter")

    with pytest.raises(PartError, match="pas de réseau"):
        run([Task("jars", "jars", fail)]).start()


def test_a_busy_port_is_told_before_anything_starts(tmp_path, told, run):
    first = replace(part(tmp_path, "api"), port_setting="OBSERVATOIRE_DEMO_PORT")
    run([first]).start()
    another = f"OBSERVATOIRE_DEMO_PORT={first.port + 1} make demo"
    with pytest.raises(PartError, match=f"le port {first.port} est déjà occupé.*{another}"):
        run([step(tmp_path, "tables", "pass"), first]).start()
    assert told.names("began") == ["api"]


def test_what_is_stopped_on_purpose_waits_and_is_no_failure(tmp_path, told, run):
    switch = tmp_path / "scorer.stopped"
    switch.touch()
    supervisor = run([replace(part(tmp_path, "scorer"), switch=switch)])
    supervisor.start()
    assert not switch.exists()
    first = supervisor.state.parts["scorer"].process
    switch.touch()
    until_now(lambda: supervisor.watch() or first.found() is None)
    for _ in range(3):
        supervisor.watch()
    (health,) = look(read(tmp_path))
    assert (health.health, health.restarts) == ("paused", 0)
    switch.unlink()
    until_now(lambda: supervisor.watch() or look(supervisor.state)[0].health == "ok")
    assert told.names("said") == []
    assert supervisor.state.parts["scorer"].process.pid != first.pid


def test_what_dies_is_started_again_then_given_up(tmp_path, told, run):
    supervisor = run([part(tmp_path, "scorer")])
    supervisor.start()
    for death in range(1, 5):
        process = supervisor.state.parts["scorer"].process
        os.kill(process.pid, signal.SIGKILL)
        until_now(lambda count=death: supervisor.watch() or len(told.names("said")) == count)
    assert "s’est arrêté (code -9), relancé" in str(told.names("said")[0])
    assert "arrêté 4 fois, abandonné" in str(told.names("said")[3])
    assert supervisor.state.parts["scorer"].lost


def test_stopping_ends_what_was_started_and_nothing_else(tmp_path, run):
    with subprocess.Popen([sys.executable, "-c", SERVE, str(free_port())]) as other:
        supervisor = run([part(tmp_path, "engine"), part(tmp_path, "page", "engine")])
        supervisor.start()
        pids = [known.process.pid for known in supervisor.state.parts.values() if known.process]
        supervisor.stop()
        assert not any(psutil.pid_exists(pid) for pid in pids)
        assert other.poll() is None
        other.kill()


def test_asked_to_stop_while_starting_it_stops(tmp_path, run):
    supervisor = run([step(tmp_path, "tables", "import time; time.sleep(60)")])
    supervisor.ask_to_stop()
    with pytest.raises(Stopped):
        supervisor.start()


def test_what_is_left_for_later_delays_nothing_and_may_fail_alone(tmp_path, told, run):
    page = part(tmp_path, "page")
    year = replace(step(tmp_path, "year", "raise SystemExit(2)", "page"), later=True)
    curve = replace(step(tmp_path, "curve", "import os; print(os.nice(0))", "page"), later=True)
    supervisor = run([year, curve, page])
    supervisor.start()
    assert told.names("ended") == ["page"]
    until_now(lambda: supervisor.watch() or (told.names("said") and len(told.names("ended")) == 2))
    assert "year\u00a0: échec (code 2)" in str(told.names("said")[0])
    assert told.names("ended") == ["page", "curve"]
    assert int((tmp_path / "curve.log").read_text()) == os.nice(0) + 10
    assert supervisor.state.phase == "ready"


def kill(supervisor: Supervisor, *names: str) -> None:
    """kill -9 of parts, in order: each is dead before the next is killed."""
    for name in names:
        pid = supervisor.state.parts[name].process.pid
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def restored(supervisor: Supervisor, restarts: dict[str, int]) -> bool:
    supervisor.watch()
    parts = look(supervisor.state)
    return {part.name: part.restarts for part in parts if part.health == "ok"} == restarts


FALLS = {
    "the broker first": ("broker", "scorer", "alerts"),
    "the broker last": ("alerts", "scorer", "broker"),
    "broker and engine": ("broker", "engine", "scorer", "alerts"),
    "the engine, not the broker": ("scorer", "engine"),
    "what needs a service that fell": ("broker", "api", "alerts"),
    "all there is": ("broker", "engine", "api", "scorer", "alerts"),
}


@pytest.mark.proof
@pytest.mark.parametrize("fallen", FALLS.values(), ids=FALLS)
def test_what_falls_with_what_it_needs_is_never_given_up(tmp_path, told, fallen):
    plan = [part(tmp_path, "broker"), part(tmp_path, "engine")]
    plan += [step(tmp_path, "topics", "pass", "broker"), step(tmp_path, "tables", "pass", "engine")]
    plan += [part(tmp_path, "api", "tables", "topics"), part(tmp_path, "alerts", "topics", "api")]
    plan += [part(tmp_path, "scorer", "topics", "tables")]
    supervisor = Supervisor(plan, tmp_path, told, Leniency(wake=60, pace=0.1))
    counts = dict.fromkeys(("broker", "engine", "api", "alerts", "scorer"), 0)

    def all_back() -> bool:
        return restored(supervisor, counts)

    try:
        supervisor.start()
        for _ in range(3):
            kill(supervisor, *fallen)
            counts.update({name: counts[name] + 1 for name in fallen})
            until_now(all_back, 30)
        kill(supervisor, "scorer")
        counts["scorer"] += 1
        until_now(all_back, 30)
    finally:
        supervisor.stop()
    assert not any("abandonné" in str(said) for said in told.names("said"))


def test_what_is_seen_to_fall_before_what_it_needs_is_never_given_up(tmp_path, told):
    plan = [part(tmp_path, "broker"), part(tmp_path, "scorer", "broker")]
    supervisor = Supervisor(plan, tmp_path, told, Leniency(restarts=2, wake=0, pace=60))
    try:
        supervisor.start()
        for death in (1, 2):
            for _ in range(2):
                told.events.clear()
                kill(supervisor, "scorer")
                until_now(lambda: supervisor.watch() or told.names("said"))
            kill(supervisor, "broker")
            counts = {"broker": death, "scorer": 2 * death}
            until_now(lambda counts=counts: restored(supervisor, counts))
    finally:
        supervisor.stop()


@pytest.mark.proof
def test_what_dies_while_others_start_is_started_again(tmp_path, told, run):
    broker = part(tmp_path, "broker")
    slow_step = step(tmp_path, "history", "import time; time.sleep(1)", "broker")
    supervisor = run([broker, slow_step])
    killed: list[str] = []

    def ended(name: str, seconds: float) -> None:
        killed.append(name)
        if name == "broker":
            kill(supervisor, "broker")

    told.ended = ended
    supervisor.start()
    assert killed == ["broker", "history"]
    assert "relancé" in str(told.names("said")[0])
    until_now(lambda: restored(supervisor, {"broker": 1}))


def test_a_disk_without_room_ends_no_supervisor(tmp_path, told, run):
    supervisor = run([part(tmp_path, "api")])
    supervisor.start()
    draft = tmp_path / "state.new"
    draft.mkdir()  # a state that cannot be written, as on a full disk
    kill(supervisor, "api")
    until_now(lambda: restored(supervisor, {"api": 1}))
    assert read(tmp_path).parts["api"].restarts == 0
    assert sum("ne peut pas être écrit" in str(said) for said in told.names("said")) == 1
    draft.rmdir()
    supervisor.watch()
    assert read(tmp_path).parts["api"].restarts == 1


def test_a_part_for_which_there_is_no_room_now_is_started_later(tmp_path, told):
    refusals = [OSError(12, "Cannot allocate memory")]
    api = part(tmp_path, "api")
    command = api.command()

    def start_of() -> list[str]:
        if told.names("said") and refusals:
            raise refusals.pop()
        return command

    plan = [replace(api, command=start_of)]
    supervisor = Supervisor(plan, tmp_path, told, Leniency(pace=0.1))
    try:
        supervisor.start()
        kill(supervisor, "api")
        until_now(lambda: restored(supervisor, {"api": 1}))
    finally:
        supervisor.stop()
    assert "pas relancé ([Errno 12] Cannot allocate memory)" in str(told.names("said")[1])


@pytest.mark.parametrize("error", [RuntimeError("unforeseen"), OSError(28, "No space left")])
def test_its_own_failure_is_told_and_ends_what_it_started(tmp_path, told, monkeypatch, error):
    api = part(tmp_path, "api")
    monkeypatch.setattr(demo, "demonstration", lambda *_: [api])
    pids: list[int] = []

    def fail(state: State) -> None:
        pids.append(state.parts["api"].process.pid)
        raise error

    assert demo.run(Choices(folder=tmp_path), told, fail) == 1
    assert "par un défaut à elle" in str(told.names("said")[-1])
    assert "défaut" in read(tmp_path).failure
    assert not psutil.pid_exists(pids[0])


@pytest.mark.proof
@pytest.mark.broker
@pytest.mark.timeout(240)
def test_a_broker_that_is_killed_with_those_who_need_it_takes_nobody_along(tmp_path, told):
    """Twice in five minutes: once all were given up but the portal."""
    choices = Choices(tmp_path, free_port(), free_port(), 30)
    kept = {"jars", "kafka", "clickhouse", "registry", "topics", "schema", "catchers"}
    kept |= {"scorer", "alerts"}
    plan = [
        replace(item, after=tuple(name for name in item.after if name in kept))
        for item in demo.demonstration(choices, {}, EPOCH, datetime.now(UTC))
        if item.name in kept and not isinstance(item, Given)
    ]
    supervisor = Supervisor(plan, tmp_path, told)
    try:
        supervisor.start()
        for death in (1, 2):
            kill(supervisor, "kafka", "scorer", "alerts")
            counts = dict.fromkeys(("kafka", "scorer", "alerts"), death)
            counts |= {"clickhouse": 0, "catchers": 0}
            until_now(lambda counts=counts: restored(supervisor, counts), 90)
    finally:
        supervisor.stop()
