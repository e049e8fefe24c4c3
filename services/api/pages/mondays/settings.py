"""Where an agent asks for the five minutes of Monday by mail, and stops them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.api.entering.addresses import key_of, mailbox_of
from services.api.entering.agent import Agent, agent_of
from services.api.pages.agents.team import place_of
from services.api.pages.mondays.letter import LEAVE, LEAVE_PAGE, SETTINGS_PAGE
from services.api.web.access import by_link, reads_territory
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter()
links = APIRouter(dependencies=[Depends(by_link)])

NOBODY = "C’est à un agent de le demander, avec l’adresse par laquelle il est entré."
LEFT = "Ce courriel est déjà arrêté."


@router.get(SETTINGS_PAGE, dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str) -> Response:
    """Show whether the agent gets the mail, and the form to ask for it."""
    place, agent = place_of(here.territories, code), agent_of(request)
    known = agent.shown if agent and "@" in agent.shown and "•" not in agent.shown else ""
    return page(
        request,
        "lundi.html",
        place=place,
        asked=agent is not None
        and await asyncio.to_thread(here.store.mondays.wanted, agent.id, place.code),
        typed=known,
    )


@router.post(SETTINGS_PAGE, dependencies=[Depends(reads_territory)])
async def want(
    request: Request,
    here: Here,
    code: str,
    typed: Annotated[str, Form(alias="adresse", max_length=300)],
) -> Response:
    """Send it each Monday to the agent who asks, at the address that they signed in with."""
    place, agent, key = place_of(here.territories, code), _agent(request), key_of(here.settings)
    found = mailbox_of(key, typed) if key else None
    if found is None or not await asyncio.to_thread(
        here.store.entitled.is_of, agent.id, found[0].key
    ):
        raise HTTPException(422, "Ce n’est pas l’adresse avec laquelle vous entrez.")
    await asyncio.to_thread(here.store.mondays.want, agent.id, place.code, found[1])
    return RedirectResponse(SETTINGS_PAGE.format(code=place.code), 303)


@router.post(SETTINGS_PAGE + "/fin", dependencies=[Depends(reads_territory)])
async def stop(request: Request, here: Here, code: str) -> Response:
    """Send it no more to the agent who asks."""
    place = place_of(here.territories, code)
    await asyncio.to_thread(here.store.mondays.stop, _agent(request).id, place.code)
    return RedirectResponse(SETTINGS_PAGE.format(code=place.code), 303)


@links.get(LEAVE_PAGE)
async def ask_to_leave(request: Request, here: Here, name: str) -> Response:
    """Ask whether to stop the mail that a link names: a button, since scanners follow links."""
    if (code := await asyncio.to_thread(here.store.mondays.territory_of, name)) is None:
        raise HTTPException(404, LEFT)
    place = place_of(here.territories, code)
    return page(
        request,
        "bouton.html",
        title=LEAVE,
        text=f"{place.nom} : plus rien ne partira le lundi, et votre adresse sera oubliée.",
        action=LEAVE_PAGE.format(name=name),
        button="Ne plus recevoir",
        fields={},
        back="/",
    )


@links.post(LEAVE_PAGE)
async def leave(request: Request, here: Here, name: str) -> Response:
    """Stop it; mail programs may post here (RFC 8058), twice too."""
    await asyncio.to_thread(here.store.mondays.leave, name)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text="Vous ne recevrez plus les cinq minutes du lundi. Votre adresse est oubliée.",
        links=[("/", "L’accueil")],
    )


def _agent(request: Request) -> Agent:
    """Return the agent who asks. Raises 409 for the operator, who has no address."""
    if (agent := agent_of(request)) is None:
        raise HTTPException(409, NOBODY)
    return agent
