"""Accounts suspected of passing for a territory: named by anybody, decided by the team.

The decision is public: on the page of the territory, and in the answer, by page or API, to
whether an account is official.
"""

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.accounts import Ownership
from contracts.addresses import Refused, read_address
from contracts.addresses.fiction import spoken
from libs.matching.asked import meant
from services.api.census.likeness import SAID as HOW
from services.api.census.likeness import resembling
from services.api.pages.desk.candidates import Choice, Queue, decided, shown
from services.api.routes.official import ADDRESS_CHARACTERS
from services.api.store.registry.claims import Claim, Proof
from services.api.web.access import in_team
from services.api.web.parameters import Here

desk = APIRouter(dependencies=[Depends(in_team)])
router = APIRouter()

QUEUE = Queue(
    "/bureau/usurpations",
    "Usurpations à examiner",
    {
        "usurpation": "C’est une usurpation",
        "non": "Pas le compte de la collectivité",
        "personne": "Compte d’une personne",
        "oui": "C’est un compte officiel",
    },
    suspected=True,
)


@desk.get(QUEUE.page)
async def suspects(
    request: Request,
    here: Here,
    done: Annotated[str, Query(alias="fait", max_length=64)] = "",
    choice: Annotated[Choice, Query(alias="choix")] = "usurpation",
) -> Response:
    """Show the accounts that are suspected, and the last decision, which can be undone."""
    return await shown(request, here.store, here.territories, QUEUE, done, choice)


@desk.post(QUEUE.page + "/{account}")
async def decide_suspect(
    request: Request, here: Here, account: str, choice: Annotated[Choice, Form(alias="choix")]
) -> Response:
    """Decide of a suspect, and come back to the one that follows."""
    return await decided(request, here.store, QUEUE, account, choice)


@router.post("/officiel/signaler")
async def report(
    request: Request,
    here: Here,
    address: Annotated[str, Form(alias="adresse", max_length=ADDRESS_CHARACTERS)],
    imitated: Annotated[str, Form(alias="collectivite", min_length=2, max_length=100)],
) -> Response:
    """Bring an account to the desk as one that passes for a territory: nothing is told yet.

    One that a source gives to a territory and nobody has decided of is marked as reported, where
    it waits. One that was decided of is said to be known.
    """
    here.throttles.suspects.take(request)
    read = read_address(spoken(address) if here.simulation else address)
    if isinstance(read, Refused):
        raise HTTPException(422, read.refusal.sentence)
    places = meant(here.territories, imitated)
    if len(places) != 1:
        raise HTTPException(
            422,
            "Plusieurs collectivités ont ce nom : ajoutez le département."
            if places
            else "Aucune collectivité n’a ce nom ou ce code.",
        )
    known = await asyncio.to_thread(here.store.accounts.find, read)
    if known is not None and (known.state, known.owner_kind) != ("candidate", "collectivité"):
        shown = urlencode({"signale": "connu", "adresse": address})
        return RedirectResponse(f"/officiel?{shown}", 303)
    like = await resembling(here.store, read)
    proof = (
        f"proche de {like.known.handle} : {HOW[like.how]}" if like else "signalé par un visiteur"
    )
    claim = Claim(
        read,
        (Ownership(territory=places[0].code),),
        Proof("likeness", proof, here.store.now()),
        reason="signalé comme une usurpation",
    )
    await asyncio.to_thread(here.store.accounts.register, claim)
    return RedirectResponse("/officiel?signale=1", 303)
