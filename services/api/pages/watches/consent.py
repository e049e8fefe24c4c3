"""A recipient's own say: accept the messages of a watch, leave it, come back; each by a button."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response

from contracts.watches import Watched
from services.api.pages.watches.watches import watch_of
from services.api.routes.watches import inviting
from services.api.store import Store, StoreError, UnknownError
from services.api.store.returns import LONGEST_SEAL
from services.api.watching.letters.seen import by_whom, exercise_seen
from services.api.watching.recipients import address_named, shown
from services.api.web.access import by_link
from services.api.web.parameters import Here, RecipientName
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(by_link)])

GONE = "Ce lien n’est plus valable : demandez-en un autre."


@router.get("/veilles/confirmer/{token}")
async def ask(request: Request, here: Here, token: str) -> Response:
    """Ask whether to tell this address: a button, since scanners follow links."""
    asked = await asyncio.to_thread(here.store.watches.asked, token)
    if asked is None:
        raise HTTPException(404, GONE)
    address = shown(asked[1], masked=False)
    return page(request, "veille_confirmer.html", watch=asked[0], address=address)


@router.post("/veilles/confirmer/{token}")
async def confirm(request: Request, here: Here, token: str) -> Response:
    """Note that the address agrees."""
    try:
        watch, address = await asyncio.to_thread(here.store.watches.confirm, token)
    except UnknownError:
        raise HTTPException(404, GONE) from None
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text=f"{shown(address, masked=False)} recevra les alertes de la veille « {watch.name} ».",
        links=[(f"/veilles/{watch.watch}", "Voir la veille")],
    )


@router.get("/veilles/{watch}/desinscription")
async def leave(request: Request, here: Here, watch: str, name: RecipientName = "") -> Response:
    """Ask whether to tell this address no more: a button."""
    known = await watch_of(here.store, watch)
    if address_named(known, name) is None:
        raise HTTPException(404, "Cette adresse ne reçoit pas (ou plus) cette veille.")
    return page(
        request,
        "bouton.html",
        title="Ne plus recevoir cette veille",
        text=f"La veille « {known.name} » ne vous écrira plus.",
        action=f"/veilles/{watch}/desinscription?destinataire={name}",
        button="Ne plus recevoir",
        fields={},
        back=f"/veilles/{watch}",
    )


@router.post("/veilles/{watch}/desinscription")
async def left(request: Request, here: Here, watch: str, name: RecipientName = "") -> Response:
    """Forget the address; mail programs may post here by themselves (RFC 8058).

    The answer bears a seal by which a click made by mistake is undone: everybody in a channel sees
    its link.
    """
    known = await watch_of(here.store, watch)
    address, seal = address_named(known, name), None
    said = "Cette adresse ne reçoit pas (ou plus) cette veille."
    if address is not None:
        said = f"La veille « {known.name} » ne vous écrira plus."
        try:
            seal = await asyncio.to_thread(here.store.watches.leave, watch, address)
        except UnknownError:
            seal = None  # it left meanwhile
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text=said,
        links=[(f"/veilles/{watch}", "Voir la veille")],
        again=f"/veilles/{watch}/reabonnement" if seal else "",
        seal=seal or "",
    )


@router.post("/veilles/{watch}/reabonnement")
async def come_back(
    request: Request,
    here: Here,
    watch: str,
    seal: Annotated[str, Form(alias="retour", max_length=LONGEST_SEAL)],
) -> Response:
    """Ask an address that has just left to confirm anew; one that was removed stays so."""
    known = await watch_of(here.store, watch)
    letter = inviting(request, here)
    try:
        await asyncio.to_thread(here.store.watches.come_back, watch, seal, letter)
    except StoreError:
        raise HTTPException(
            409, "Le réabonnement n’est plus possible d’ici : demandez-le à qui suit la veille."
        ) from None
    return page(
        request,
        "fait.html",
        title="Une confirmation vous est envoyée",
        text=f"Ouvrez ce message et confirmez : la veille « {known.name} » vous écrira de nouveau.",
        links=[(f"/veilles/{watch}", "Voir la veille")],
    )


@router.get("/veilles/{watch}/essai/vu")
async def ask_exercise_seen(
    request: Request, here: Here, watch: str, name: RecipientName = ""
) -> Response:
    """Offer the button « J’ai vu » of an exercise."""
    known = await _receiving(here.store, watch, name)
    return page(
        request,
        "bouton.html",
        title=f"EXERCICE · {known.name}",
        text="Les autres destinataires sauront que vous avez reçu cet essai.",
        action=f"/veilles/{watch}/essai/vu?destinataire={name}",
        button="J’ai vu",
        fields={},
        back=f"/veilles/{watch}",
    )


@router.post("/veilles/{watch}/essai/vu")
async def exercise_was_seen(
    request: Request, here: Here, watch: str, name: RecipientName = ""
) -> Response:
    """Tell the other recipients who answered an exercise."""
    known = await _receiving(here.store, watch, name)
    here.throttles.exercises.take(request)
    who = by_whom(known, name, masked=here.simulation)
    now = here.clock.now()
    write = exercise_seen(here.settings.portal_url, who, now, simulation=here.simulation)
    for one in known.recipients:
        if one.confirmed and known.recipient_name(one.address) != name:
            mail = write(known, one.address)
            await asyncio.to_thread(here.store.messages.add, one.address, "exercise_seen", mail)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text="La chaîne d’alerte arrive jusqu’à vous, et les autres destinataires le savent.",
        links=[(f"/veilles/{watch}", f"Voir la veille « {known.name} »")],
    )


async def _receiving(store: Store, watch: str, name: str) -> Watched:
    """Return a watch that tells the recipient of this name. Raises 404."""
    known = await watch_of(store, watch)
    if address_named(known, name) is None:
        raise HTTPException(404, "Cette adresse ne reçoit pas (ou plus) cette veille.")
    return known
