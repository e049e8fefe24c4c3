"""A month on its way to be final: what to look at, the announcement, and what is run then.

Making it final is the scorer's, by its command: this page says whether it is time, and which one.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.api.entering.agent import agent_of
from services.api.entering.journal import OPERATOR
from services.api.figures.gate import gate
from services.api.figures.views import MONTH_REVISIONS, MONTH_SCORES, PERIODS, SOURCES
from services.api.web.access import in_team
from services.api.web.parameters import MONTH, Here, Period
from services.api.web.rendering import page
from services.api.words.contests import FIGURES
from services.api.words.month_state import final_at, final_from

desk = APIRouter(dependencies=[Depends(in_team)])

PAGE = "/bureau/publication"
SHOWN = 50
"""Accounts of one kind that are listed."""


@desk.get(PAGE)
async def show(request: Request, here: Here, periode: Period = None) -> Response:
    """Show what to look at before a month is final, and where it stands."""
    periods = {one.period: one for one in await here.figures.read(PERIODS)}
    waiting = next((p for p, one in periods.items() if one.state == "provisional"), None)
    period = periode or waiting or next(iter(periods), None)
    if period is None or period not in periods:
        raise HTTPException(404, "Ce mois n’est pas publié.")
    month, before = periods[period], _before(period)
    looked, compared = None, before in periods
    if month.state == "provisional":
        lines = await here.figures.read(MONTH_SCORES, network="", period=period)
        then = await here.figures.read(MONTH_SCORES, network="", period=before) if compared else []
        looked = gate(lines, then, await here.figures.read(SOURCES))
    contests = await asyncio.to_thread(here.store.contests.waiting)
    notice = await asyncio.to_thread(here.store.month_notices.of, period)
    return page(
        request,
        "bureau_publication.html",
        month=month,
        months=list(periods),
        before=before,
        compared=compared,
        gate=looked,
        shown=SHOWN,
        contests=[one for one in contests if one.period == period],
        figures=FIGURES,
        notice=notice,
        final_from=final_from(period),
        due=final_at(period, notice.due) if notice else None,
        revisions=[one for one in await here.figures.read(MONTH_REVISIONS) if one.period == period],
    )


@desk.post(f"{PAGE}/annonce")
async def announce(
    request: Request, here: Here, period: Annotated[str, Form(alias="periode", pattern=MONTH)]
) -> Response:
    """Announce that a provisional month will be final in 48 hours, on the page of each account."""
    months = {one.period: one for one in await here.figures.read(PERIODS)}
    if period not in months or months[period].state != "provisional":
        raise HTTPException(409, "Ce mois n’est pas provisoire : il n’y a rien à annoncer.")
    agent = agent_of(request)
    by = agent.shown if agent else OPERATOR
    await asyncio.to_thread(here.store.month_notices.announce, period, by)
    return RedirectResponse(f"{PAGE}?periode={period}#suite", 303)


@desk.post(f"{PAGE}/retrait")
async def withdraw(
    here: Here, period: Annotated[str, Form(alias="periode", pattern=MONTH)]
) -> Response:
    """Take the announcement back: announced anew, the 48 hours begin anew."""
    await asyncio.to_thread(here.store.month_notices.withdraw, period)
    return RedirectResponse(f"{PAGE}?periode={period}#suite", 303)


def _before(period: str) -> str:
    year, month = map(int, period.split("-"))
    return f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}"
