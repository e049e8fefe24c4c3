"""How a demonstration is: each part's address, health, memory, restarts."""

from dataclasses import asdict, dataclass
from typing import Literal

import psutil

from deploy.local.supervision.children import answers
from deploy.local.supervision.state import PartState, State

Health = Literal["ok", "starting", "failing", "stopped", "paused", "given"]

WORDS: dict[Health, str] = {
    "ok": "en marche",
    "starting": "démarre",
    "failing": "en panne",
    "stopped": "arrêté",
    "paused": "arrêté exprès",
    "given": "configuré, non surveillé",
}


@dataclass(frozen=True, slots=True)
class PartHealth:
    """A part as it is now; ``memory_mb`` is its resident memory with its children's."""

    name: str
    title: str
    health: Health
    address: str | None
    port: int | None
    pid: int | None
    memory_mb: float | None
    restarts: int
    log: str | None


def health(state: State | None) -> list[PartHealth]:
    """Look at every part of a demonstration, now."""
    if state is None:
        return []
    running = state.running
    return [_look(name, part, state, running) for name, part in state.parts.items()]


def as_json(state: State | None) -> dict[str, object]:
    """Return the same as JSON for programs."""
    running = state is not None and state.running
    parts = health(state)
    return {
        "running": running,
        "phase": state.phase if state is not None and running else "stopped",
        "failure": state.failure if state is not None else None,
        "healthy": running and all(part.health in ("ok", "given") for part in parts),
        "memory_mb": round(sum(part.memory_mb or 0 for part in parts), 1),
        "parts": [asdict(part) for part in parts],
    }


def _look(name: str, part: PartState, state: State, running: bool) -> PartHealth:
    process = part.process.found() if part.process and running else None
    return PartHealth(
        name,
        part.title,
        _health(part, process, state),
        part.address,
        part.port,
        process.pid if process else None,
        _memory(process) if process else None,
        part.restarts,
        part.log,
    )


def _health(part: PartState, process: psutil.Process | None, state: State) -> Health:
    if part.given:
        return "given"
    if part.paused:
        return "paused"
    if process is None or part.port is None:
        return "failing" if part.lost else "stopped"
    if answers(part.port, part.ready):
        return "ok"
    return "starting" if state.phase == "starting" else "failing"


def _memory(process: psutil.Process) -> float | None:
    try:
        family = [process, *process.children(recursive=True)]
        return round(sum(one.memory_info().rss for one in family) / 1e6, 1)
    except psutil.NoSuchProcess:
        return None
