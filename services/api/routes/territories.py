"""Territories: search by what people type, facts of one."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from contracts.territories import Territory
from services.api.csv_files import Column, csv_response, wants_csv
from services.api.installation import Installation
from services.api.routes.parameters import CsvVariant, Here, Limit
from services.api.rows import TerritoryAccount
from services.api.views import TERRITORY_ACCOUNTS

router = APIRouter(tags=["territoires"])


class TerritoryFacts(BaseModel):
    """What the registry says of a territory; population null where none is counted."""

    code: str
    name: str
    place: str
    kind: str
    category: str
    category_label: str
    stratum: str | None
    population: int | None
    departement: str | None
    region: str | None
    epci: str | None
    covers: int
    registry_year: int
    origin: str
    measured: bool


class TerritoryDetail(TerritoryFacts):
    """The same with its accounts; none where this installation measures nothing of it."""

    accounts: list[TerritoryAccount]


def facts(here: Installation, territory: Territory) -> TerritoryFacts:
    """Return the facts of a territory as the api gives them."""
    return TerritoryFacts(
        code=territory.code,
        name=territory.nom,
        place=here.territories.place(territory),
        kind=territory.kind.value,
        category=territory.category.value,
        category_label=territory.category.label,
        stratum=territory.stratum,
        population=territory.population,
        departement=territory.departement,
        region=territory.region,
        epci=territory.epci,
        covers=len(here.territories.covers(territory.code)),
        registry_year=territory.year,
        origin=territory.origin,
        measured=here.measured(territory),
    )


COLUMNS: tuple[Column[TerritoryFacts], ...] = (
    Column("code", lambda row: row.code, code=True),
    Column("nom", lambda row: row.name),
    Column("nature", lambda row: row.kind),
    Column("categorie", lambda row: row.category),
    Column("strate", lambda row: row.stratum, code=True),
    Column("population", lambda row: row.population),
    Column("departement", lambda row: row.departement, code=True),
    Column("region", lambda row: row.region, code=True),
    Column("epci", lambda row: row.epci, code=True),
    Column("annee_du_code_officiel", lambda row: row.registry_year),
)


@router.get("/territories", response_model=list[TerritoryFacts])
@router.get("/territories.csv", include_in_schema=False, response_model=None)
async def search(
    request: Request,
    here: Here,
    q: Annotated[str, Query(max_length=200, description="Nom, début de nom, code postal ou INSEE")],
    limit: Limit = 20,
    variant: CsvVariant = "standard",
) -> list[TerritoryFacts] | Response:
    """Find territories, best match first."""
    found = [facts(here, one) for one in here.territories.find(q, limit=limit)]
    if wants_csv(request):
        return csv_response(
            "territoires",
            found,
            COLUMNS,
            origin=lambda row: row.origin,
            simulation=here.simulation,
            variant=variant,
        )
    return found


@router.get("/territories/{code}")
async def show(here: Here, code: str) -> TerritoryDetail:
    """Show one territory (INSEE code, SIREN, former code) and its accounts."""
    territory = here.territories.resolve(code) or here.territories.by_siren(code)
    if territory is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    accounts: list[TerritoryAccount] = []
    if here.measured(territory):
        found = await here.figures.read(TERRITORY_ACCOUNTS, territory=territory.code)
        accounts = [one for one in found if one.official]
    return TerritoryDetail(**facts(here, territory).model_dump(), accounts=accounts)
