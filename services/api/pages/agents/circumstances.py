"""« Moyens et mois hors norme »: what a territory's agents say beside its scores."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.api.figures.views import PERIODS
from services.api.pages.agents.team import place_of
from services.api.store.agents.circumstances import MOST_STAFF, Cause
from services.api.web.access import may, reads_territory, writes_territory
from services.api.web.parameters import MONTH, Here
from services.api.web.rendering import page
from services.api.words.circumstances import CAUSES, staff

router = APIRouter()

PAGE = "/equipe/{code}/contexte"


@router.get(PAGE, dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str) -> Response:
    """Show what was said, and the forms to say it."""
    place = place_of(here.territories, code)
    return page(
        request,
        "contexte.html",
        place=place,
        told=await asyncio.to_thread(here.store.circumstances.of, place.code),
        periods=await here.figures.read(PERIODS),
        causes=CAUSES,
        staff=staff,
        writes=may(request, "writing", code),
    )


@router.post(PAGE + "/moyens", dependencies=[Depends(writes_territory)])
async def say_staff(
    here: Here, code: str, typed: Annotated[str, Form(alias="etp", max_length=6)] = ""
) -> Response:
    """Keep how many full-time posts work on the accounts; empty: it is no more said."""
    place, posts = place_of(here.territories, code), _posts(typed)
    await asyncio.to_thread(here.store.circumstances.staff, place.code, posts)
    return RedirectResponse(PAGE.format(code=place.code), 303)


@router.post(PAGE + "/mois", dependencies=[Depends(writes_territory)])
async def say_unusual(
    here: Here,
    code: str,
    period: Annotated[str, Form(alias="periode", pattern=MONTH)],
    cause: Annotated[Literal["none"] | Cause, Form(alias="cause")],
) -> Response:
    """Say that a published month is out of the norm, and why, or that it is not."""
    place = place_of(here.territories, code)
    if period not in {one.period for one in await here.figures.read(PERIODS)}:
        raise HTTPException(404, "Ce mois n’est pas publié.")
    said = None if cause == "none" else cause
    await asyncio.to_thread(here.store.circumstances.unusual, place.code, period, said)
    return RedirectResponse(PAGE.format(code=place.code), 303)


def _posts(typed: str) -> float | None:
    """Return a number of posts as people write it; None for none. Raises 422."""
    if not (written := typed.strip()):
        return None
    try:
        posts = float(written.replace(",", "."))
    except ValueError:
        posts = -1.0
    if not 0 <= posts <= MOST_STAFF:
        raise HTTPException(422, "Un nombre de postes, par exemple 0,5.")
    return posts
