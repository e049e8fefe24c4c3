"""``make chaos SECONDS=… SEED=…``: exit code 1 when something was lost, twice or missed."""

import json
import sys
import tempfile
from pathlib import Path

import click

from tests.chaos.bench import run


@click.command()
@click.option("--seconds", type=float, default=600.0, show_default=True, help="How long to strike.")
@click.option("--seed", type=int, default=20261124, show_default=True, help="What is struck when.")
@click.option("--freeze", type=float, default=30.0, show_default=True, help="Longest freeze, s.")
def main(seconds: float, seed: int, freeze: float) -> None:
    """Strike the line, compare with the ledger, print what was counted."""
    with tempfile.TemporaryDirectory(prefix="chaos") as folder:
        report = run(Path(folder), seed, seconds, freeze)
    click.echo(json.dumps({"wrong": report.wrong} | report.counted, ensure_ascii=False, indent=1))
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()
