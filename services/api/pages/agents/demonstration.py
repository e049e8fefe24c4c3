"""« Entrer comme… »: in a demonstration alone, the doors of the home page sign in."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from services.api.entering.addresses import keyed
from services.api.entering.people import known, person_named
from services.api.entering.recognising import browser_of, new_secret
from services.api.pages.agents.entering import open_key, signed_in
from services.api.web.parameters import Here

router = APIRouter()


@router.post("/entrer/comme")
async def enter_as(
    request: Request, here: Here, who: Annotated[str, Form(alias="qui", max_length=20)]
) -> Response:
    """Sign in as somebody invented."""
    person = person_named(who) if here.simulation else None
    key, secret = open_key(here.settings), new_secret()
    found = (
        await asyncio.to_thread(known, here.territories, here.store, person, key)
        if person
        else None
    )
    if found is None:
        raise HTTPException(404, "Personne ne s’appelle ainsi dans la démonstration.")
    session = await asyncio.to_thread(
        here.store.sessions.open, found[0], keyed(key, "session", secret), browser_of(request)
    )
    return await signed_in(request, here, session, secret, found[1])
