"""Home, search, and the doors of the demonstration."""

import asyncio
from collections import Counter
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.territories import Territories, Territory
from libs.matching.asked import search as asked_for
from libs.matching.asked import why
from libs.matching.territories import named, near
from services.api.entering.people import PEOPLE, Person, place_of
from services.api.figures.queries import Figures
from services.api.figures.rows import Listed
from services.api.figures.views import ACCOUNTS_NAMED, PERIODS, RANKING
from services.api.installation import Installation
from services.api.pages.choices import DEFAULT_CATEGORY, DEFAULT_NETWORK, SCORED
from services.api.web.headers import OWN_COOKIE as OWN
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.standing import first_half
from services.api.words.standing.bands import grouped, shortened

router = APIRouter()

HEAD_READ, HEAD_SHOWN = 100, 5
"""Lines of a ranking that are read, to know who is equal to the first, and shown."""
SHOWN = 30
"""How many territories a search lists."""


def invented(territories: Territories, name: str) -> Territory | None:
    """Return the invented territory of this name."""
    places = named(territories, name)
    return next((one for one in places if one.origin == "simulation"), None)


async def podium(figures: Figures, period: str) -> tuple[str, list[Listed]]:
    """Return a network and the head of its ranking of small towns: the first that has ten."""
    slugs = [DEFAULT_NETWORK, *(slug for slug, _ in SCORED if slug != DEFAULT_NETWORK)]
    for slug in slugs:
        head = await figures.read(
            RANKING,
            HEAD_READ,
            network=slug,
            category=DEFAULT_CATEGORY,
            period=period,
            departement="",
            region="",
        )
        if head and head[0].rank is not None:
            return slug, head
    return DEFAULT_NETWORK, []


@router.get("/")
async def home(request: Request, here: Here) -> Response:
    """Search first; then who stands at the head, and the doors of the demonstration."""
    periods = await here.figures.read(PERIODS)
    latest = periods[0] if periods else None
    network, head = await podium(here.figures, latest.period) if latest else (DEFAULT_NETWORK, [])
    return page(
        request,
        "accueil.html",
        latest=latest,
        network=network,
        head=_headed(head),
        category=DEFAULT_CATEGORY,
        own=here.territories.get(request.cookies.get(OWN, "")),
        doors=doors(here.territories) if here.simulation else [],
        counts=counts(here.territories),
    )


def _headed(head: list[Listed]) -> list[tuple[Listed, str]]:
    """Return the head of a ranking, with what is said of each band before its first line."""
    return [
        (line, "" if place else said)
        for said, band in shortened(grouped(first_half.shown(head)), HEAD_SHOWN)
        for place, line in enumerate(band)
    ]


@lru_cache(2)
def counts(territories: Territories) -> tuple[int, int]:
    """Return how many territories are real, how many invented."""
    origins = Counter(one.origin for one in territories)
    return origins["registry"], origins["simulation"]


def doors(territories: Territories) -> list[Person]:
    """Return who may be entered as: those whose territory is in this country."""
    return [one for one in PEOPLE if one.place is None or place_of(territories, one)]


@router.get("/recherche")
async def search(
    request: Request, here: Here, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """What was typed may be one territory (its page at once) or several (a list)."""
    found = await asyncio.to_thread(asked_for, here.territories, q, limit=SHOWN)
    if not found and q.strip():
        return await _by_handle(request, here, q)
    if len(found) == 1:
        return RedirectResponse(f"/territoires/{found[0].code}", 303)
    return page(
        request,
        "recherche.html",
        q=q,
        found=[_listed(here.territories, one, here.measured(one), why(one, q)) for one in found],
        near=[],
        shown=SHOWN,
    )


async def _by_handle(request: Request, here: Installation, typed: str) -> Response:
    """Answer what is the name of no place: the handle of an account, or names that are alike."""
    handle = typed.strip().removeprefix("@").lower()
    accounts = await here.figures.read(ACCOUNTS_NAMED, handle=handle)
    if len({one.territory for one in accounts}) == 1:
        known = accounts[0]
        return RedirectResponse(f"/territoires/{known.territory}?compte={known.account}", 303)
    found = [
        _listed(here.territories, place, here.measured(place), f"compte {one.handle}")
        for one in accounts
        if (place := here.territories.get(one.territory)) is not None
    ]
    alike = [] if found else await asyncio.to_thread(near, here.territories, typed)
    return page(
        request,
        "recherche.html",
        q=typed,
        found=found,
        near=[_listed(here.territories, one, here.measured(one)) for one in alike],
        shown=SHOWN,
    )


def _listed(
    territories: Territories, one: Territory, measured: bool, told: str = ""
) -> tuple[Territory, str, bool, str]:
    return one, territories.place(one), measured, told
