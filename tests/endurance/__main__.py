"""``make endurance MINUTES=…``: exit code 1 when something rose, was lost, or began again."""

import logging
import sys
import tempfile
from functools import partial
from pathlib import Path

import click

from tests.endurance.picture import picture
from tests.endurance.run import Endured, run
from tests.endurance.samples import series, write
from tests.endurance.trend import halves


def told(ended: Endured, tell: partial[None]) -> None:
    """Print what was found."""
    rates = ended.rates
    tell(f"\n{rates.posts:.0f} posts and {rates.mentions:.1f} mentions a second")
    if ended.steps:
        best = max(step.factor for step in ended.steps if step.borne)
        tell(f"half of what was borne: {best:g} times 100 posts and 2 mentions")
    for name, points in series(ended.samples, "cores").items():
        last = halves(points)[1]
        tell(f"cores of {name}: {sum(value for _, value in last) / len(last):.2f}")
    for one in ended.judged:
        tell(str(one))
    for name, count in ended.counted.items():
        tell(f"{name}: {count}")
    for what in ended.wrong:
        tell(f"WRONG {what}")
    unsure = sum(one.verdict == "not shown" for one in ended.judged)
    tell("all is flat" if not ended.wrong and not unsure else f"{unsure} not shown to be flat")


@click.command()
@click.option("--minutes", type=float, default=120.0, show_default=True)
@click.option("--seed", type=int, default=20261124, show_default=True)
@click.option("--factor", type=float, default=None, help="Times 100 posts; else it is looked for.")
@click.option("--into", type=Path, default=Path("dist/endurance"), show_default=True)
@click.option("--keep", type=Path, default=None, help="Folder of the line, its logs; kept.")
def main(minutes: float, seed: int, factor: float | None, into: Path, keep: Path | None) -> None:
    """Run it, write `samples.csv` and `endurance.svg` into a folder, say what is flat."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    into.mkdir(parents=True, exist_ok=True)
    tell = partial(click.echo, err=True)
    with tempfile.TemporaryDirectory(prefix="endurance") as folder:
        ended = run(keep or Path(folder), seed, minutes, tell, factor=factor)
    write(ended.samples, into / "samples.csv")
    (into / "endurance.svg").write_text(picture(ended.samples), "utf-8")
    told(ended, partial(click.echo))
    sys.exit(1 if ended.wrong else 0)


if __name__ == "__main__":
    main()
