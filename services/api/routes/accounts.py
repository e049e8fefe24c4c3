"""Accounts: score of a month taken apart, observations, posts."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.api.csv_files import Column, Variant, csv_response, wants_csv
from services.api.installation import Installation
from services.api.queries import first
from services.api.routes.parameters import (
    CsvVariant,
    DateFrom,
    DateTo,
    Here,
    Limit,
    Period,
    days_of,
    published_month,
)
from services.api.routes.redistribution import require_counters
from services.api.rows import (
    AccountPost,
    AccountScore,
    KpiShare,
    MonthScore,
    Observation,
    Outcome,
)
from services.api.views import (
    ACCOUNT_OBSERVATIONS,
    ACCOUNT_OUTCOMES,
    ACCOUNT_POSTS,
    ACCOUNT_SCORE,
    ACCOUNT_SCORE_KPIS,
    ACCOUNT_SCORES,
)

router = APIRouter(tags=["comptes"])

R = TypeVar("R", Observation, AccountPost)


class Account(BaseModel):
    """Where an account stands in a month, why, since when, and how its reading goes."""

    score: AccountScore | None
    kpis: list[KpiShare]
    history: list[MonthScore]
    outcomes: list[Outcome]


OBSERVATION_COLUMNS: tuple[Column[Observation], ...] = (
    Column("releve", lambda row: row.event_id),
    Column("observe_le", lambda row: row.observed_at),
    Column("compte", lambda row: row.handle),
    Column("abonnes", lambda row: row.followers),
    Column("abonnements", lambda row: row.following),
    Column("publications", lambda row: row.posts),
    Column("mentions_j_aime", lambda row: row.likes),
    Column("vues", lambda row: row.views),
    Column("absents", lambda row: [f"{name}:{why}" for name, why in row.absent.items()]),
)
POST_COLUMNS: tuple[Column[AccountPost], ...] = (
    Column("publication", lambda row: row.post),
    Column("adresse", lambda row: row.address),
    Column("publie_le", lambda row: row.published_at),
    Column("type", lambda row: row.kind),
    Column("etat", lambda row: row.state),
    Column("mentions_j_aime", lambda row: row.likes),
    Column("commentaires", lambda row: row.comments),
    Column("partages", lambda row: row.shares),
    Column("citations", lambda row: row.quotes),
    Column("vues", lambda row: row.views),
    Column("interactions", lambda row: row.interactions),
    Column("engagement", lambda row: row.engagement),
    Column("lu_le", lambda row: row.read_at),
    Column("absents", lambda row: [f"{name}:{why}" for name, why in row.absent.items()]),
)


@router.get("/accounts/{account}")
async def show(here: Here, account: str, period: Period = None) -> Account:
    """Show an account: its score of the month, KPI by KPI, and its history."""
    month = await published_month(here, period) or ""
    score, kpis, history, outcomes = await asyncio.gather(
        first(here.figures, ACCOUNT_SCORE, account=account, period=month),
        here.figures.read(ACCOUNT_SCORE_KPIS, account=account, period=month),
        here.figures.read(ACCOUNT_SCORES, account=account),
        here.figures.read(ACCOUNT_OUTCOMES, 30, account=account),
    )
    if score is None and not history and not outcomes:
        raise HTTPException(404, "Aucun compte connu n’a cet identifiant.")
    return Account(score=score, kpis=kpis, history=history, outcomes=outcomes)


@router.get("/accounts/{account}/observations", response_model=list[Observation])
@router.get("/accounts/{account}/observations.csv", include_in_schema=False, response_model=None)
async def observations(
    request: Request,
    here: Here,
    account: str,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    limit: Limit = 500,
    variant: CsvVariant = "standard",
) -> list[Observation] | Response:
    """Give the counters of an account as observed, newest first; null says why in `absent`."""
    start, end = days_of(here, date_from, date_to)
    if as_file := wants_csv(request):
        require_counters(await _network_of(here, account))
    found = await here.figures.read(
        ACCOUNT_OBSERVATIONS, limit, account=account, date_from=start, date_to=end
    )
    if not as_file:
        return found
    return _file(here, f"releves_{account}", found, OBSERVATION_COLUMNS, variant)


@router.get("/accounts/{account}/posts", response_model=list[AccountPost])
@router.get("/accounts/{account}/posts.csv", include_in_schema=False, response_model=None)
async def posts(
    request: Request,
    here: Here,
    account: str,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    limit: Limit = 500,
    variant: CsvVariant = "standard",
) -> list[AccountPost] | Response:
    """Give the posts of an account with their latest reading, newest first."""
    start, end = days_of(here, date_from, date_to)
    if as_file := wants_csv(request):
        require_counters(await _network_of(here, account))
    found = await here.figures.read(
        ACCOUNT_POSTS, limit, account=account, date_from=start, date_to=end
    )
    if not as_file:
        return found
    return _file(here, f"publications_{account}", found, POST_COLUMNS, variant)


def _file(
    here: Installation,
    name: str,
    rows: Sequence[R],
    columns: Sequence[Column[R]],
    variant: Variant,
) -> Response:
    return csv_response(
        name,
        rows,
        columns,
        origin=lambda row: row.origin,
        simulation=here.simulation,
        variant=variant,
    )


async def _network_of(here: Here, account: str) -> str:
    """Return the network of an account. Raises 404 when neither registry nor scores know it."""
    registered = await asyncio.to_thread(here.store.accounts.get, account)
    if registered is not None:
        return registered.network
    score = await first(
        here.figures, ACCOUNT_SCORE, account=account, period=await here.latest_period() or ""
    )
    if score is None:
        raise HTTPException(404, "Aucun compte connu n’a cet identifiant.")
    return score.network
