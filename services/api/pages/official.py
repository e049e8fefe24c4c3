"""« Ce compte est-il officiel ? »: an address, whose account it is, and who says so."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.addresses import Refused, read_address
from contracts.networks import network_of
from services.api.installation import Installation
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.official import VERDICTS, Official, official

router = APIRouter()

LONGEST = 500
Address = Annotated[str, Query(max_length=LONGEST)]


@router.get("/officiel")
async def show(request: Request, here: Here, adresse: Address = "") -> Response:
    """Show the question, and the answer to an address."""
    told, why = await answer(here, adresse) if adresse.strip() else (None, "")
    return page(
        request,
        "officiel.html",
        address=adresse.strip(),
        told=told,
        why=why,
        said=VERDICTS[told.verdict] if told else None,
        network=network_of(told.network).name if told and told.network else "",
        places=[one for code in told.territories if (one := here.territories.get(code))]
        if told
        else [],
    )


async def answer(here: Installation, address: str) -> tuple[Official, str]:
    """Return what the registry says of an address, and why it is none where it is not."""
    read = read_address(address)
    if isinstance(read, Refused):
        return Official("not_an_account"), read.refusal.sentence
    accounts = here.store.accounts
    known = await asyncio.to_thread(accounts.find, read)
    history = await asyncio.to_thread(accounts.history, known.account) if known else None
    told = official(history)
    if told.address is None:
        return Official(told.verdict, read.network, read.address), ""
    return told, ""
