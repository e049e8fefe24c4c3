"""Addresses that programs try on every site: where robots may go, the icon, the documentation."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from services.api.web.parameters import Here

router = APIRouter()

ICON = "/static/observatoire.svg"
DOCUMENTATION = "/donnees#api"

OPEN = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n" for path in ("/alertes/", "/entrer/", "/exploitation", "/veilles")
)
CLOSED = "User-agent: *\nDisallow: /\n"
"""Nothing of a simulation is to be found by a search engine."""


@router.get("/robots.txt")
async def robots(here: Here) -> Response:
    """Say where robots may go."""
    return PlainTextResponse(CLOSED if here.simulation else OPEN)


@router.get("/favicon.ico")
async def icon() -> Response:
    """Lead those who read no page to the icon that pages name."""
    return RedirectResponse(ICON)


@router.get("/docs")
@router.get("/redoc")
@router.get("/api")
@router.get("/api/v1")
async def documentation() -> Response:
    """Lead to the documentation of the API, a page of ours: nothing is loaded from elsewhere."""
    return RedirectResponse(DOCUMENTATION)
