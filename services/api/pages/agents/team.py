"""The team of a territory: who acts for it, invitations, requests to join it, its journal."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.territories import Territories, Territory
from libs.matching.asked import meant
from services.api.entering.addresses import invented_domain, mailbox_of
from services.api.entering.agent import WORDS, agent_of, signed_in_agent
from services.api.entering.journal import ACTS, about
from services.api.entering.letter import invitation
from services.api.pages.agents.entering import open_key
from services.api.store import Store
from services.api.store.agents.entitled import Role
from services.api.store.agents.journal import Act
from services.api.store.errors import NotTheirsError, TransitionError, UnknownError
from services.api.web.access import (
    administers,
    in_team,
    may,
    may_itself,
    may_read_journal,
    naming,
    reads_journal,
    reads_territory,
    signed_in,
)
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.connecting import TOLD_BEFORE

router = APIRouter()

Asked = Literal["reading", "writing", "administration"]
Given = Literal["reading", "protection", "writing", "administration"]
GIVEN: tuple[Given, ...] = ("reading", "protection", "writing", "administration")
WHAT: dict[Role, str] = {
    "reading": "voit tout ce qui est à la collectivité, et ne change rien",
    "protection": "voit tout, et le journal de qui change quoi",
    "writing": "crée et règle les veilles, répond pour la collectivité",
    "administration": "en plus, choisit qui entre et avec quel rôle",
}
YOURSELF = "Votre propre rôle : demandez à une autre personne qui administre, ou à l’observatoire."
NOT_LENT = (
    "Vous administrez par délégation : de qui administre, protège les données ou a été refusé, "
    "seule la collectivité décide."
)
LONGEST_WORDS = 300
"""Characters of why somebody asks to be in a team."""


def place_of(territories: Territories, code: str) -> Territory:
    """Return a territory by its code. Raises 404."""
    if (found := territories.get(code)) is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    return found


def _own_domain(simulation: bool, place: Territory) -> str:
    """Return the domain of an invented territory, whose agents it lets in; "" for a real one."""
    return invented_domain(place.nom) if simulation and place.origin == "simulation" else ""


@router.get("/equipe/{code}", dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str) -> Response:
    """Show who acts for the territory; to its administrators, what they can change."""
    place = place_of(here.territories, code)
    administrator = may(request, "administration", code)
    domain = _own_domain(here.simulation, place)
    return page(
        request,
        "equipe.html",
        place=place,
        members=await asyncio.to_thread(here.store.teams.members, code, domain),
        requests=await asyncio.to_thread(here.store.teams.requests, code) if administrator else [],
        administrator=administrator,
        itself=may_itself(request, code),
        names=naming(request, code),
        delegates=[
            (one, here.territories.get(one.delegate))
            for one in await asyncio.to_thread(here.store.delegations.of_territory, code)
        ],
        ending=await asyncio.to_thread(
            here.store.connections.ending, code, here.clock.now() + TOLD_BEFORE
        ),
        reads_journal=may_read_journal(request, code),
        words=WORDS,
        what=WHAT,
        given=GIVEN,
    )


@router.post("/equipe/{code}", dependencies=[Depends(administers)])
async def invite(
    request: Request,
    here: Here,
    code: str,
    typed: Annotated[str, Form(alias="adresse", max_length=300)],
    role: Annotated[Given, Form()],
) -> Response:
    """Give a role to an address, and write to it."""
    place, key = place_of(here.territories, code), open_key(here.settings)
    if (found := mailbox_of(key, typed)) is None:
        raise HTTPException(422, "Ce n’est pas une adresse électronique.")
    agent = agent_of(request)
    if agent and found[0].key == await asyncio.to_thread(here.store.entitled.key_of, agent.id):
        raise HTTPException(409, YOURSELF)
    here.throttles.teams.take(request, code)
    by = agent.shown if agent else "L’équipe de l’observatoire"
    letter = invitation(
        here.settings.portal_url, by, place.nom, WORDS[role], simulation=here.simulation
    )
    try:
        named = await asyncio.to_thread(
            here.store.teams.invite, *found, code, role, letter, naming(request, code)
        )
    except NotTheirsError:
        raise HTTPException(403, NOT_LENT) from None
    about(request, named)
    return RedirectResponse(f"/equipe/{code}", 303)


@router.post("/equipe/{code}/role", dependencies=[Depends(administers)])
async def change(
    request: Request,
    here: Here,
    code: str,
    agent: Annotated[str, Form(max_length=64)],
    role: Annotated[Literal["none"] | Given, Form()],
) -> Response:
    """Give somebody of the team another role, or none: what they had open closes at once."""
    asking = agent_of(request)
    if asking is not None and asking.id == agent:
        raise HTTPException(409, YOURSELF)
    domain = _own_domain(here.simulation, place_of(here.territories, code))
    try:
        await asyncio.to_thread(
            here.store.teams.change, agent, code, role, naming(request, code), domain
        )
    except UnknownError:
        raise HTTPException(404, "Cette personne n’est pas de l’équipe.") from None
    except NotTheirsError:
        raise HTTPException(403, NOT_LENT) from None
    about(request, agent)
    return RedirectResponse(f"/equipe/{code}", 303)


@router.post("/equipe/{code}/demandes/{request_id}", dependencies=[Depends(administers)])
async def answer(
    request: Request,
    here: Here,
    code: str,
    request_id: str,
    said: Annotated[Literal["oui", "non"], Form(alias="reponse")],
) -> Response:
    """Grant a request, or refuse it."""
    try:
        asker = await asyncio.to_thread(
            here.store.teams.answer,
            request_id,
            code,
            naming(request, code),
            granted=said == "oui",
        )
    except UnknownError:
        raise HTTPException(404, "Personne n’attend cette réponse.") from None
    except NotTheirsError:
        raise HTTPException(403, NOT_LENT) from None
    except TransitionError:
        raise HTTPException(409, "Une réponse a déjà été donnée.") from None
    about(request, asker)
    return RedirectResponse(f"/equipe/{code}", 303)


@router.get("/rejoindre", dependencies=[Depends(signed_in)])
async def look(
    request: Request, here: Here, sought: Annotated[str, Query(alias="q", max_length=100)] = ""
) -> Response:
    """Find the territory to act for, by name, postal code, INSEE code or SIREN."""
    return page(
        request,
        "rejoindre.html",
        sought=sought,
        found=meant(here.territories, sought),
        words=WORDS,
        what=WHAT,
        longest=LONGEST_WORDS,
    )


@router.post("/rejoindre", dependencies=[Depends(signed_in)])
async def ask(
    request: Request,
    here: Here,
    code: Annotated[str, Form(max_length=20)],
    role: Annotated[Asked, Form()] = "writing",
    words: Annotated[str, Form(alias="pourquoi", max_length=LONGEST_WORDS)] = "",
) -> Response:
    """Ask to act for a territory: its administrators answer, or the team."""
    place, agent = place_of(here.territories, code), signed_in_agent(request)
    if agent.may(role, code):
        raise HTTPException(409, f"Vous avez déjà ce rôle pour {place.nom}.")
    here.throttles.teams.take(request, agent.id)
    await asyncio.to_thread(here.store.teams.request, agent.id, code, role, words.strip())
    request.state.acts_for = code
    return RedirectResponse("/mes-sessions#demandes", 303)


@router.get("/journal/{code}", dependencies=[Depends(reads_journal)])
async def journal(request: Request, here: Here, code: str) -> Response:
    """Show who changed what for the territory, over a year at most."""
    place = place_of(here.territories, code)
    acts = await asyncio.to_thread(here.store.journal.acts, code)
    return await _journal(request, here.store, here.territories, acts, place)


desk = APIRouter(dependencies=[Depends(in_team)])


@desk.get("/bureau/demandes")
async def waiting(request: Request, here: Here) -> Response:
    """Show the team every request that waits, oldest first, whatever the territory."""
    requests = await asyncio.to_thread(here.store.teams.requests)
    named_ = [(one, here.territories.get(one.territory)) for one in requests]
    asked = await asyncio.to_thread(here.store.delegations.waiting)
    delegations = [
        (one, here.territories.get(one.delegate), here.territories.get(one.territory))
        for one in asked
    ]
    return page(request, "demandes.html", requests=named_, words=WORDS, delegations=delegations)


@desk.get("/bureau/journal")
async def whole_journal(request: Request, here: Here) -> Response:
    """Show the team who changed what, everywhere."""
    acts = await asyncio.to_thread(here.store.journal.acts)
    return await _journal(request, here.store, here.territories, acts)


async def _journal(
    request: Request,
    store: Store,
    territories: Territories,
    acts: Sequence[Act],
    place: Territory | None = None,
) -> Response:
    """Show acts, each with whom or what it is about as people name it."""
    named = await asyncio.to_thread(store.journal.named, {one.about for one in acts})
    for one in acts:
        if (found := territories.get(one.about)) is not None:
            named[one.about] = found.nom
    return page(request, "journal.html", place=place, acts=acts, said=ACTS, named=named)
