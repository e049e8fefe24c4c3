"""What an agent does to a watch: pause, resume, end, try; ask, ask again, remove a recipient.

Each act is a button (POST) that leads back to the watch, which says what was done.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from libs.french import plural
from services.api.installation import Installation
from services.api.pages.watches.watches import changeable, watch_of
from services.api.routes.watches import changed, inviting
from services.api.watching.form import recipients_of
from services.api.watching.letters.exercises import exercise
from services.api.watching.recipients import address_named
from services.api.web.access import writes_watch
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(writes_watch)])

Name = Annotated[str, Form(alias="destinataire", max_length=64)]


def back(watch: str, done: str) -> Response:
    """Lead back to the watch, which says what was done."""
    return RedirectResponse(f"/veilles/{watch}?{urlencode({'fait': done})}", 303)


@router.post("/veilles/{watch}/pause")
async def pause(here: Here, watch: str) -> Response:
    """Look and tell no more, until resumed."""
    await changed(lambda: here.store.watches.move(watch, "paused"))
    return back(watch, "pause")


@router.post("/veilles/{watch}/reprise")
async def resume(here: Here, watch: str) -> Response:
    """Look and tell again."""
    await changed(lambda: here.store.watches.move(watch, "active"))
    return back(watch, "reprise")


@router.get("/veilles/{watch}/fin")
async def ask_end(request: Request, here: Here, watch: str) -> Response:
    """Ask whether to end: there is no way back."""
    known = await changeable(here.store, watch)
    return page(
        request,
        "bouton.html",
        title="Terminer la veille",
        text=f"La veille « {known.name} » n’écrira plus à personne, et ne pourra pas reprendre. "
        "Ses destinataires sont oubliés ; ses alertes restent consultables. "
        "Pour l’interrompre un temps, mettez-la en pause.",
        action=f"/veilles/{watch}/fin",
        button="Terminer",
        fields={},
        back=f"/veilles/{watch}",
    )


@router.post("/veilles/{watch}/fin")
async def end(here: Here, watch: str) -> Response:
    """End a watch; it stays to be looked at."""
    await changed(lambda: here.store.watches.move(watch, "ended"))
    return back(watch, "terminee")


@router.post("/veilles/{watch}/essai")
async def try_out(request: Request, here: Here, watch: str) -> Response:
    """Send a message marked EXERCICE to every recipient who has confirmed."""
    write = exercise(here.settings.portal_url, here.clock.now(), simulation=here.simulation)
    told = await changed(lambda: here.store.watches.exercise(watch, write))
    return page(
        request,
        "fait.html",
        title="Message d’essai envoyé" if told else "Personne à qui l’envoyer",
        text=f"{plural(told, 'destinataire confirmé reçoit', 'destinataires confirmés reçoivent')} "
        "dans les secondes qui suivent un message marqué EXERCICE."
        if told
        else "Aucun destinataire n’a encore confirmé : rien n’est parti.",
        links=[(f"/veilles/{watch}", "Revenir à la veille")],
    )


@router.post("/veilles/{watch}/destinataires")
async def invite(
    request: Request,
    here: Here,
    watch: str,
    typed: Annotated[str, Form(alias="adresse", max_length=2_000)] = "",
) -> Response:
    """Ask more addresses to confirm."""
    known = await changeable(here.store, watch)
    if not typed.strip():
        raise HTTPException(422, "Donnez une adresse.")
    try:
        new = recipients_of(typed, [one.address for one in known.recipients])
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    for address in new:
        await _ask(request, here, watch, address)
    return back(watch, "invitee")


@router.post("/veilles/{watch}/destinataires/renvoi")
async def invite_again(request: Request, here: Here, watch: str, name: Name) -> Response:
    """Ask an address to confirm once more, with a new link; one that has confirmed is left."""
    known = await changeable(here.store, watch)
    address = address_named(known, name)
    if address is None:
        raise HTTPException(404, "Cette veille n’écrit pas à cette adresse.")
    if not any(one.confirmed for one in known.recipients if one.address == address):
        await _ask(request, here, watch, address)
    return back(watch, "renvoyee")


@router.post("/veilles/{watch}/destinataires/retrait")
async def remove(here: Here, watch: str, name: Name) -> Response:
    """Tell an address no more."""
    address = address_named(await watch_of(here.store, watch), name)
    if address is not None:
        await changed(lambda: here.store.watches.remove(watch, address))
    return back(watch, "retiree")


async def _ask(request: Request, here: Installation, watch: str, address: str) -> None:
    letter = inviting(request, here)
    await changed(lambda: here.store.watches.invite(watch, address, letter))
