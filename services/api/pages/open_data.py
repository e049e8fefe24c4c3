"""The page of open data: what to take away, how to recompute it, what may be written."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from contracts.networks import NETWORKS
from services.api.figures.views import INDICATORS, MONTH_REVISIONS, PERIODS
from services.api.files import codebook
from services.api.files.recomputing import Recomputing
from services.api.pages.choices import CATEGORIES
from services.api.web.openapi import describe
from services.api.web.parameters import Here, Period
from services.api.web.rendering import page
from services.api.words.month_state import withdrawn

router = APIRouter()

MONTH_FILE = codebook.TABLES[0].address


@router.get("/donnees")
async def data(request: Request, here: Here, periode: Period = None) -> Response:
    """Show how to take the figures away: files, API, what may be written."""
    periods = await here.figures.read(PERIODS)
    months = {one.period: one for one in periods}
    period = periode if periode in months else next(iter(months), None)
    revisions = await here.figures.read(MONTH_REVISIONS)
    month = next((one for one in revisions if one.period == period), None)
    indicators = await here.figures.read(INDICATORS, methodology=month.methodology) if month else []
    return page(
        request,
        "donnees.html",
        periods=periods,
        period=period,
        month=month,
        recomputing=Recomputing([one for one in indicators if one.weight]),
        revisions=revisions,
        withdrawn=withdrawn(periode, revisions) if periode and periode not in months else "",
        files=(await here.files.digests(period)).files if period else {},
        networks=NETWORKS,
        categories=CATEGORIES,
        columns=[one for one in codebook.entries() if one.file == MONTH_FILE],
        tables=codebook.TABLES,
        operations=_operations(describe(request.app)["paths"]),
    )


def _operations(paths: dict[str, dict[str, dict[str, str]]]) -> list[tuple[str, str, str, str]]:
    """Return method, address, summary and description of what can be read or made."""
    return [
        (method.upper(), path, operation["summary"], operation["description"].replace("`", ""))
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]
