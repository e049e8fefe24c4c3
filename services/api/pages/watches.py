"""Watches: list, make, look at one; accept or leave its messages by a button."""

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from contracts.watches import Watched, recipient_name
from services.api.access import require_agent, require_same_site
from services.api.french import PARIS
from services.api.installation import Installation
from services.api.invitations import invitation
from services.api.pages.home import invented
from services.api.preview import preview
from services.api.rendering import page
from services.api.routes.parameters import Here
from services.api.store import UnknownError
from services.api.views import WATCH_ALERTS, WATCH_HOURS, WATCH_MATCHES
from services.api.watch_form import (
    COOLDOWNS,
    MODES,
    SENSITIVITIES,
    WINDOWS,
    WatchForm,
    read,
)

router = APIRouter()
agents = APIRouter(dependencies=[Depends(require_agent)])

MATCHES_SHOWN = 50
DAYS = timedelta(days=30)
EXAMPLES = ("Essai-sur-Onde", "Clairmesure Métropole")


@agents.get("/veilles")
async def listed(
    request: Request, here: Here, territoire: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Show the watches, of one territory or all of them."""
    watches = (
        await asyncio.to_thread(here.store.watches.of_territory, territoire)
        if territoire
        else await asyncio.to_thread(here.store.watches.all)
    )
    return page(
        request,
        "veilles.html",
        watches=[(one, here.territories.get(one.territory)) for one in watches],
    )


@agents.get("/veilles/nouvelle")
async def new(
    request: Request, here: Here, territoire: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Show the form, filled with a first proposal for a territory: texts that name it."""
    place = here.territories.resolve(territoire) if territoire else None
    if place is None and here.simulation:
        place = invented(here, EXAMPLES[0])
    typed = {"territory": place.code, "all": place.nom} if place else {}
    return _form(request, here, WatchForm(typed))


@agents.post("/veilles/nouvelle")
async def create(request: Request, here: Here) -> Response:
    """Show what the watch would have told (« Aperçu »), or make it."""
    form = await request.form()
    typed = typed_in(form)
    filled = read(typed, [str(slug) for slug in form.getlist("networks")], here.territories)
    if filled.draft is None:
        return _form(request, here, filled, status=422)
    if "apercu" in typed:
        return _form(request, here, filled, seen=await preview(here, filled.draft))
    invite = invitation(here.settings.portal_url, simulation=here.simulation)
    made = await asyncio.to_thread(
        here.store.watches.create, filled.draft, filled.recipients, invite
    )
    return RedirectResponse(f"/veilles/{made.watch}?creee=1", 303)


def typed_in(form: FormData) -> dict[str, str]:
    """Return the text fields of a form, the last of each name."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _form(
    request: Request,
    here: Installation,
    filled: WatchForm,
    *,
    seen: object = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "veille_nouvelle.html",
        status=status,
        form=filled,
        seen=seen,
        modes=MODES,
        sensitivities=SENSITIVITIES,
        windows=WINDOWS,
        cooldowns=COOLDOWNS,
        place=here.territories.get(filled.typed.get("territory", "")),
    )


@router.get("/veilles/confirmer/{token}")
async def ask(request: Request, here: Here, token: str) -> Response:
    """Ask whether to tell this address: a button, since scanners follow links."""
    asked = await asyncio.to_thread(here.store.watches.asked, token)
    if asked is None:
        raise HTTPException(404, "Ce lien n’est plus valable : demandez-en un autre.")
    return page(request, "veille_confirmer.html", watch=asked[0], address=shown(asked[1]))


@router.post("/veilles/confirmer/{token}", dependencies=[Depends(require_same_site)])
async def confirm(request: Request, here: Here, token: str) -> Response:
    """Note that the address agrees."""
    try:
        watch, address = await asyncio.to_thread(here.store.watches.confirm, token)
    except UnknownError:
        raise HTTPException(404, "Ce lien n’est plus valable : demandez-en un autre.") from None
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text=f"{shown(address)} recevra les alertes de la veille « {watch.name} ».",
        link=f"/veilles/{watch.watch}",
        link_text="Voir la veille",
    )


@agents.get("/veilles/{watch}")
async def show(
    request: Request, here: Here, watch: str, creee: Annotated[bool, Query()] = False
) -> Response:
    """Show a watch: what it found, what it told, what it does not see."""
    known = await watch_of(here, watch)
    today = here.clock.now().astimezone(PARIS).date()
    span = {"date_from": (today - DAYS).isoformat(), "date_to": today.isoformat()}
    seen = await asyncio.to_thread(here.store.acknowledgements.of_watch, watch)
    matches, alerts, hours = await asyncio.gather(
        here.figures.read(WATCH_MATCHES, MATCHES_SHOWN, watch=watch, **span),
        here.figures.read(WATCH_ALERTS, MATCHES_SHOWN, watch=watch, **span),
        here.figures.read(WATCH_HOURS, None, watch=watch, **span),
    )
    return page(
        request,
        "veille.html",
        watch=known,
        territory=here.territories.get(known.territory),
        recipients=[(shown(one.address), one.confirmed) for one in known.recipients],
        matches=matches,
        alerts=alerts,
        total=sum(one.matches for one in hours),
        new=creee,
        seen=seen,
        modes=dict(MODES),
    )


@router.get("/veilles/{watch}/desinscription")
async def leave(
    request: Request, here: Here, watch: str, destinataire: Annotated[str, Query()] = ""
) -> Response:
    """Ask whether to tell this address no more: a button."""
    known = await watch_of(here, watch)
    if address_named(known, destinataire) is None:
        raise HTTPException(404, "Cette adresse ne reçoit pas (ou plus) cette veille.")
    return page(
        request,
        "bouton.html",
        title="Ne plus recevoir cette veille",
        text=f"La veille « {known.name} » ne vous écrira plus.",
        action=f"/veilles/{watch}/desinscription?destinataire={destinataire}",
        button="Ne plus recevoir",
        fields={},
    )


@router.post("/veilles/{watch}/desinscription")
async def left(
    request: Request, here: Here, watch: str, destinataire: Annotated[str, Query()] = ""
) -> Response:
    """Forget the address; mail programs may post here by themselves (RFC 8058)."""
    known = await watch_of(here, watch)
    address = address_named(known, destinataire)
    if address is not None:
        await asyncio.to_thread(here.store.watches.remove, watch, address)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text=f"La veille « {known.name} » ne vous écrira plus.",
        link="/",
        link_text="Retour à l’accueil",
    )


async def watch_of(here: Installation, watch: str) -> Watched:
    """Return a watch. Raises 404."""
    known = await asyncio.to_thread(here.store.watches.get, watch)
    if known is None:
        raise HTTPException(404, "Aucune veille n’a cet identifiant.")
    return known


def address_named(watch: Watched, name: str) -> str | None:
    """Return the address that a link names by its hash; None when the watch has it no more."""
    found = (one.address for one in watch.recipients if recipient_name(one.address) == name)
    return next(found, None)


def shown(address: str) -> str:
    """Write an address as it may be shown: a mail's whole, anything else without its secret."""
    scheme, _, rest = address.partition(":")
    return rest if scheme == "mailto" else f"{scheme}:…"
