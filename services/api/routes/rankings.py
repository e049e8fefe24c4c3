"""Rankings: the accounts of a network and a month, by rank."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
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
from services.api.web.paging import PAGED, Page, pages
from services.api.web.parameters import (
    AnyCategory,
    CsvVariant,
    Departement,
    Here,
    Network,
    Period,
    Region,
    area,
    published_month,
)

router = APIRouter(tags=["classements"])


class Ranking(BaseModel):
    """A page of a ranking; `notice` says what the network's terms keep out of it.

    `total` counts all its accounts, `next` is the address of the next page.
    """

    network: str
    category: str | None
    period: str
    notice: str | None
    total: int
    next: str | None
    accounts: list[Listed]


@router.get("/rankings", response_model=Ranking, responses=PAGED)
@router.get("/rankings.csv", include_in_schema=False, response_model=None)
async def rank(
    here: Here,
    page: Annotated[Page, Depends(pages(100))],
    network: Network,
    category: AnyCategory = None,
    period: Period = None,
    departement: Departement = None,
    region: Region = None,
    variant: CsvVariant = "standard",
) -> Ranking | Response:
    """Give the accounts of a network by rank; those of a cell under ten have none."""
    require_scores(network)
    month = await published_month(here.figures, period)
    if month is None:
        raise HTTPException(404, "Aucun mois n’est encore calculé.")
    asked = {
        "network": network,
        "category": category.value if category else "",
        "period": month,
        "departement": area(here.measured_of(Kind.DEPARTEMENT), "departement", departement),
        "region": area(here.measured_of(Kind.REGION), "region", region),
    }
    lines, total = await page.read(here.figures, RANKING, asked)
    lines = [withhold(line, network) for line in lines]
    notice = note(network)
    if wants_csv(page.request):
        name = f"classement_{network}_{category.value if category else 'tous'}_{month}"
        columns = [*RANKING_COLUMNS, *closing(month, notice)]
        file = send_csv(here.settings.installation, name, lines, columns, variant)
        file.headers.update(page.headers(total))
        return file
    return Ranking(
        network=network,
        category=category.value if category else None,
        period=month,
        notice=notice,
        total=total,
        next=page.next(total),
        accounts=lines,
    )
