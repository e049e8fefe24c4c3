"""Sheets in bulk: one PDF a territory, for a month."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from contracts.territories import Territories, Territory
from libs.settings import Settings
from services.api.figures.fictional import FictionalFigures
from services.api.figures.queries import Queries
from services.api.figures.views import TERRITORIES_WITH_ACCOUNTS
from services.api.files.month import MonthFiles
from services.api.installation import Installation
from services.api.pages.sheets.pdf import pdf
from services.api.pages.sheets.sheet import Asked, compose, pictures
from services.api.reports import REPORTS
from services.api.store import Store
from services.api.web.parameters import published_month

Done = Callable[[int, int], None]
"""Told (territories gone through, territories in all)."""

SHEETS_AT_ONCE = 3
"""Sheets in the making: while one is composed another is drawn, and the engine reads a third."""


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
        written = gone = 0
        left = iter(chosen)

        async def write_some() -> None:
            nonlocal written, gone
            for place in left:
                made = await _write(here, folder, slug, place, Asked(month, ranked=ranked))
                written, gone = written + made, gone + 1
                done(gone, len(chosen))

        await asyncio.gather(*(write_some() for _ in range(SHEETS_AT_ONCE)))
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
