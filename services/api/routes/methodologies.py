"""Methodologies: the KPIs, their weights, and the barème that turns values into points."""

import asyncio

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.api.figures.month_rows import Indicator
from services.api.figures.queries import Figures
from services.api.figures.rows import BaremeKnots
from services.api.figures.views import BAREME_KNOTS, INDICATORS, MONTH_REVISIONS
from services.api.files.columns import INDICATORS as INDICATOR_COLUMNS
from services.api.files.columns import KNOTS, Knot
from services.api.files.sending import send_csv
from services.api.web.parameters import CsvVariant, Here

router = APIRouter(tags=["méthodologie"])


class PublishedMethodology(BaseModel):
    """A methodology, and the months that were published by it."""

    methodology: str
    periods: list[str]


class Methodology(BaseModel):
    """A methodology: its KPIs in order of weight, its barème by network, cell and KPI."""

    methodology: str
    indicators: list[Indicator]
    bareme: list[BaremeKnots]


@router.get("/methodologies")
async def listed(here: Here) -> list[PublishedMethodology]:
    """List the methodologies by which a month was published, the latest first."""
    months: dict[str, set[str]] = {}
    for one in await here.figures.read(MONTH_REVISIONS):
        months.setdefault(one.methodology, set()).add(one.period)
    return [
        PublishedMethodology(methodology=name, periods=sorted(periods, reverse=True))
        for name, periods in months.items()
    ]


@router.get("/methodologies/{methodology}/bareme.csv", include_in_schema=False)
async def bareme(
    request: Request, here: Here, methodology: str, variant: CsvVariant = "standard"
) -> Response:
    """Give the barème: a line a knot."""
    found = await _known(here.figures, methodology)
    knots = [
        Knot(one, value, worth)
        for one in found.bareme
        for value, worth in zip(one.knots, one.worths, strict=True)
    ]
    return send_csv(here.settings.installation, f"bareme_{methodology}", knots, KNOTS, variant)


@router.get("/methodologies/{methodology}/indicators.csv", include_in_schema=False)
async def indicators(
    request: Request, here: Here, methodology: str, variant: CsvVariant = "standard"
) -> Response:
    """Give the KPIs: a line each, by weight."""
    found = await _known(here.figures, methodology)
    name = f"indicateurs_{methodology}"
    return send_csv(here.settings.installation, name, found.indicators, INDICATOR_COLUMNS, variant)


@router.get("/methodologies/{methodology}")
async def show(here: Here, methodology: str) -> Methodology:
    """Show a methodology: what a value is worth, and how much it weighs."""
    return await _known(here.figures, methodology)


async def _known(figures: Figures, methodology: str) -> Methodology:
    found, knots = await asyncio.gather(
        figures.read(INDICATORS, methodology=methodology),
        figures.read(BAREME_KNOTS, methodology=methodology),
    )
    if not found and not knots:
        raise HTTPException(404, f"Aucune méthodologie ne porte le nom « {methodology} ».")
    return Methodology(methodology=methodology, indicators=found, bareme=knots)
