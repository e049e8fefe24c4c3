"""What an alert's message links to: why, « j’ai vu », « ce n’est pas nous »; each act a button."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, cast

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from contracts.territories import fold
from contracts.watches import Watched
from services.api.french import PARIS
from services.api.installation import Installation
from services.api.pages.watches import address_named
from services.api.rendering import page
from services.api.routes.parameters import Here
from services.api.rows import WatchAlert, WatchMatch
from services.api.store import StoreError, WatchDraft
from services.api.views import WATCH_ALERTS, WATCH_MATCHES

router = APIRouter()

KEPT = timedelta(days=30)
TEXTS_SHOWN = 20
Name = Annotated[str, Query(alias="destinataire", max_length=64)]


@dataclass(frozen=True, slots=True)
class Known:
    """An alert and its watch, as whoever holds a link may see them."""

    watch: Watched
    alert: WatchAlert
    recipient: str


async def known_alert(here: Installation, alert: str, recipient: str) -> Known:
    """Return an alert for a recipient of its watch.

    The link is the key: it names an alert (opaque) and a recipient (a hash). Raises 404.
    """
    watches = await asyncio.to_thread(here.store.watches.all)
    mine = [one for one in watches if address_named(one, recipient) is not None]
    found = await asyncio.gather(*(_alerts(here, one.watch) for one in mine))
    for watch, alerts in zip(mine, found, strict=True):
        for one in alerts:
            if one.alert == alert:
                return Known(watch, one, recipient)
    raise HTTPException(404, "Cette alerte n’existe plus, ou ce lien n’est pas le vôtre.")


async def _alerts(here: Installation, watch: str) -> list[WatchAlert]:
    today = here.clock.now().astimezone(PARIS).date()
    return await here.figures.read(
        WATCH_ALERTS,
        None,
        watch=watch,
        date_from=(today - KEPT).isoformat(),
        date_to=today.isoformat(),
    )


async def _texts(here: Installation, known: Known) -> list[WatchMatch]:
    """Return the texts that came before the alert was raised, newest first."""
    raised = known.alert.raised_at
    day = raised.astimezone(PARIS).date()
    found = await here.figures.read(
        WATCH_MATCHES,
        None,
        watch=known.watch.watch,
        date_from=(day - timedelta(days=1)).isoformat(),
        date_to=day.isoformat(),
    )
    return [one for one in found if one.matched_at <= raised][:TEXTS_SHOWN]


@router.get("/alertes/{alert}/pourquoi")
async def why(request: Request, here: Here, alert: str, recipient: Name = "") -> Response:
    """Answer « Pourquoi cette alerte ? »."""
    known = await known_alert(here, alert, recipient)
    seen = await asyncio.to_thread(here.store.acknowledgements.of_watch, known.watch.watch)
    return page(
        request,
        "alerte.html",
        known=known,
        texts=await _texts(here, known),
        seen_at=seen.get(alert),
    )


@router.get("/alertes/{alert}/vu")
async def ask_seen(request: Request, here: Here, alert: str, recipient: Name = "") -> Response:
    """Offer the button « J’ai vu »."""
    known = await known_alert(here, alert, recipient)
    return page(
        request,
        "bouton.html",
        title=known.alert.title,
        text="Dites aux autres que vous l’avez vue.",
        action=f"/alertes/{alert}/vu?destinataire={recipient}",
        button="J’ai vu",
        fields={},
    )


@router.post("/alertes/{alert}/vu")
async def seen(request: Request, here: Here, alert: str, recipient: Name = "") -> Response:
    """Note that the recipient has seen the alert."""
    known = await known_alert(here, alert, recipient)
    await asyncio.to_thread(here.store.acknowledgements.note, known.watch.watch, alert, recipient)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text="Les autres destinataires voient que l’alerte est prise en charge.",
        link=f"/alertes/{alert}/pourquoi?destinataire={recipient}",
        link_text="Revoir l’alerte",
    )


@router.get("/alertes/{alert}/pas-nous")
async def ask_not_us(request: Request, here: Here, alert: str, recipient: Name = "") -> Response:
    """Ask which word tells the texts that are about somebody else."""
    await known_alert(here, alert, recipient)
    return page(
        request,
        "bouton.html",
        title="Ce n’est pas nous",
        text="Quel mot trahit l’autre ? Les textes qui le contiennent ne seront plus signalés, "
        "pour toute l’équipe (par exemple le département d’une homonyme, ou un nom de famille).",
        action=f"/alertes/{alert}/pas-nous?destinataire={recipient}",
        button="Écarter ces textes",
        fields={"mot": "Mot ou expression à écarter"},
    )


@router.post("/alertes/{alert}/pas-nous")
async def not_us(request: Request, here: Here, alert: str, recipient: Name = "") -> Response:
    """Teach the watch a word that tells texts about somebody else."""
    known = await known_alert(here, alert, recipient)
    word = str((await request.form()).get("mot", "")).strip()
    if not 2 <= len(word) <= 100:
        raise HTTPException(422, "Donnez un mot de 2 à 100 signes.")
    place = here.territories.get(known.watch.territory)
    sought = sought_by(known.watch, word, place.nom if place else "")
    if sought is not None:
        raise HTTPException(
            422,
            f"Cette veille suit « {sought} » : écarter « {word} » la ferait taire pour toute "
            "l’équipe. Donnez un mot que seuls les autres emploient.",
        )
    try:
        await asyncio.to_thread(
            here.store.watches.update, known.watch.watch, without(known.watch, word)
        )
    except StoreError:
        raise HTTPException(409, "Cette veille est terminée : elle n’apprend plus.") from None
    return page(
        request,
        "fait.html",
        title="La veille a appris",
        text=f"Les textes qui contiennent « {word} » ne seront plus signalés, pour toute l’équipe.",
        link=f"/alertes/{alert}/pourquoi?destinataire={recipient}",
        link_text="Revoir l’alerte",
    )


def sought_by(watch: Watched, word: str, place: str) -> str | None:
    """Return what the watch looks for in which the word stands: its place's name, or a term.

    To leave the word out would leave out every text where that is found.
    """
    looked_for = f" {fold(word)} "
    terms = (place, *watch.query.all, *watch.query.any)
    return next((term for term in terms if looked_for in f" {fold(term)} "), None)


def without(watch: Watched, word: str) -> WatchDraft:
    """Return the watch as it is, with one more word that excludes a text."""
    none = tuple(dict.fromkeys((*watch.query.none, word)))
    kept = {name: getattr(watch, name) for name in WatchDraft.model_fields}
    query = watch.query.model_copy(update={"none": none})
    return WatchDraft.model_validate(cast("dict[str, object]", {**kept, "query": query}))
