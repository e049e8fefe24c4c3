"""The yearly barometer: page, PDF and file by the same lines; and who rose beyond the margins."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from contracts.territories import Kind
from services.api.figures.rows import State
from services.api.figures.views import BAROMETER, PERIODS
from services.api.files.columns import BAROMETER as COLUMNS
from services.api.files.sending import send_csv
from services.api.pages.sheets.barometer import barometer_pdf
from services.api.reports.yearly import (
    MEDIANS,
    Line,
    Year,
    counted,
    headlines,
    label,
    lines_of,
    years_of,
)
from services.api.web.parameters import CsvVariant, Here
from services.api.web.rendering import page

router = APIRouter()

Wanted = Annotated[str | None, Query(alias="annee", pattern=r"^20\d\d$")]
NONE = "Aucun mois de cette année n’est publié."


@dataclass(frozen=True, slots=True)
class Barometer:
    """A year, the years that there are, and its lines.

    `compared` where there is a month before, of the same methodology: scores are comparable.
    """

    year: Year
    years: list[Year]
    lines: list[Line]
    months: int
    compared: bool


async def barometer_of(here: Here, annee: Wanted = None) -> Barometer:
    """Return the barometer asked for, else the last one. Raises 404 where there is none."""
    published = {one.period: one for one in await here.figures.read(PERIODS)}
    periods: dict[str, State] = {one.period: one.state for one in published.values()}
    years = years_of(periods)
    year = next((one for one in years if annee in (None, one.year)), None)
    if year is None:
        raise HTTPException(404, NONE)
    cells = await here.figures.read(BAROMETER, period=year.month)
    before = await here.figures.read(BAROMETER, period=year.before) if year.before else []
    places = [one for kind in Kind for one in here.measured_of(kind)]
    months = sum(one.startswith(year.year) for one in periods)
    found = lines_of(cells, before, counted(places))
    by = {one and published[one].methodology for one in (year.month, year.before)}
    return Barometer(year, years, found, months, compared=len(by) == 1)


Asked = Annotated[Barometer, Depends(barometer_of)]


@router.get("/barometre")
async def show(request: Request, asked: Asked) -> Response:
    """Show presence, medians and what changed, by network and category."""
    return page(
        request,
        "barometre.html",
        asked=asked,
        year=asked.year,
        lines=asked.lines,
        said=headlines(asked.lines, asked.year),
        scored=list(dict.fromkeys(one.network for one in asked.lines if one.scored)),
        present=list(dict.fromkeys(one.network for one in asked.lines if not one.scored)),
        medians=MEDIANS,
        label=label,
    )


@router.get("/barometre.csv")
async def file(here: Here, asked: Asked, variant: CsvVariant = "standard") -> Response:
    """Give its lines as a file."""
    name = f"barometre_{asked.year.year}"
    return send_csv(here.settings.installation, name, asked.lines, COLUMNS, variant)


@router.get("/barometre.pdf")
async def sheet(here: Here, asked: Asked) -> Response:
    """Give it as a PDF to print (PDF/UA-1)."""
    content = await asyncio.to_thread(
        barometer_pdf,
        asked.lines,
        asked.year,
        address=here.settings.portal_url,
        now=here.clock.now(),
        simulation=here.simulation,
    )
    mark = "simulation_" if here.simulation else ""
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{mark}barometre_{asked.year.year}.pdf"'
        },
    )
