"""Rankings: the accounts of a network and a month, by rank."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel

from contracts.territories import Kind
from services.api.figures.rows import Listed
from services.api.figures.views import RANKING
from services.api.files.columns import RANKING as RANKING_COLUMNS
from services.api.files.columns import closing
from services.api.files.csv import wants_csv
from services.api.files.redistribution import note, require_scores, withhold
from services.api.files.sending import send_csv
from services.api.web.parameters import (
    AnyCategory,
    CsvVariant,
    Departement,
    Here,
    Limit,
    Network,
    Period,
    Region,
    area,
    published_month,
)

router = APIRouter(tags=["classements"])


class Ranking(BaseModel):
    """A ranking; `notice` says what the network's terms keep out of it."""

    network: str
    category: str | None
    period: str
    notice: str | None
    accounts: list[Listed]


@router.get("/rankings", response_model=Ranking)
@router.get("/rankings.csv", include_in_schema=False, response_model=None)
async def rank(
    request: Request,
    here: Here,
    network: Network,
    category: AnyCategory = None,
    period: Period = None,
    departement: Departement = None,
    region: Region = None,
    limit: Limit = 100,
    variant: CsvVariant = "standard",
) -> Ranking | Response:
    """Give the accounts of a network by rank; those of a cell under ten have none."""
    require_scores(network)
    month = await published_month(here.figures, period)
    if month is None:
        raise HTTPException(404, "Aucun mois n’est encore calculé.")
    lines = await here.figures.read(
        RANKING,
        limit,
        network=network,
        category=category.value if category else "",
        period=month,
        departement=area(here.measured_of(Kind.DEPARTEMENT), "departement", departement),
        region=area(here.measured_of(Kind.REGION), "region", region),
    )
    lines = [withhold(line, network) for line in lines]
    notice = note(network)
    if wants_csv(request):
        return send_csv(
            here.settings.installation,
            f"classement_{network}_{category.value if category else 'tous'}_{month}",
            lines,
            [*RANKING_COLUMNS, *closing(month, notice)],
            variant,
        )
    return Ranking(
        network=network,
        category=category.value if category else None,
        period=month,
        notice=notice,
        accounts=lines,
    )
