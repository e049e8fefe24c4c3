"""A month on its way to be final: what to look at, the announcement, and what is run then.

Making it final is the scorer's, by its command: this page says whether it is time, and which one.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from libs.french import month_before
from services.api.entering.agent import who
from services.api.figures.gate import Gate, gate
from services.api.figures.month_rows import MonthRevision
from services.api.figures.queries import Figures
from services.api.figures.views import MONTH_REVISIONS, MONTH_SCORES, PERIODS, SOURCES
from services.api.pages.desk.rehearsing import Check, Looked, rehearse
from services.api.store.months.embargoes import LONGEST_ID
from services.api.web.access import in_team
from services.api.web.parameters import MONTH, Here, Period
from services.api.web.rendering import page
from services.api.words.contests import FIGURES
from services.api.words.month_state import final_at, final_from

desk = APIRouter(dependencies=[Depends(in_team)])

PAGE = "/bureau/publication"
SHOWN = 50
"""Accounts of one kind that are listed."""


def _period(
    asked: str | None, revisions: Sequence[MonthRevision], months: dict[str, MonthRevision]
) -> str:
    """Return the month asked, else one that waits to be final, else the newest. Raises 404."""
    waiting = (one.period for one in revisions if one.state == "provisional")
    period = asked or next(waiting, None) or next(iter(reversed(months)), None)
    if period is None or period not in months:
        raise HTTPException(404, "Ce mois n’est pas publié.")
    return period


@desk.get(PAGE)
async def show(
    request: Request,
    here: Here,
    periode: Period = None,
    rehearsed: Annotated[bool, Query(alias="repetition")] = False,
) -> Response:
    """Show what to look at before a month is final, where it stands, and its rehearsal."""
    revisions = await here.figures.read(MONTH_REVISIONS)
    # Of each month its last computation, one that was taken away too.
    months = {one.period: one for one in reversed(revisions)}
    period = _period(periode, revisions, months)
    month = months[period]
    notice = await asyncio.to_thread(here.store.month_notices.of, period)
    contests = await asyncio.to_thread(here.store.contests.waiting)
    contests = [one for one in contests if one.period == period]
    due = final_at(period, notice.due) if notice else None
    looked, compared = None, month_before(period) in months
    if month.state == "provisional" and not month.withdrawn_at:
        looked = Looked(await _gate(here.figures, period, compared=compared), contests, due)
    checks: Sequence[Check] = ()
    if looked and rehearsed:
        checks = await rehearse(here.files, month, looked, here.clock.now())
    return page(
        request,
        "bureau_publication.html",
        month=month,
        months=list(months)[::-1],
        before=month_before(period),
        compared=compared,
        gate=looked.gate if looked else None,
        checks=checks,
        copies=await asyncio.to_thread(here.store.embargoes.of_month, period),
        longest=LONGEST_ID,
        shown=SHOWN,
        contests=contests,
        figures=FIGURES,
        notice=notice,
        final_from=final_from(period),
        due=due,
        revisions=[one for one in revisions if one.period == period],
    )


async def _gate(figures: Figures, period: str, *, compared: bool) -> Gate:
    lines = await figures.read(MONTH_SCORES, network="", period=period)
    before = month_before(period)
    then = await figures.read(MONTH_SCORES, network="", period=before) if compared else []
    return gate(lines, then, await figures.read(SOURCES))


@desk.post(f"{PAGE}/annonce")
async def announce(
    request: Request, here: Here, period: Annotated[str, Form(alias="periode", pattern=MONTH)]
) -> Response:
    """Announce that a provisional month will be final in 48 hours, on the page of each account."""
    months = {one.period: one for one in await here.figures.read(PERIODS)}
    if period not in months or months[period].state != "provisional":
        raise HTTPException(409, "Ce mois n’est pas provisoire : il n’y a rien à annoncer.")
    await asyncio.to_thread(here.store.month_notices.announce, period, who(request))
    return RedirectResponse(f"{PAGE}?periode={period}#suite", 303)


@desk.post(f"{PAGE}/retrait")
async def withdraw(
    here: Here, period: Annotated[str, Form(alias="periode", pattern=MONTH)]
) -> Response:
    """Take the announcement back, with its copies: announced anew, the 48 hours begin anew."""
    await asyncio.to_thread(here.store.embargoes.close_all, period)
    await asyncio.to_thread(here.store.month_notices.withdraw, period)
    return RedirectResponse(f"{PAGE}?periode={period}#suite", 303)
