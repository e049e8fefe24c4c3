"""Territories: search by what people type, facts of one."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from contracts.territories import Territories, Territory
from libs.matching.asked import search as asked_for
from services.api.figures.absences import with_absences
from services.api.figures.queries import Figures
from services.api.figures.rows import TerritoryAccount
from services.api.figures.territory_months import territory_months
from services.api.figures.views import TERRITORY_ACCOUNTS
from services.api.files.columns import FOUND, HELD_ACCOUNTS, HeldAccount
from services.api.files.csv import wants_csv
from services.api.files.redistribution import note, withhold
from services.api.files.sending import send_csv
from services.api.web.parameters import CsvVariant, Here, Limit, Period, published_month

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


def facts(territories: Territories, territory: Territory, *, measured: bool) -> TerritoryFacts:
    """Return the facts of a territory as the api gives them."""
    return TerritoryFacts(
        code=territory.code,
        name=territory.nom,
        place=territories.place(territory),
        kind=territory.kind.value,
        category=territory.category.value,
        category_label=territory.category.label,
        stratum=territory.stratum,
        population=territory.population,
        departement=territory.departement,
        region=territory.region,
        epci=territory.epci,
        covers=len(territories.covers(territory.code)),
        registry_year=territory.year,
        origin=territory.origin,
        measured=measured,
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
    found = [
        facts(here.territories, one, measured=here.measured(one))
        for one in asked_for(here.territories, q, limit=limit)
    ]
    if wants_csv(request):
        return send_csv(here.settings.installation, "territoires", found, FOUND, variant)
    return found


@router.get("/territories/{code}", response_model=TerritoryDetail)
@router.get("/territories/{code}.csv", include_in_schema=False, response_model=None)
async def show(
    request: Request,
    here: Here,
    code: str,
    period: Period = None,
    variant: CsvVariant = "standard",
) -> TerritoryDetail | Response:
    """Show one territory (INSEE code, SIREN, former code) and its accounts.

    As CSV: a line an account, with its score of the month.
    """
    territory = here.territories.resolve(code) or here.territories.by_siren(code)
    if territory is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    measured = here.measured(territory)
    month = await published_month(here.figures, period) or "" if measured else ""
    accounts: list[TerritoryAccount] = []
    if measured:
        held = await here.figures.read(TERRITORY_ACCOUNTS, territory=territory.code)
        found = await with_absences(here.figures, territory.code, held)
        accounts = [withhold(one, one.network) for one in found if one.official]
    if not wants_csv(request):
        shown = facts(here.territories, territory, measured=measured)
        return TerritoryDetail(**shown.model_dump(), accounts=accounts)
    return send_csv(
        here.settings.installation,
        f"comptes_{territory.code}_{month or 'sans_mesure'}",
        await _with_scores(here.figures, territory, accounts, month),
        HELD_ACCOUNTS,
        variant,
    )


async def _with_scores(
    figures: Figures, territory: Territory, accounts: Sequence[TerritoryAccount], month: str
) -> list[HeldAccount]:
    """Return the accounts with their line of a month; a shared one has it where its home is."""
    homes = {one.home_territory or territory.code for one in accounts}
    found = await asyncio.gather(*(territory_months(figures, home) for home in homes))
    scores = {one.account: withhold(one, one.network) for each in found for one in each.of(month)}
    return [
        HeldAccount(territory, one, month, scores.get(one.account), note(one.network))
        for one in accounts
    ]
