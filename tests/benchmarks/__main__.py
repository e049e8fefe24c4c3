"""`python -m tests.benchmarks [name…]`: run the benchmarks, all or those named.

A benchmark is a module of this folder whose `measure()` yields figures (see `figures.py`).
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tests.benchmarks.figures import Figure, keep, rounded

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
    asked = [known.get(name, name) for name in sys.argv[1:]] or names()
    if unknown := set(asked) - set(names()):
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}\n")
        return 2
    for name in asked:
        keep(list(measured(name)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
