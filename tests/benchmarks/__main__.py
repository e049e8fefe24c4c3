"""`python -m tests.benchmarks [--runs N] [name…]`: run the benchmarks, all or those named.

Of several runs the median is kept, with how far they lie apart. A benchmark is a module of this
folder whose `measure()` yields figures (see `figures.py`).
"""

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.benchmarks.figures import Figure, keep, median, rounded

FRAME = {"__init__", "__main__", "figures"}


def names() -> list[str]:
    """Return the names of the benchmarks: the modules of this folder that measure something."""
    return sorted(
        path.stem
        for path in Path(__file__).parent.glob("*.py")
        if path.stem not in FRAME and "def measure(" in path.read_text("utf-8")
    )


def measured(name: str) -> Iterator[Figure]:
    """Run one benchmark, writing each figure as it comes."""
    for figure in import_module(f"tests.benchmarks.{name}").measure():
        compared = f" — {rounded(figure.ratio)} × {figure.against}" if figure.ratio else ""
        line = f"{figure.benchmark}, {figure.figure}: {rounded(figure.value)} {figure.unit}"
        sys.stdout.write(f"{line}{compared}\n")
        sys.stdout.flush()
        yield figure


def main() -> int:
    """Run what was asked, keep the figures."""
    known = {name.removeprefix("bench_"): name for name in names()}
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=main.__doc__)
    parser.add_argument("--runs", type=int, default=1, help="how many times each is run")
    parser.add_argument("names", nargs="*", help=f"one or more of: {', '.join(known)}")
    given = parser.parse_args()
    asked = [known.get(name, name) for name in given.names] or names()
    if unknown := set(asked) - set(names()):
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}\n")
        return 2
    for name in asked:
        runs = [list(measured(name)) for _ in range(given.runs)]
        keep(median(figures) for figures in zip(*runs, strict=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
