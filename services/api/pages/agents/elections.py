"""« Période électorale »: an agent answers whether the open one concerns the territory (L. 52-1).

What is answered is public, on the page of the territory; who answered is for its team.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from libs.french import PARIS
from services.api.entering.agent import who
from services.api.pages.agents.team import place_of
from services.api.pages.territories.account import electoral_state
from services.api.store.agents.elections import Answer
from services.api.web.access import may, reads_territory, writes_territory
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.elections import ANSWERS, electoral_period

router = APIRouter()

PAGE = "/equipe/{code}/elections"
OTHER = "La période à laquelle cette page répondait n’est pas celle d’aujourd’hui : rechargez-la."


@router.get(PAGE, dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str) -> Response:
    """Show the question of the open period, what was answered, and what each answer changes."""
    place = place_of(here.territories, code)
    today = here.clock.now().astimezone(PARIS).date()
    return page(
        request,
        "elections.html",
        place=place,
        electoral=await electoral_state(here.store, place, today),
        answers=ANSWERS,
        writes=may(request, "writing", code),
    )


@router.post(PAGE, dependencies=[Depends(writes_territory)])
async def answer(
    request: Request,
    here: Here,
    code: str,
    said: Annotated[Answer, Form(alias="reponse")],
    slug: Annotated[str, Form(alias="periode", max_length=40)],
) -> Response:
    """Keep the answer for the open period, in the place of an earlier one."""
    place = place_of(here.territories, code)
    period = electoral_period(here.clock.now().astimezone(PARIS).date())
    if period is None or period.slug != slug:
        raise HTTPException(409, OTHER)
    by = who(request)
    await asyncio.to_thread(here.store.elections.answer, place.code, period.slug, said, by)
    return RedirectResponse(f"{PAGE.format(code=place.code)}#reponse", 303)
