"""Peaks on seeds kept for that alone: our model, two rules and two models of river, in one run."""

import json
import subprocess
from collections.abc import Iterator

from tests.benchmarks.beside import ROOT, bench_python
from tests.benchmarks.figures import Figure

HELD_OUT = "5000", "5039"
UNITS = {"told_within_an_hour": "%", "minutes_to_tell": "min", "false_a_month": "1"}


def measure() -> Iterator[Figure]:
    """Measure all models, each beside ours."""
    if (python := bench_python("river")) is None:
        raise RuntimeError("no environment with river: remove .venv-bench, and try again")
    command = [python, "-m", "tests.benchmarks.peaks", *HELD_OUT]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    told = json.loads(ran.stdout.splitlines()[-1])
    for model, figures in told.items():
        for name, value in figures.items():
            yield Figure("peaks", f"{model}_{name}", value, UNITS[name])
