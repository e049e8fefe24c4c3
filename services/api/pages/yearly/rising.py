"""Who rose in a year beyond the margins of both ends, for all; for the team, a jury's nominees."""

import asyncio

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.api.figures.barometer_rows import Progression
from services.api.figures.queries import Figures
from services.api.figures.views import PROGRESSIONS
from services.api.pages.yearly.barometer import Asked
from services.api.reports.yearly import NOMINEES, Year, by_category, label, nominees
from services.api.store import Store
from services.api.web.access import in_team
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter()
desk = APIRouter(dependencies=[Depends(in_team)])

SHOWN = 20
"""Accounts of a category that are listed as having risen."""


async def _risen(figures: Figures, store: Store, year: Year) -> list[Progression]:
    """Return who rose, but for whom says that one of the two months was out of the norm."""
    if year.before is None:
        return []
    found = await figures.read(PROGRESSIONS, period=year.month, before=year.before, network="")
    months = (year.month, year.before)
    unusual = await asyncio.to_thread(store.circumstances.out_of_the_norm, months)
    return [one for one in found if one.territory not in unusual]


@router.get("/palmares/progression")
async def progression(request: Request, here: Here, asked: Asked) -> Response:
    """Show the accounts that rose beyond the margins of both months, by category."""
    found = await _risen(here.figures, here.store, asked.year)
    return page(
        request,
        "progression.html",
        year=asked.year,
        years=asked.years,
        compared=asked.compared,
        groups=by_category(found),
        shown=SHOWN,
        label=label,
    )


@desk.get("/bureau/nommes")
async def named(request: Request, here: Here, asked: Asked) -> Response:
    """Show the team whom a jury may look at: nobody whose figure is contested."""
    found = await _risen(here.figures, here.store, asked.year)
    contests = await asyncio.to_thread(here.store.contests.waiting)
    contested = frozenset(one.account for one in contests)
    return page(
        request,
        "bureau_nommes.html",
        year=asked.year,
        years=asked.years,
        compared=asked.compared,
        groups=nominees(found, contested),
        left_out=sum(one.account in contested for one in found),
        most=NOMINEES,
        label=label,
    )
