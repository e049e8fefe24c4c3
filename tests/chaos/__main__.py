"""``make chaos SECONDS=… SEED=…``: exit code 1 when something was lost, twice or missed."""

import json
import logging
import sys
import tempfile
from functools import partial
from pathlib import Path

import click

from tests.chaos.bench import run


@click.command()
@click.option("--seconds", type=float, default=600.0, show_default=True, help="How long to strike.")
@click.option("--seed", type=int, default=20261124, show_default=True, help="What is struck when.")
@click.option("--freeze", type=float, default=30.0, show_default=True, help="Longest freeze, s.")
@click.option("--faults", type=int, default=None, help="So many at most; without, by time alone.")
@click.option("--keep", type=Path, default=None, help="Folder of the line, its logs; kept.")
def main(seconds: float, seed: int, freeze: float, faults: int | None, keep: Path | None) -> None:
    """Strike the line, compare with the ledger, print what was counted."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what the bench itself calls falls
    with tempfile.TemporaryDirectory(prefix="chaos") as folder:
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
        report = run(
            keep or Path(folder), seed, seconds, freeze, faults, partial(click.echo, err=True)
        )
    click.echo(json.dumps({"wrong": report.wrong} | report.counted, ensure_ascii=False, indent=1))
    sys.exit(1 if report.wrong else 0)


if __name__ == "__main__":
    main()
