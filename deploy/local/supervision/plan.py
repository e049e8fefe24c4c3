"""What a demonstration is made of, as data: what is prepared, what runs, after what, and how each
says that it is ready. A part is added here and nowhere else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Progress = Callable[[int, int], None]
"""Told (done, wanted)."""


@dataclass(frozen=True, slots=True)
class Task:
    """Work done in this process, in a thread."""

    name: str
    title: str
    work: Callable[[Progress], None]
    after: tuple[str, ...] = ()
    later: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A command that ends. With ``once``, a file that says that it need not be run again.

    Lines ``progress 3/10`` of its output move its bar. What is ``later`` does not delay the moment
    when the demonstration is ready: it runs behind it, politely (``nice``), and may fail alone.
    """

    name: str
    title: str
    command: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    after: tuple[str, ...] = ()
    once: Path | None = None
    later: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A process that stays. It is ready when it listens on ``port`` and ``ready`` answers 200.

    ``address`` is what a person opens, if anything; ``seconds``, how long it may give no sign of
    life before it is ready (see `patience.py`); ``port_setting``, the variable of the environment
    by which a person chooses its port; ``switch``, a file that stops it while it is there.
    """

    name: str
    title: str
    command: Callable[[], list[str]]
    port: int
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    after: tuple[str, ...] = ()
    ready: str | None = None
    address: str | None = None
    seconds: float = 60.0
    later: bool = False
    port_setting: str | None = None
    switch: Path | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A part that somebody else runs: its address was configured."""

    name: str
    title: str
    address: str


Item = Task | Step | Part
Plan = list[Item | Given]


def in_order(plan: Plan) -> list[Item]:
    """Return what is to be run, whatever it needs first; what is given needs nothing.

    Raises ``ValueError`` when something needs what is not in the plan, or needs itself.
    """
    known = {item.name: item for item in plan}
    ordered: dict[str, Item] = {}

    def place(name: str, seen: tuple[str, ...]) -> None:
        if name in seen:
            raise ValueError(f"{' needs '.join((*seen, name))}")
        if name not in known:
            raise ValueError(f"{seen[-1]} needs {name}, which is not in the plan")
        item = known[name]
        if name in ordered or isinstance(item, Given):
            return
        for needed in item.after:
            place(needed, (*seen, name))
        ordered[name] = item

    for name in known:
        place(name, ())
    return list(ordered.values())


def dependants(plan: Plan, name: str) -> set[str]:
    """Return the names of all that needs ``name``, directly or not."""
    direct = {item.name for item in plan if not isinstance(item, Given) and name in item.after}
    return direct.union(*(dependants(plan, needing) for needing in direct))


def foundations(plan: Plan, name: str) -> set[str]:
    """Return the names of the parts that ``name`` needs and that need no part themselves."""
    parts = {item.name for item in plan if isinstance(item, Part)}
    standing = parts.difference(*(dependants(plan, part) for part in parts))
    return {part for part in standing if name in dependants(plan, part)}
