"""« Collecte »: what the desk looks at each morning: quotas, failing sources, what was refused."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from contracts.jobs import CAUSES
from contracts.networks import NETWORKS
from services.api.figures.ops_rows import QuotaUse
from services.api.figures.queries import Figures
from services.api.figures.rows import Source
from services.api.figures.views import FAILING_FEEDS, QUOTA_USES, SOURCES
from services.api.operations.broker import AskedBroker, BrokerUnavailable
from services.api.operations.letters import Letters, look
from services.api.operations.quotas import lengths, spendings
from services.api.web.access import in_team
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words import source_state

desk = APIRouter(dependencies=[Depends(in_team)])

log = structlog.get_logger(__name__)

PAGE = "/bureau/collecte"
SHOWN = 40
"""Lines of each part: buckets of hosts, and feeds, may be thousands."""


@desk.get(PAGE)
async def show(request: Request, here: Here) -> Response:
    """Show what networks still allow, which sources fail since when, what was refused and why."""
    now = here.clock.now()
    uses, sources, feeds, letters = await asyncio.gather(
        _uses(here.figures, now),
        here.figures.read(SOURCES),
        here.figures.read(FAILING_FEEDS, SHOWN + 1),
        _letters(here.broker, here.settings.namespace),
    )
    spent = spendings(uses, now)
    return page(
        request,
        "bureau_collecte.html",
        spent=spent[:SHOWN],
        spendings=len(spent),
        failing=_failing(sources, now),
        feeds=feeds[:SHOWN],
        more_feeds=len(feeds) > SHOWN,
        names={
            one.territory: place.nom
            for one in feeds
            if one.territory and (place := here.territories.get(one.territory))
        },
        letters=letters,
        causes={cause: words.brief for cause, words in CAUSES.items()},
    )


def _failing(sources: Sequence[Source], now: datetime) -> list[tuple[str, Source, bool]]:
    """Return the networks that have not answered since they failed: name, how, « en panne »."""
    known = {one.network: one for one in sources if one.failing_since is not None}
    return [
        (one.name, known[one.slug], source_state.failing(known[one.slug], now))
        for one in NETWORKS
        if one.slug in known
    ]


async def _uses(figures: Figures, now: datetime) -> dict[int, list[QuotaUse]]:
    at, asked = now.astimezone(UTC).isoformat(), lengths()
    found = await asyncio.gather(
        *(figures.read(QUOTA_USES, at=at, seconds=str(length)) for length in asked)
    )
    return dict(zip(asked, found, strict=True))


async def _letters(broker: AskedBroker, namespace: str) -> Letters | None:
    """Return what was refused; None while the broker does not answer."""
    try:
        return await broker.ask(lambda connected: look(connected, namespace))
    except BrokerUnavailable as error:
        log.warning("broker unavailable", error=str(error))
        return None
