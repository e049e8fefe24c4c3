"""« Mes sessions »: where one is signed in, for which territories; to end any; to leave."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from contracts.territories import Territories
from libs.identity.asking import Unreachable
from libs.settings import Settings
from services.api.entering.agent import WORDS, Agent, signed_in_agent
from services.api.entering.recognising import (
    WAY_OUT_COOKIE,
    WAY_OUT_PAGE,
    forget,
    new_secret,
    session_cookie,
)
from services.api.store.agents.entitled import EVERYWHERE
from services.api.web.access import signed_in
from services.api.web.headers import OWN_COOKIE
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(signed_in)])

PAGE = "/mes-sessions"


def _places(territories: Territories, agent: Agent) -> list[tuple[str, str, str]]:
    """Return code, name and role of each territory of an agent."""
    return [
        (code, place.nom if (place := territories.get(code)) else code, WORDS[role])
        for code, role in sorted(agent.roles.items())
        if code != EVERYWHERE and role != "none"
    ]


@router.get(PAGE)
async def show(request: Request, here: Here) -> Response:
    """Show the sessions of the agent, and what they may do."""
    agent = signed_in_agent(request)
    return page(
        request,
        "sessions.html",
        sessions=await asyncio.to_thread(here.store.sessions.of_agent, agent.id),
        requests=[
            (one, here.territories.get(one.territory), WORDS[one.role])
            for one in await asyncio.to_thread(here.store.teams.requests, None, agent.id)
        ],
        places=_places(here.territories, agent),
    )


@router.get("/entrer/collectivites")
async def choose(request: Request, here: Here) -> Response:
    """Ask an agent of several territories for which one they are here; or say there is none."""
    return page(
        request,
        "entrer_collectivites.html",
        places=_places(here.territories, signed_in_agent(request)),
    )


@router.post("/mes-sessions/{session}/fin")
async def end(request: Request, here: Here, session: str) -> Response:
    """End one of one's sessions; nothing happens to one that is not."""
    agent = signed_in_agent(request)
    if session == agent.session:
        return await leave(request, here)
    await asyncio.to_thread(here.store.sessions.end, agent.id, session)
    return RedirectResponse(PAGE, 303)


@router.post("/mes-sessions/fin")
async def end_all(request: Request, here: Here) -> Response:
    """End all of one's sessions, this one too."""
    await asyncio.to_thread(here.store.sessions.end, signed_in_agent(request).id)
    return _left(here.settings)


@router.post(WAY_OUT_PAGE)
async def leave(request: Request, here: Here) -> Response:
    """End this session, then the one of the provider that had opened it."""
    agent = signed_in_agent(request)
    await asyncio.to_thread(here.store.sessions.end, agent.id, agent.session)
    slug, _, id_token = request.cookies.get(WAY_OUT_COOKIE, "").partition(".")
    provider, address = here.providers.get(slug), None
    if provider is not None:
        with suppress(Unreachable):
            address = await provider.way_out(id_token, new_secret())
    answer = _left(here.settings)
    if provider is not None and address is not None:
        request.state.agent = None  # who is no longer there
        on = page(
            request,
            "ailleurs.html",
            title="Vous êtes sorti",
            address=address,
            name=f"La sortie de {provider.name}",
        )
        on.raw_headers += [one for one in answer.raw_headers if one[0] == b"set-cookie"]
        answer = on
    answer.delete_cookie(WAY_OUT_COOKIE, WAY_OUT_PAGE)
    return answer


def _left(settings: Settings) -> Response:
    answer = RedirectResponse("/", 303)
    forget(settings, answer, session_cookie(settings))
    answer.delete_cookie(OWN_COOKIE)
    return answer
