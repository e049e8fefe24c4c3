"""The page of open data: what to take away, how to recompute it, what may be written."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.rendering import page
from services.api.routes.parameters import Here

router = APIRouter()


@router.get("/donnees")
async def data(request: Request, here: Here) -> Response:
    """Show how to take the figures away: files, API, what may be written."""
    return page(request, "donnees.html", latest=await here.latest_period())
