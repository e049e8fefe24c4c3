"""The TOP 100, with filters that are a form read by GET: its address is the exact view."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.territories import Kind
from services.api.pages.choices import CATEGORIES, DEFAULT_CATEGORY, SCORED, areas
from services.api.pages.home import podium
from services.api.rendering import page
from services.api.routes.parameters import Here, Period
from services.api.rows import RankedAccount
from services.api.sentences import rhythm, within
from services.api.views import PERIODS, RANKING

router = APIRouter()

SHOWN = 100
Choice = Annotated[str, Query(max_length=40)]


def moved(line: RankedAccount) -> str:
    """Say how an account moved since the month before: inside its interval it is « stable »."""
    if line.previous_score is None or line.score is None:
        return "nouveau"
    if within(line.previous_score, line.low, line.high):
        return "stable"
    return "en progrès" if line.score > line.previous_score else "en recul"


@router.get("/palmares")
async def top(
    request: Request,
    here: Here,
    reseau: Choice = "",
    categorie: Choice = DEFAULT_CATEGORY,
    periode: Period = None,
    departement: Choice = "",
    region: Choice = "",
) -> Response:
    """Show the first hundred accounts; never the last ones first."""
    periods = await here.figures.read(PERIODS)
    month = periode or (periods[0].period if periods else "")
    network = reseau if reseau in dict(SCORED) else (await podium(here, month))[0]
    category = categorie if categorie in dict(CATEGORIES) else ""
    lines = await here.figures.read(
        RANKING,
        SHOWN,
        network=network,
        category=category,
        period=month,
        departement=departement,
        region=region,
    )
    return page(
        request,
        "palmares.html",
        lines=lines,
        ranked=any(one.rank is not None for one in lines),
        periods=periods,
        state=next((one.state for one in periods if one.period == month), None),
        chosen={
            "reseau": network,
            "categorie": category,
            "periode": month,
            "departement": departement,
            "region": region,
        },
        networks=SCORED,
        categories=CATEGORIES,
        departements=areas(here, Kind.DEPARTEMENT),
        regions=areas(here, Kind.REGION),
        shown=SHOWN,
        moved=moved,
        rhythm=rhythm,
    )
