"""Years of the whole invented France written to a real broker: seconds, bytes, memory held."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.servers.kafka import Broker
from simulation.country.days import DAY, moment_of
from simulation.history.history import Plan
from simulation.history.workers import Work, processors, write
from simulation.history.writing import Progress

SINCE, UNTIL = "2025-10-01", "2026-10-01"


@dataclass(slots=True)
class Writing:
    """What was written and what it cost: seconds, seconds of processor, bytes."""

    workers: int
    events: int = 0
    seconds: float = 0
    cpu: float = 0
    stored: int = 0
    held: int = 0
    """The most that the writers held together, looked at twice a second."""

    def look(self, _: Progress) -> None:
        """Add what each writer holds now."""
        held = [_resident(child.pid) for child in multiprocessing.active_children() if child.pid]
        self.held = max(self.held, sum(held))


def write_years(seeds: Iterable[str], enough: float = float("inf")) -> Writing:
    """Write a year of one France after the other, until there are enough events.

    The start of the writing processes is included, that of the broker is not.
    """
    plan = Plan(moment_of(SINCE), moment_of(UNTIL), texts_since=moment_of(UNTIL) - 30 * DAY)
    writing = Writing(processors())
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            began, before = time.perf_counter(), _children()
            for seed in seeds:
                work = Work(seed, None, plan, broker.url, time.time)
                writing.events += write(work, writing.workers, writing.look)
                if writing.events >= enough:
                    break
            writing.seconds, writing.cpu = time.perf_counter() - began, _children() - before
        finally:
            broker.stop()
        writing.stored = sum(path.stat().st_size for path in Path(folder).rglob("*.log"))
    return writing


def _children() -> float:
    """Seconds of processor of the processes that have ended: the writers, not yet the broker."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(process: int) -> int:
    """Bytes of memory of a process; none once it has ended."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(pages) * resource.getpagesize()
