"""The timeline of a watch, for a crisis cell: a page, a file, sheets to print."""

import asyncio
from functools import partial

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from contracts.watches import Watched
from libs.french import PARIS
from services.api.figures.views import WATCH_ALERTS, WATCH_MATCHES
from services.api.files.sending import send_csv
from services.api.installation import Installation
from services.api.pages.sheets.timeline import timeline_pdf
from services.api.pages.watches.watches import HISTORY_SPAN, watch_of
from services.api.watching.letters.seen import by_whom
from services.api.watching.recipients import shown
from services.api.watching.timeline import COLUMNS, Moment, timeline
from services.api.web.access import reads_watch
from services.api.web.parameters import CsvVariant, Here
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(reads_watch)])

TEXTS_MOST = 20_000
MOMENTS_SHOWN = 300
"""Moments that the page shows; beyond, it says how many more there are."""


@router.get("/veilles/{watch}/chronologie")
async def look(request: Request, here: Here, watch: str) -> Response:
    """Show what happened to a watch, newest first."""
    known = await watch_of(here.store, watch)
    moments = await _moments(here, known)
    return page(
        request,
        "chronologie.html",
        watch=known,
        moments=moments[:MOMENTS_SHOWN],
        of=len(moments),
    )


@router.get("/veilles/{watch}/chronologie.csv")
async def take(here: Here, watch: str, variant: CsvVariant = "standard") -> Response:
    """Give all of it as a file."""
    known = await watch_of(here.store, watch)
    return send_csv(
        here.settings.installation,
        f"chronologie_{watch}",
        await _moments(here, known),
        COLUMNS,
        variant,
    )


@router.get("/veilles/{watch}/chronologie.pdf")
async def sheets(here: Here, watch: str) -> Response:
    """Give it as a PDF to print (PDF/UA-1), from the first moment on."""
    known = await watch_of(here.store, watch)
    content = await asyncio.to_thread(
        timeline_pdf,
        known,
        here.territories.name_of(known.territory),
        await _moments(here, known),
        address=here.settings.portal_url,
        now=here.clock.now(),
        simulation=here.simulation,
    )
    mark = "simulation_" if here.simulation else ""
    named = f'inline; filename="{mark}chronologie_{watch}.pdf"'
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": named})


async def _moments(here: Installation, watch: Watched) -> list[Moment]:
    today = here.clock.now().astimezone(PARIS).date()
    span = {"date_from": (today - HISTORY_SPAN).isoformat(), "date_to": today.isoformat()}
    acknowledged = await asyncio.to_thread(here.store.acknowledgements.of_watch, watch.watch)
    matches, alerts = await asyncio.gather(
        here.figures.read(WATCH_MATCHES, TEXTS_MOST, watch=watch.watch, **span),
        here.figures.read(WATCH_ALERTS, None, watch=watch.watch, **span),
    )
    seen = {
        alert: (one.at, by_whom(watch, one.who, masked=here.simulation))
        for alert, one in acknowledged.items()
    }
    acts = await asyncio.to_thread(here.store.acknowledgements.acts_of_watch, watch.watch)
    named = partial(by_whom, watch, masked=here.simulation)
    return timeline(matches, alerts, seen, partial(shown, masked=here.simulation), acts, named)
