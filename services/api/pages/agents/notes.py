"""« Repères sur nos courbes »: dated notes that a territory's agents write on its accounts."""

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from libs.clock import PARIS, Clock
from services.api.entering.agent import who
from services.api.figures.queries import Figures
from services.api.figures.rows import KnownAccount
from services.api.figures.views import TERRITORY_ACCOUNTS
from services.api.pages.agents.team import place_of
from services.api.pages.territories.account import by_network
from services.api.store.agents.notes import LONGEST_WORDS
from services.api.store.errors import ConflictError, UnknownError
from services.api.web.access import may, reads_territory, writes_territory
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter()

PAGE = "/equipe/{code}/reperes"
FIRST_DAY = date(2010, 1, 1)
AHEAD = timedelta(days=366)
FULL = "Trop de repères : effacez-en d’anciens."
GONE = "Ce repère n’existe pas (ou plus)."

Words = Annotated[str, Form(alias="texte", max_length=LONGEST_WORDS)]
Day = Annotated[date, Form(alias="jour")]
Public = Annotated[str, Form(alias="public", max_length=3)]


@router.get(PAGE, dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str, compte: str = "") -> Response:
    """Show the notes of the territory, and to who may write the forms to add and change them."""
    place = place_of(here.territories, code)
    accounts = await _accounts(here.figures, place.code)
    return page(
        request,
        "reperes.html",
        place=place,
        accounts=accounts,
        chosen=compte,
        named={one.account: one for one in accounts},
        notes=await asyncio.to_thread(here.store.notes.of_territory, place.code),
        today=_today(here.clock),
        longest=LONGEST_WORDS,
        writes=may(request, "writing", code),
    )


@router.post(PAGE, dependencies=[Depends(writes_territory)])
async def write(
    request: Request,
    here: Here,
    code: str,
    account: Annotated[str, Form(alias="compte", max_length=64)],
    day: Day,
    words: Words,
    public: Public = "",
) -> Response:
    """Keep a note on a day of one of the territory's accounts."""
    place = place_of(here.territories, code)
    if account not in {one.account for one in await _accounts(here.figures, place.code)}:
        raise HTTPException(404, "Ce compte n’est pas un compte connu de la collectivité.")
    said = _said(_today(here.clock), day, words)
    try:
        await asyncio.to_thread(
            here.store.notes.write,
            place.code, account, day, said, public=public == "oui", by=who(request),
        )  # fmt: skip
    except ConflictError:
        raise HTTPException(409, FULL) from None
    return RedirectResponse(f"{PAGE.format(code=place.code)}#liste", 303)


@router.post(PAGE + "/{note}", dependencies=[Depends(writes_territory)])
async def change(
    request: Request,
    here: Here,
    code: str,
    note: str,
    day: Day,
    words: Words,
    public: Public = "",
) -> Response:
    """Say a note otherwise."""
    place, said = place_of(here.territories, code), _said(_today(here.clock), day, words)
    try:
        await asyncio.to_thread(
            here.store.notes.change,
            place.code, note, day, said, public=public == "oui", by=who(request),
        )  # fmt: skip
    except UnknownError:
        raise HTTPException(404, GONE) from None
    return RedirectResponse(f"{PAGE.format(code=place.code)}#liste", 303)


@router.post(PAGE + "/{note}/effacer", dependencies=[Depends(writes_territory)])
async def erase(here: Here, code: str, note: str) -> Response:
    """Erase a note for good."""
    place = place_of(here.territories, code)
    try:
        await asyncio.to_thread(here.store.notes.erase, place.code, note)
    except UnknownError:
        raise HTTPException(404, GONE) from None
    return RedirectResponse(f"{PAGE.format(code=place.code)}#liste", 303)


async def _accounts(figures: Figures, code: str) -> list[KnownAccount]:
    found = await figures.read(TERRITORY_ACCOUNTS, territory=code)
    return by_network([one for one in found if one.official])


def _today(clock: Clock) -> date:
    return clock.now().astimezone(PARIS).date()


def _said(today: date, day: date, words: str) -> str:
    """Return the words of a note on one line. Raises 422 for none, or a day out of reach."""
    if not FIRST_DAY <= day <= today + AHEAD:
        raise HTTPException(422, "Une date entre 2010 et dans un an.")
    if not (said := " ".join(words.split())):
        raise HTTPException(422, "Écrivez en quelques mots ce qui s’est passé.")
    return said
