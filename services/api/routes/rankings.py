"""Rankings: the accounts of a network and a month, by rank."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel

from contracts.networks import BY_SLUG
from contracts.territories import Kind
from services.api.csv_files import Column, csv_response, wants_csv
from services.api.routes.parameters import (
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
from services.api.routes.redistribution import note, withhold
from services.api.rows import RankedAccount
from services.api.views import RANKING

router = APIRouter(tags=["classements"])


class Ranking(BaseModel):
    """A ranking; `notice` says what the network's terms keep out of it."""

    network: str
    category: str | None
    period: str
    notice: str | None
    accounts: list[RankedAccount]


COLUMNS: tuple[Column[RankedAccount], ...] = (
    Column("rang", lambda row: row.rank),
    Column("classes", lambda row: row.ranked),
    Column("reseau", lambda row: row.network),
    Column("compte", lambda row: row.handle),
    Column("adresse", lambda row: row.address),
    Column("code", lambda row: row.territory, code=True),
    Column("territoire", lambda row: row.territory_name),
    Column("categorie", lambda row: row.category),
    Column("strate", lambda row: row.stratum, code=True),
    Column("departement", lambda row: row.departement, code=True),
    Column("region", lambda row: row.region, code=True),
    Column("population", lambda row: row.population),
    Column("score", lambda row: row.score),
    Column("score_bas", lambda row: row.low),
    Column("score_haut", lambda row: row.high),
    Column("taux_d_engagement", lambda row: row.engagement),
    Column("portee", lambda row: row.reach),
    Column("publications_par_jour", lambda row: row.frequency),
    Column("abonnes", lambda row: row.followers),
    Column("ratio_abonnes_abonnements", lambda row: row.follow_ratio),
    Column("rang_precedent", lambda row: row.previous_rank),
    Column("score_precedent", lambda row: row.previous_score),
)


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
    if not BY_SLUG[network].scored:
        raise HTTPException(
            403, f"Les conditions de {BY_SLUG[network].name} interdisent d’en tirer un classement."
        )
    month = await published_month(here, period)
    if month is None:
        raise HTTPException(404, "Aucun mois n’est encore calculé.")
    lines = await here.figures.read(
        RANKING,
        limit,
        network=network,
        category=category.value if category else "",
        period=month,
        departement=area(here, Kind.DEPARTEMENT, "departement", departement),
        region=area(here, Kind.REGION, "region", region),
    )
    lines = [withhold(line) for line in lines]
    notice = note(network)
    if wants_csv(request):
        return csv_response(
            f"classement_{network}_{category.value if category else 'tous'}_{month}",
            lines,
            [*COLUMNS, Column("periode", lambda _: month), Column("remarque", lambda _: notice)],
            origin=lambda row: row.origin,
            simulation=here.simulation,
            variant=variant,
        )
    return Ranking(
        network=network,
        category=category.value if category else None,
        period=month,
        notice=notice,
        accounts=lines,
    )
