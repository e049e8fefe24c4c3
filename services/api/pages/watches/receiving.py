"""How a recipient wants to be told of a watch, by the link of their mails; each act a button."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from contracts.watches import Recipient, Watched
from services.api.installation import installation
from services.api.pages.watches.watches import typed_in, watch_of
from services.api.store import Store, StoreError
from services.api.watching.form import clock_words
from services.api.watching.recipients import address_named, shown
from services.api.watching.regular.choices import EVERY, choice_words, chosen
from services.api.watching.regular.shifts import shift_typed
from services.api.watching.regular.slots import due
from services.api.web.access import by_link
from services.api.web.parameters import Here, RecipientName
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(by_link)])

GONE = "Cette adresse ne reçoit pas (ou plus) cette veille."


async def recipient_of(store: Store, watch: str, name: str) -> tuple[Watched, Recipient]:
    """Return a watch and the recipient that a link names. Raises 404."""
    known = await watch_of(store, watch)
    address = address_named(known, name)
    for one in known.recipients:
        if one.address == address:
            return known, one
    raise HTTPException(404, GONE)


@router.get("/veilles/{watch}/recevoir")
async def ask(request: Request, here: Here, watch: str, name: RecipientName = "") -> Response:
    """Show how this recipient is told, and what else there is."""
    known, one = await recipient_of(here.store, watch, name)
    return _form(request, known, one)


@router.post("/veilles/{watch}/recevoir")
async def choose(request: Request, here: Here, watch: str, name: RecipientName = "") -> Response:
    """Change how this recipient is told."""
    known, one = await recipient_of(here.store, watch, name)
    typed = typed_in(await request.form())
    try:
        changes = chosen(typed)
    except ValueError as error:
        kept = {"at_once": "alertes" in typed, "backup": "renfort" in typed}
        return _form(request, known, one.model_copy(update=kept), typed, str(error))
    await _changed(here.store, watch, one.address, changes)
    now, one = await recipient_of(here.store, watch, name)
    await _begin_at_the_next(here.store, one.address, here.clock.now())
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text=f"La veille « {now.name} » vous enverra {choice_words(one)}.",
        links=[(f"/veilles/{watch}", f"Voir la veille « {now.name} »")],
    )


@router.get("/veilles/{watch}/recapitulatif/fin")
async def ask_end(request: Request, here: Here, watch: str, name: RecipientName = "") -> Response:
    """Ask whether to send this recipient no digest any more."""
    await recipient_of(here.store, watch, name)
    return page(
        request,
        "bouton.html",
        title="Ne plus recevoir le récapitulatif",
        text="Le récapitulatif de toutes vos veilles s’arrête. Les alertes continuent là où vous "
        "les avez gardées ; les veilles dont vous n’aviez que le récapitulatif ne vous écrivent "
        "plus.",
        action=f"/veilles/{watch}/recapitulatif/fin?destinataire={name}",
        button="Ne plus recevoir",
        fields={},
        back=f"/veilles/{watch}/recevoir?destinataire={name}",
    )


@router.post("/veilles/{watch}/recapitulatif/fin")
async def end(request: Request, here: Here, watch: str, name: RecipientName = "") -> Response:
    """Send this recipient no digest of any watch; mail programs may post here (RFC 8058)."""
    _, one = await recipient_of(here.store, watch, name)
    for known in await asyncio.to_thread(here.store.watches.all):
        for other in known.recipients:
            if other.address != one.address or other.digest is None:
                continue
            if other.at_once:
                await _changed(here.store, known.watch, other.address, {"digest": None})
            else:
                await asyncio.to_thread(here.store.watches.remove, known.watch, other.address)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text="Vous ne recevrez plus de récapitulatif.",
        links=[(f"/veilles/{watch}", "Voir la veille")],
    )


async def _changed(store: Store, watch: str, address: str, changes: dict[str, object]) -> None:
    try:
        await asyncio.to_thread(store.receiving.choose, watch, address, **changes)
    except StoreError:
        raise HTTPException(409, GONE) from None


async def _begin_at_the_next(store: Store, address: str, now: datetime) -> None:
    """Take a digest that would be due already as made: the first comes at its next hour."""
    for one in due(await asyncio.to_thread(store.watches.all), now):
        if one.address == address:
            await asyncio.to_thread(store.receiving.make, one.name, address, "watch_digest", None)


def _form(
    request: Request,
    watch: Watched,
    one: Recipient,
    typed: Mapping[str, str] | None = None,
    fault: str = "",
) -> Response:
    """Show the form; what was `typed` stands again where it has a `fault`."""
    now = {
        "heure": clock_words(one.digest.minute) if one.digest else "8 h",
        "astreinte": "\n".join(map(shift_typed, one.duty)),
    }
    return page(
        request,
        "veille_recevoir.html",
        status=422 if fault else 200,
        watch=watch,
        recipient=one,
        name=watch.recipient_name(one.address),
        address=shown(one.address, masked=installation(request).simulation),
        typed=now | dict(typed or {}),
        rhythms={"": "aucun"} | EVERY,
        fault=fault,
    )
