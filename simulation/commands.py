"""``observatoire world``: serve the invented France, export its registry, write its history."""

import asyncio
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from libs.clock import Clock, SteppedClock, SystemClock
from libs.settings import Settings
from simulation.country.days import DAY, MINUTE, moment_of
from simulation.country.world import DEMONSTRATION, SEED, World

if TYPE_CHECKING:
    from rich.console import Console

    from simulation.history.writing import Progress as Told

EPOCH = "2026-11-24T08:40:00+01:00"
"""When the demonstration begins (Tuesday, before the working day)."""

MONTHS_13 = 396 * DAY
"""What topics keep: the longest history that is written."""

STILL_READ = 8 * DAY
"""Posts younger than this are read at all ages, where others are read once."""

TEXTS_KEPT = 30 * DAY
"""Texts of older posts are not written."""

SAID_EVERY = 3.0
"""Seconds between two lines of progress where nobody sees a bar."""

CRISIS_AFTER = 40
CRISIS_PLACE = "Essai-sur-Onde"
CRISIS_LENGTH = 3 * MINUTE
CRISIS_MESSAGES = 40
"""Messages of the crisis that a demonstration stages, and its length (seconds)."""


@click.group()
def world() -> None:
    """The invented France: its networks, its registry, its history."""


_seed = click.option("--seed", default=SEED, show_default=True, help="Another seed, another world.")
_size = click.option(
    "--territories",
    default=DEMONSTRATION,
    show_default=True,
    envvar="OBSERVATOIRE_WORLD_TERRITORIES",
    help="How many territories; 0 is all of them (36,000).",
)


@world.command()
@_seed
@_size
@click.option("--host", default="127.0.0.1", show_default=True, envvar="OBSERVATOIRE_HOST")
@click.option("--port", default=8090, show_default=True, envvar="OBSERVATOIRE_PORT")
@click.option("--at", help="A clock that moves only by POST /__world__/clock, from this moment.")
@click.option(
    "--crisis-after",
    type=int,
    help=f"Stage « coupure d’eau » at {CRISIS_PLACE} so many seconds after the start "
    f"({CRISIS_AFTER} in a demonstration, whose clock has an epoch; -1 for never).",
)
def serve(
    seed: str, territories: int, host: str, port: int, at: str | None, crisis_after: int | None
) -> None:
    """Serve the fictional networks on one port (the Host header says which)."""
    clock = _clock(at)
    if crisis_after is None:
        crisis_after = CRISIS_AFTER if "OBSERVATOIRE_CLOCK_EPOCH" in os.environ else -1
    asyncio.run(_serve(World(seed, territories or None), clock, host, port, crisis_after))


def _clock(at: str | None) -> Clock:
    if at is not None:
        return SteppedClock(datetime.fromtimestamp(moment_of(at), UTC))
    settings = Settings(installation="simulation")
    started = settings.clock_started or settings.clock_started_file
    return SystemClock() if started is None else settings.clock()


async def _serve(made: World, clock: Clock, host: str, port: int, crisis_after: int) -> None:
    from simulation.serving.platforms import Networks
    from simulation.serving.server import serve

    networks = Networks(made, clock)
    if crisis_after >= 0:
        start = networks.moment() + crisis_after
        place = made.place(CRISIS_PLACE)
        made.mentions.stage(place, "water", start, start + CRISIS_LENGTH, CRISIS_MESSAGES)
    runner, bound = await serve(networks, host, port)
    count = f"{len(made.places)} territoires, {len(made.accounts)} comptes"
    click.echo(f"La France d’essai : {count}, port {bound}")
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


@world.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def start(file: Path) -> None:
    """Write the present instant into FILE, unless it is there: the world runs on from then."""
    if not file.exists():
        file.write_text(datetime.now(UTC).isoformat())
    click.echo(file.read_text())


@world.command()
@_seed
@_size
@click.option("--at", default=EPOCH, show_default=True, help="The accounts as they are then.")
@click.option("--folder", "named", type=click.Path(file_okay=False, path_type=Path))
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
def export(seed: str, territories: int, at: str, named: Path | None, folder: Path | None) -> None:
    """Write territories.jsonl.gz and accounts.jsonl into FOLDER."""
    from simulation.history.export import export_world

    target = folder or named
    if target is None:
        raise click.UsageError("name a folder")
    counts = export_world(World(seed, territories or None), target, moment_of(at))
    what = f"{counts.territories} territoires, {counts.accounts} comptes, {counts.sources} sources"
    click.echo(f"{what} dans {target}")


@world.command()
@_seed
@_size
@click.option("--from", "since", help="First day or moment; 13 months before the end by default.")
@click.option("--to", "until", default=EPOCH, show_default=True, envvar="OBSERVATOIRE_CLOCK_EPOCH")
@click.option("--kafka-url", envvar="KAFKA_URL", required=True, help="host:port,…")
@click.option(
    "--namespace", default="simulation", show_default=True, help="Prefix of the topics' names."
)
@click.option(
    "--thin/--whole",
    help="Thin: posts of more than eight days read at seven days only, accounts less often.",
)
@click.option(
    "--once",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file that says it is done: nothing is written where it is, it is made at the end.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="How many processes write; as many as there are processors by default, four at most.",
)
def write(
    seed: str,
    territories: int,
    since: str | None,
    until: str,
    kafka_url: str,
    namespace: str,
    thin: bool,
    once: Path | None,
    workers: int | None,
) -> None:
    """Write the past straight to Kafka, as collectors would have observed it."""
    if once is not None and once.exists():
        click.echo(f"already written ({once})")
        return
    from simulation.history.history import Plan
    from simulation.history.workers import Work, processors
    from simulation.history.workers import write as write_all

    made = World(seed, territories or None)
    end = moment_of(until)
    start = moment_of(since) if since else max(made.crowd.begin, end - MONTHS_13)
    today = moment_of(os.environ.get("OBSERVATOIRE_CLOCK_EPOCH", until))
    plan = Plan(start, end, end - STILL_READ if thin else 0, today - TEXTS_KEPT, today)
    watched = tuple(place.territory.code for place in made.places if place.part is not None)
    work = Work(seed, made.size, plan, kafka_url, time.time, namespace, watched)
    began = time.monotonic()
    with _telling() as tell:
        events = write_all(work, workers or processors(), tell)
    seconds = time.monotonic() - began
    if once is not None:
        once.touch()
    click.echo(f"{events:,} événements en {seconds:.0f} s ({events / seconds:,.0f} par seconde)")


@contextmanager
def _telling() -> Generator[Callable[["Told"], None], None, None]:
    """How progress is told: a bar in a terminal, elsewhere a line « progress n/m » now and then."""
    from rich.console import Console

    console = Console()
    if console.is_terminal:
        with _bar(console) as tell:
            yield tell
        return
    last = time.monotonic()

    def say(told: "Told") -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= SAID_EVERY:
            last = now
            click.echo(f"progress {told.done}/{told.total}")

    yield say


@contextmanager
def _bar(console: "Console") -> Generator[Callable[["Told"], None], None, None]:
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    from libs.french import number

    columns = (
        TextColumn("Histoire de la France d’essai"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[events]} événements"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("history", events="0")

        def tell(told: "Told") -> None:
            bar.update(task, completed=told.done, total=told.total, events=number(told.events))

        yield tell


@world.command()
@_seed
@_size
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def portrait(seed: str, territories: int, folder: Path) -> None:
    """Draw the distributions of the world beside the published ones into FOLDER."""
    from simulation.history.portrait import draw

    for line in draw(World(seed, territories or None), folder):
        click.echo(f"{line.figure} : {line.published} — {line.world}")
