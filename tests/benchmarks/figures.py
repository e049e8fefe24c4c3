"""The frame of the benchmarks: a figure that was measured, and the file that keeps the last."""

import csv
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results.csv"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure measured now; `against` is what it is compared with, `ratio` how many times it.

    `spread` is of several runs, `value` being their median: what lies between the least and the
    most of them, as a percentage of the median.
    """

    benchmark: str
    figure: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    spread: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A line of the file."""

    benchmark: str
    figure: str
    value: str
    unit: str
    against: str
    ratio: str
    spread: str
    version: str
    machine: str
    date: str


def machine() -> str:
    """Name the processor, how many the process may use, and the system."""
    model = platform.processor() or platform.machine()
    if (cpuinfo := Path("/proc/cpuinfo")).exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
        return f"{len(names)} × {model}, {platform.system()}"
    return f"{model}, {platform.system()}"


def rounded(value: float) -> str:
    """Write a figure with three significant digits, thousands whole."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def median(runs: Sequence[Figure]) -> Figure:
    """Return the figure of several runs: the median, its ratio with it, and the spread."""
    values = [figure.value for figure in runs]
    middle = statistics.median_low(values)
    spread = 100 * (max(values) - min(values)) / middle if len(values) > 1 and middle else None
    return replace(runs[values.index(middle)], spread=spread)


def keep(figures: Iterable[Figure], path: Path = RESULTS) -> None:
    """Write figures into the file, each in place of its last one."""
    lines = {(line.benchmark, line.figure): line for line in kept(path)}
    for figure in figures:
        told = asdict(figure) | {
            "value": rounded(figure.value),
            "ratio": "" if figure.ratio is None else rounded(figure.ratio),
            "spread": "" if figure.spread is None else f"{figure.spread:.0f} %",
            "version": version("observatoire"),
            "machine": machine(),
            "date": datetime.now(UTC).date().isoformat(),
        }
        lines[(figure.benchmark, figure.figure)] = Result(**told)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(lines[key]) for key in sorted(lines))


def kept(path: Path = RESULTS) -> list[Result]:
    """Read the figures last measured."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Result(**({"spread": ""} | line)) for line in csv.DictReader(file)]
