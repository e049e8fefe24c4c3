"""What a process holds after each round: bytes in use, and pages that the system gave it.

A page is given back once nothing in it is used any more, so that pages may rise for a while though
nothing is kept; what is kept shows in the bytes. Both are counted where all goes through `malloc`,
Python's own small blocks too: elsewhere these are in arenas of a megabyte that nobody trims.
"""

import csv
import ctypes
import gc
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import psutil

from tests.endurance.trend import BLOCKS, Trend, Verdict, trend

FILLED = 100_000
"""Records by which all that is kept of names is: from then on memory is to be flat."""

EACH = 100_000
"""Records for which a rise is told."""

ALLOWED = {"used": 0.5, "resident": 2.0}
"""MB by which each may rise in `EACH` records, at the upper end of what it rose (95 %)."""

_EXACT = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536"}
_MB = 2**20
_FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
           "fordblks", "keepcost")  # fmt: skip


class _Allocated(ctypes.Structure):
    """`struct mallinfo2` of glibc: `uordblks` bytes are in use, `hblkhd` besides in own maps."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _FIELDS)


_libc = ctypes.CDLL(None)
_libc.mallinfo2.restype = _Allocated


class Held(NamedTuple):
    """What is held (MB) after so many records and seconds."""

    records: int
    seconds: float
    used: float
    resident: float


def run_exactly(module: str) -> None:
    """Begin this command anew where not all goes through `malloc`; returns where it does."""
    if os.environ.get("PYTHONMALLOC") != _EXACT["PYTHONMALLOC"]:
        os.execve(
            sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], os.environ | _EXACT
        )


class Memory:
    """What was held after each round."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self._process = psutil.Process()
        self._began = time.monotonic()

    def note(self, records: int) -> Held:
        """Note what is held now, once what is free was given back."""
        gc.collect()
        _libc.malloc_trim(0)
        said, pages = _libc.mallinfo2(), self._process.memory_info()
        self.held.append(
            Held(
                records,
                round(time.monotonic() - self._began),
                round((said.uordblks + said.hblkhd) / _MB, 2),
                round((pages.rss - pages.shared) / _MB, 2),
            )
        )
        return self.held[-1]

    def rises(self) -> list["Rise"]:
        """Return how each rose since everything is filled; none of too short a run."""
        found = [one for one in self.held if one.records >= FILLED]
        return [Rise.of(found, name) for name in ALLOWED] if len(found) >= BLOCKS else []

    def write(self, path: Path) -> None:
        """Write a line a round, as CSV."""
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(Held._fields)
            lines.writerows(self.held)


@dataclass(frozen=True, slots=True)
class Rise:
    """By how much something rose (MB), each `EACH` records, ± (95 %), and whether it is flat."""

    name: str
    level: float
    rise: float
    error: float
    verdict: Verdict

    @classmethod
    def of(cls, held: Sequence[Held], name: str) -> Self:
        """Return how one of `ALLOWED` rose."""
        whole = trend([(float(one.records), getattr(one, name)) for one in held])
        parts = (held[-1].records - held[0].records) / EACH
        each = Trend(whole.level, whole.rise / parts, whole.error / parts)
        return cls(name, each.level, each.rise, each.error, each.verdict(ALLOWED[name]))

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.level:,.1f} MB, rises by {self.rise:,.2f} ± {self.error:,.2f} MB "
            f"each {EACH:,} records, {ALLOWED[self.name]:g} allowed: {self.verdict}"
        )
