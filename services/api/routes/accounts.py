"""Accounts: score of a month taken apart, observations, posts."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.api.figures.medians import medians_of, shares
from services.api.figures.queries import first
from services.api.figures.rows import (
    AccountPost,
    AccountScore,
    GivenShare,
    MonthScore,
    Observation,
    Outcome,
    Reading,
)
from services.api.figures.views import (
    ACCOUNT_KPIS,
    ACCOUNT_OBSERVATIONS,
    ACCOUNT_OUTCOMES,
    ACCOUNT_POSTS,
    ACCOUNT_READINGS,
    ACCOUNT_SCORE,
    ACCOUNT_SCORES,
    View,
)
from services.api.files import columns
from services.api.files.csv import Column, Variant, wants_csv
from services.api.files.redistribution import (
    given_shares,
    require_counters,
    require_scores,
    withhold,
)
from services.api.files.sending import send_csv
from services.api.installation import Installation
from services.api.web.paging import PAGED, Page, pages
from services.api.web.parameters import (
    CsvVariant,
    DateFrom,
    DateTo,
    Here,
    Period,
    days_of,
    published_month,
)

router = APIRouter(tags=["comptes"])

R = TypeVar("R", Observation, AccountPost, Reading)


class Account(BaseModel):
    """Where an account stands in a month, why, since when, and how its reading goes."""

    score: AccountScore | None
    kpis: list[GivenShare]
    history: list[MonthScore]
    outcomes: list[Outcome]


@dataclass(frozen=True, slots=True)
class Counted:
    """What is asked of the counters of an account between two days, and in which form."""

    request: Request
    here: Installation
    account: str
    start: str
    end: str
    variant: Variant

    async def rows(
        self, view: View[R], page: Page, name: str, written: Sequence[Column[R]]
    ) -> list[R] | Response:
        """Return rows, or their file, where the terms of the network let them leave (else 403)."""
        require_counters(await _network_of(self.here, self.account))
        asked = {"account": self.account, "date_from": self.start, "date_to": self.end}
        found, total = await page.read(self.here.figures, view, asked)
        if not wants_csv(self.request):
            return found
        name = f"{name}_{self.account}"
        file = send_csv(self.here.settings.installation, name, found, written, self.variant)
        file.headers.update(page.headers(total))
        return file


async def counted(
    request: Request,
    here: Here,
    account: str,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    variant: CsvVariant = "standard",
) -> Counted:
    """Read what is asked. Raises 422 when the days cross."""
    return Counted(request, here, account, *days_of(here.clock, date_from, date_to), variant)


Asked = Annotated[Counted, Depends(counted)]
Some = Annotated[Page, Depends(pages(500))]


@router.get("/accounts/{account}", response_model=Account)
@router.get("/accounts/{account}.csv", include_in_schema=False, response_model=None)
async def show(
    request: Request,
    here: Here,
    account: str,
    period: Period = None,
    variant: CsvVariant = "standard",
) -> Account | Response:
    """Show an account: its score of the month, KPI by KPI, and its history.

    As CSV: a line a month.
    """
    if wants_csv(request):
        require_scores(network := await _network_of(here, account))
        months = [
            withhold(one, network)
            for one in await here.figures.read(ACCOUNT_SCORES, account=account)
        ]
        name = f"scores_{account}"
        return send_csv(here.settings.installation, name, months, columns.ACCOUNT_MONTHS, variant)
    month = await published_month(here.figures, period) or ""
    score, kpis, history, outcomes = await asyncio.gather(
        first(here.figures, ACCOUNT_SCORE, account=account, period=month),
        here.figures.read(ACCOUNT_KPIS, account=account, period=month),
        here.figures.read(ACCOUNT_SCORES, account=account),
        here.figures.read(ACCOUNT_OUTCOMES, 30, account=account),
    )
    if score is None and not history and not outcomes:
        raise HTTPException(404, "Aucun compte connu n’a cet identifiant.")
    network = score.network if score else await _network_of(here, account)
    medians: Mapping[str, float | None] = {}
    if score and kpis:
        medians = await medians_of(here.figures, score)
    return Account(
        score=withhold(score, network) if score else None,
        kpis=given_shares(shares(kpis, medians), network),
        history=[withhold(one, network) for one in history],
        outcomes=outcomes,
    )


@router.get("/accounts/{account}/observations", response_model=list[Observation], responses=PAGED)
@router.get("/accounts/{account}/observations.csv", include_in_schema=False, response_model=None)
async def observations(asked: Asked, page: Some) -> list[Observation] | Response:
    """Give the counters of an account as observed, newest first; null says why in `absent`."""
    return await asked.rows(ACCOUNT_OBSERVATIONS, page, "releves", columns.OBSERVATIONS)


@router.get("/accounts/{account}/posts", response_model=list[AccountPost], responses=PAGED)
@router.get("/accounts/{account}/posts.csv", include_in_schema=False, response_model=None)
async def posts(asked: Asked, page: Some) -> list[AccountPost] | Response:
    """Give the posts of an account with their latest reading, newest first."""
    return await asked.rows(ACCOUNT_POSTS, page, "publications", columns.POSTS)


@router.get("/accounts/{account}/readings", response_model=list[Reading], responses=PAGED)
@router.get("/accounts/{account}/readings.csv", include_in_schema=False, response_model=None)
async def readings(
    asked: Asked, page: Annotated[Page, Depends(pages(5_000, most=5_000))]
) -> list[Reading] | Response:
    """Give every reading of the posts published between two days: what a score is made from."""
    return await asked.rows(ACCOUNT_READINGS, page, "lectures", columns.READINGS)


async def _network_of(here: Here, account: str) -> str:
    """Return the network of an account. Raises 404 when neither registry nor scores know it."""
    registered = await asyncio.to_thread(here.store.accounts.get, account)
    if registered is not None:
        return registered.network
    score = await first(
        here.figures,
        ACCOUNT_SCORE,
        account=account,
        period=await published_month(here.figures, None) or "",
    )
    if score is None:
        raise HTTPException(404, "Aucun compte connu n’a cet identifiant.")
    return score.network
