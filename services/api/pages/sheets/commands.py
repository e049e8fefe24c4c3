"""The command that writes sheets in bulk: one PDF a territory, for a month."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contracts.territories import Category, Territories, Territory
from libs.settings import Settings
from services.api.figures.fictional import FictionalFigures
from services.api.figures.queries import EngineUnavailable, Queries
from services.api.figures.views import TERRITORIES_WITH_ACCOUNTS
from services.api.files.month import MonthFiles
from services.api.installation import Installation
from services.api.pages.sheets.pdf import pdf
from services.api.pages.sheets.sheet import Asked, compose, pictures
from services.api.reports import REPORTS
from services.api.store import Store
from services.api.store.opening import store_of
from services.api.web.parameters import published_month

Done = Callable[[int, int], None]
"""Told (territories gone through, territories in all)."""


@click.group("reports")
def reports() -> None:
    """The pages for elected officials, as files."""


@reports.command("write")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--report", "slug", type=click.Choice(list(REPORTS)), default=next(iter(REPORTS)))
@click.option("--period", help="Month, such as 2026-10; by default the latest.")
@click.option("--category", type=click.Choice([one.value for one in Category]), help="Only these.")
@click.option("--departement", help="Only those of this département, by its code.")
@click.option("--without-ranks", is_flag=True, help="Tell no place.")
def write(
    folder: Path,
    slug: str,
    period: str | None,
    category: str | None,
    departement: str | None,
    without_ranks: bool,
) -> None:
    """Write one PDF (A4, both sides, PDF/UA-1) a territory into FOLDER."""
    settings = Settings()
    console = Console(stderr=True)
    folder.mkdir(parents=True, exist_ok=True)

    def wanted(one: Territory) -> bool:
        return category in (None, one.category.value) and departement in (None, one.departement)

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as bar:
        line = bar.add_task(REPORTS[slug].title, total=None)

        def done(gone: int, all_of_them: int) -> None:
            bar.update(line, completed=gone, total=all_of_them)

        try:
            written = asyncio.run(
                write_all(
                    settings,
                    store_of(settings),
                    folder,
                    slug,
                    period,
                    wanted,
                    ranked=not without_ranks,
                    done=done,
                )
            )
        except EngineUnavailable as problem:
            raise click.ClickException(f"ClickHouse does not answer: {problem}") from problem
    click.echo(f"{written} PDF in {folder}")


async def write_all(
    settings: Settings,
    store: Store,
    folder: Path,
    slug: str,
    period: str | None,
    wanted: Callable[[Territory], bool],
    *,
    ranked: bool,
    done: Done,
) -> int:
    """Write the sheets of the territories that are wanted; return how many there were to write.

    Raises `ClickException` before the first month, `EngineUnavailable` where it does not answer.
    """
    queries = Queries(settings.clickhouse_url, settings.database)
    simulation = settings.installation == "simulation"
    figures = FictionalFigures(queries) if simulation else queries
    places = Territories.load(settings.territories_file)
    files = MonthFiles(figures, simulation=simulation)
    here = Installation(settings, figures, files, places, settings.clock(), store)
    try:
        if (month := await published_month(here.figures, period)) is None:
            raise click.ClickException("no month is computed yet")
        listed = await figures.read(TERRITORIES_WITH_ACCOUNTS)
        chosen = [
            place
            for one in listed
            if (place := places.get(one.code)) and here.measured(place) and wanted(place)
        ]
        written = 0
        for gone, place in enumerate(chosen, 1):
            written += await _write(here, folder, slug, place, Asked(month, ranked=ranked))
            done(gone, len(chosen))
        return written
    finally:
        await queries.stop()


async def _write(
    here: Installation, folder: Path, slug: str, place: Territory, asked: Asked
) -> bool:
    sheet = await compose(here, REPORTS[slug], place, asked)
    if sheet is None:
        return False
    content = await asyncio.to_thread(
        pdf,
        sheet,
        await pictures(sheet, simulation=here.simulation),
        address=here.settings.portal_url,
        now=here.clock.now(),
        simulation=here.simulation,
    )
    # Two places may have one name: the code is in that of the file.
    (folder / f"{sheet.named(here.simulation)}_{place.code}.pdf").write_bytes(content)
    return True
