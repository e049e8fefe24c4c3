"""What a recipient does of an alert beside seeing it, by buttons: an hour of silence, hand over."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response

from contracts.watches import MUTE_FOR, Mute, Watched
from libs.deciding.hours import zone_of
from libs.french import clock_time
from services.api.pages.watches.alerts import Known, Of, known_alert, ways_back
from services.api.store import Store, StoreError
from services.api.store.acknowledgements import ActName
from services.api.watching.letters.relays import handed_over
from services.api.watching.letters.seen import by_whom
from services.api.watching.recipients import address_named, shown
from services.api.web.access import by_link
from services.api.web.parameters import Here, RecipientName
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(by_link)])

NOBODY = "Cette veille n’a pas d’autre destinataire confirmé : ajoutez d’abord un collègue."

Colleague = Annotated[str, Form(alias="collegue", max_length=64)]


@router.get("/alertes/{alert}/silence")
async def ask_mute(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: RecipientName = ""
) -> Response:
    """Offer an hour of silence."""
    known = await known_alert(here, alert, watch, recipient)
    quiet = known.watch.quiet
    crisis = ", ".join(quiet.crisis_terms) if quiet else ""
    return page(
        request,
        "bouton.html",
        title="Silence une heure",
        text=f"La veille « {known.watch.name} » ne vous enverra rien pendant une heure"
        f"{f', sauf ce qui dit : {crisis}' if crisis else ''}. Les autres destinataires reçoivent "
        "tout. À la fin, un message vous dit ce qui est arrivé.",
        action=f"/alertes/{alert}/silence?{known.query}",
        button="Silence une heure",
        fields={},
        back=f"/alertes/{alert}/pourquoi?{known.query}",
    )


@router.post("/alertes/{alert}/silence")
async def mute(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: RecipientName = ""
) -> Response:
    """Tell this recipient nothing for an hour, but what a crisis term says."""
    known = await known_alert(here, alert, watch, recipient)
    now = here.clock.now()
    await _mute(here.store, known, Mute(since=now, until=now + MUTE_FOR), "muted")
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text=f"Silence jusqu’à {clock_time(now + MUTE_FOR, zone_of(known.watch))}.",
        links=ways_back(known),
        stop=f"/alertes/{alert}/silence/fin?{known.query}",
    )


@router.post("/alertes/{alert}/silence/fin")
async def unmute(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: RecipientName = ""
) -> Response:
    """End the silence now; what it kept back is told."""
    known = await known_alert(here, alert, watch, recipient)
    address, now = address_named(known.watch, recipient), here.clock.now()
    muted = next(one.mute for one in known.watch.recipients if one.address == address)
    if muted and muted.until > now:
        await _mute(here.store, known, muted.model_copy(update={"until": now}), "unmuted")
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text="Les alertes vous arrivent de nouveau ; ce qui a été retenu vous est envoyé.",
        links=ways_back(known),
    )


async def _mute(store: Store, known: Known, mute: Mute, what: ActName) -> None:
    watch, name = known.watch.watch, known.recipient
    address = address_named(known.watch, name) or ""
    try:
        await asyncio.to_thread(store.receiving.choose, watch, address, mute=mute)
    except StoreError:
        raise HTTPException(409, "Cette veille est terminée.") from None
    note = store.acknowledgements.act
    await asyncio.to_thread(note, watch, known.alert.alert, what, name)


def _colleagues(watch: Watched, name: str, *, masked: bool) -> dict[str, str]:
    """Return the other recipients who confirmed: name → as they are shown."""
    named = {watch.recipient_name(one.address): one for one in watch.recipients if one.confirmed}
    return {n: shown(one.address, masked=masked) for n, one in named.items() if n != name}


@router.get("/alertes/{alert}/relais")
async def ask_hand_over(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: RecipientName = ""
) -> Response:
    """Ask to whom an alert is handed over."""
    known = await known_alert(here, alert, watch, recipient)
    return page(
        request,
        "alerte_relais.html",
        known=known,
        colleagues=_colleagues(known.watch, recipient, masked=here.simulation),
        nobody=NOBODY,
    )


@router.post("/alertes/{alert}/relais")
async def hand_over(
    request: Request,
    here: Here,
    alert: str,
    colleague: Colleague,
    watch: Of = "",
    recipient: RecipientName = "",
) -> Response:
    """Tell a colleague that an alert is theirs now."""
    known = await known_alert(here, alert, watch, recipient)
    colleagues = _colleagues(known.watch, recipient, masked=here.simulation)
    address = address_named(known.watch, colleague)
    if address is None or colleague not in colleagues:
        raise HTTPException(422, "Choisissez un destinataire de la veille.")
    here.throttles.exercises.take(request)
    by = by_whom(known.watch, recipient, masked=here.simulation)
    write = handed_over(here.settings.portal_url, known.alert, by, simulation=here.simulation)
    mail = write(known.watch, address)
    await asyncio.to_thread(here.store.messages.add, address, "alert_handed_over", mail)
    act = here.store.acknowledgements.act
    await asyncio.to_thread(act, known.watch.watch, alert, "handed", recipient, colleague)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text=f"{colleagues[colleague]} est prévenu ; « J’ai vu » vous sera dit dès qu’il appuie.",
        links=[(f"/alertes/{alert}/silence?{known.query}", "Silence une heure"), *ways_back(known)],
    )
