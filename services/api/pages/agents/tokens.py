"""« Mes jetons »: programs that ask in an agent's name, for one territory, until a day."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from contracts.territories import Territories
from services.api.entering.addresses import keyed
from services.api.entering.agent import WORDS, Agent, signed_in_agent
from services.api.entering.recognising import TOKEN, new_secret
from services.api.pages.agents.entering import open_key
from services.api.store import Store
from services.api.store.agents.tokens import TOKENS_MOST
from services.api.store.errors import TransitionError
from services.api.web.access import require, signed_in
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(signed_in)])

PAGE = "/mes-jetons"
TERMS_BY_DAYS = {30: "un mois", 90: "trois mois", 365: "un an"}


async def _page(
    request: Request, territories: Territories, store: Store, agent: Agent, secret: str = ""
) -> Response:
    tokens = await asyncio.to_thread(store.tokens.of_agent, agent.id)
    places = {code: territories.get(code) for code in agent.own}
    return page(
        request,
        "jetons.html",
        secret=secret,
        tokens=[(one, territories.get(one.territory)) for one in tokens],
        places=[(code, place.nom if place else code) for code, place in places.items()],
        days=TERMS_BY_DAYS,
        words=WORDS,
    )


@router.get(PAGE)
async def show(request: Request, here: Here) -> Response:
    """Show the tokens that open something, and the form to make one."""
    return await _page(request, here.territories, here.store, signed_in_agent(request))


@router.post(PAGE)
async def make(
    request: Request,
    here: Here,
    name: Annotated[str, Form(alias="nom", min_length=2, max_length=60)],
    code: Annotated[str, Form(max_length=20)],
    role: Annotated[Literal["reading", "writing"], Form()] = "reading",
    days: Annotated[Literal["30", "90", "365"], Form(alias="duree")] = "90",
) -> Response:
    """Make a token, whose secret is shown this once."""
    require(request, role, code)
    agent, secret = signed_in_agent(request), TOKEN + new_secret()
    key = keyed(open_key(here.settings), "token", secret)
    try:
        await asyncio.to_thread(
            here.store.tokens.make, agent.id, key, name.strip(), code, role, int(days)
        )
    except TransitionError:
        raise HTTPException(409, f"Vous avez déjà {TOKENS_MOST} jetons : fermez-en un.") from None
    return await _page(request, here.territories, here.store, agent, secret)


@router.post(f"{PAGE}/{{token}}/fin")
async def end(request: Request, here: Here, token: str) -> Response:
    """End one of one's tokens; nothing happens to one that is not."""
    await asyncio.to_thread(here.store.tokens.end, signed_in_agent(request).id, token)
    return RedirectResponse(PAGE, 303)
