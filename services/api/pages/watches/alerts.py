"""What an alert's message links to: why, « j’ai vu », « ce n’est pas nous »; each act a button."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from contracts.watches import Watched
from libs.french import PARIS
from libs.matching.query import written_in
from services.api.figures.views import WATCH_ALERTS, WATCH_MATCHES
from services.api.figures.watch_rows import WatchAlert, WatchMatch
from services.api.installation import Installation
from services.api.pages.watches.watches import watch_of
from services.api.store import StaleError, StoreError
from services.api.watching.alert_reasons import reasons
from services.api.watching.form import MANY
from services.api.watching.learning import STILL_NEWS, own_accounts, past_of
from services.api.watching.recipients import address_named
from services.api.watching.seen import AGENT, by_whom, told_seen, until_words
from services.api.web.access import by_link, reads_watch, writes_watch
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(by_link)])
agents_router = APIRouter()

KEPT = timedelta(days=30)
TEXTS_SHOWN = 20
TEXTS_READ = 1_000
"""Of the texts of an alert's two days, the newest that are looked through for its own."""
TRIES = 3
GONE = "Cette alerte n’existe plus, ou ce lien n’est pas le vôtre."

Name = Annotated[str, Query(alias="destinataire", max_length=64)]
Of = Annotated[str, Query(alias="veille", max_length=64)]


@dataclass(frozen=True, slots=True)
class Known:
    """An alert and its watch, as whoever holds a link may see them; an agent is no recipient."""

    watch: Watched
    alert: WatchAlert
    recipient: str = ""

    @property
    def query(self) -> str:
        """Return what every link of this recipient to this alert ends with."""
        return urlencode({"veille": self.watch.watch, "destinataire": self.recipient})


async def known_alert(here: Installation, alert: str, watch: str, recipient: str) -> Known:
    """Return an alert for a recipient of its watch.

    The link is the key: it names an alert and a watch (opaque) and a recipient (a hash). Raises
    404.
    """
    known = await asyncio.to_thread(here.store.watches.get, watch)
    if known is None or address_named(known, recipient) is None:
        raise HTTPException(404, GONE)
    return Known(known, await _alert(here, watch, alert), recipient)


async def _alert(here: Installation, watch: str, alert: str) -> WatchAlert:
    today = here.clock.now().astimezone(PARIS).date()
    found = await here.figures.read(
        WATCH_ALERTS,
        None,
        watch=watch,
        date_from=(today - KEPT).isoformat(),
        date_to=today.isoformat(),
    )
    one = next((one for one in found if one.alert == alert), None)
    if one is None:
        raise HTTPException(404, GONE)
    return one


async def _texts(here: Installation, known: Known) -> list[WatchMatch]:
    """Return the texts that came before the alert was raised, newest first."""
    raised = known.alert.raised_at
    day = raised.astimezone(PARIS).date()
    found = await here.figures.read(
        WATCH_MATCHES,
        TEXTS_READ,
        watch=known.watch.watch,
        date_from=(day - timedelta(days=1)).isoformat(),
        date_to=day.isoformat(),
    )
    return [one for one in found if one.matched_at <= raised][:TEXTS_SHOWN]


async def _shown(request: Request, here: Installation, known: Known) -> Response:
    acknowledged = await asyncio.to_thread(here.store.acknowledgements.of_watch, known.watch.watch)
    seen = acknowledged.get(known.alert.alert)
    return page(
        request,
        "alerte.html",
        known=known,
        reasons=reasons(known.alert, known.watch),
        changed=known.alert.watch_revision < known.watch.settled,
        texts=await _texts(here, known),
        seen_at=seen and seen.at,
        seen_by=seen and by_whom(known.watch, seen.who, masked=here.simulation),
    )


def _note(here: Installation, known: Known, who: str) -> None:
    """Note that somebody has seen the alert: its event is not told again for doubling, and the
    other recipients are told who has seen it, once."""
    watch, alert = known.watch.watch, known.alert
    first = alert.alert not in here.store.acknowledgements.of_watch(watch)
    at = here.store.acknowledgements.note(watch, alert.alert, who)
    if first:
        name = by_whom(known.watch, who, masked=here.simulation)
        write = told_seen(
            here.settings.portal_url, alert.title, name, at, simulation=here.simulation
        )
        for one in known.watch.recipients:
            if one.confirmed and known.watch.recipient_name(one.address) != who:
                here.store.messages.add(one.address, "alert_seen", write(known.watch, one.address))
    try:
        here.store.watches.handle(watch, alert.group)
    except StoreError:
        return  # a watch that has ended tells nothing more


@router.get("/alertes/{alert}/pourquoi")
async def why(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: Name = ""
) -> Response:
    """Answer « Pourquoi cette alerte ? »."""
    return await _shown(request, here, await known_alert(here, alert, watch, recipient))


@agents_router.get("/veilles/{watch}/alertes/{alert}", dependencies=[Depends(reads_watch)])
async def look(request: Request, here: Here, watch: str, alert: str) -> Response:
    """Answer the same to an agent, from the page of the watch."""
    known = await watch_of(here, watch)
    return await _shown(request, here, Known(known, await _alert(here, watch, alert)))


@agents_router.post("/veilles/{watch}/alertes/{alert}/vu", dependencies=[Depends(writes_watch)])
async def looked(here: Here, watch: str, alert: str) -> Response:
    """Note that an agent has seen the alert."""
    known = Known(await watch_of(here, watch), await _alert(here, watch, alert))
    await asyncio.to_thread(_note, here, known, AGENT)
    return RedirectResponse(f"/veilles/{watch}?fait=vue", 303)


@router.get("/alertes/{alert}/vu")
async def ask_seen(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: Name = ""
) -> Response:
    """Offer the button « J’ai vu »."""
    known = await known_alert(here, alert, watch, recipient)
    return page(
        request,
        "bouton.html",
        title=known.alert.title,
        text="Les autres destinataires seront prévenus que vous l’avez vue. Plus de rappel "
        f"{until_words(here.clock.now(), ZoneInfo(known.watch.timezone))}.",
        action=f"/alertes/{alert}/vu?{known.query}",
        button="J’ai vu",
        fields={},
        back=f"/alertes/{alert}/pourquoi?{known.query}",
    )


@router.post("/alertes/{alert}/vu")
async def seen(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: Name = ""
) -> Response:
    """Note that the recipient has seen the alert."""
    known = await known_alert(here, alert, watch, recipient)
    await asyncio.to_thread(_note, here, known, recipient)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text="Les autres destinataires sont prévenus que vous l’avez vue.",
        links=_ways_back(known),
    )


def _ways_back(known: Known) -> list[tuple[str, str]]:
    return [
        (f"/alertes/{known.alert.alert}/pourquoi?{known.query}", "Revoir l’alerte"),
        (f"/veilles/{known.watch.watch}", f"Voir la veille « {known.watch.name} »"),
    ]


@router.get("/alertes/{alert}/pas-nous")
async def ask_not_us(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: Name = ""
) -> Response:
    """Ask which word tells the texts that are about somebody else."""
    known = await known_alert(here, alert, watch, recipient)
    return page(
        request,
        "bouton.html",
        title="Ce n’est pas nous",
        text="Quel mot trahit l’autre ? Les textes qui le contiennent ne seront plus signalés, "
        "pour toute l’équipe (par exemple le département d’une homonyme, ou un nom de famille).",
        action=f"/alertes/{alert}/pas-nous?{known.query}",
        button="Écarter ces textes",
        fields={"mot": "Mot ou expression à écarter"},
        back=f"/alertes/{alert}/pourquoi?{known.query}",
    )


@router.post("/alertes/{alert}/pas-nous")
async def not_us(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: Name = ""
) -> Response:
    """Teach the watch a word that tells texts about somebody else."""
    known = await known_alert(here, alert, watch, recipient)
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
        await _leave_out(here, watch, word)
    except StoreError:
        raise HTTPException(409, "Cette veille est terminée : elle n’apprend plus.") from None
    except ValidationError:
        raise HTTPException(422, f"{MANY} Retirez-en d’abord un.") from None
    return page(
        request,
        "fait.html",
        title="La veille a appris",
        text=f"Les textes qui contiennent « {word} » ne seront plus signalés, pour toute l’équipe.",
        links=_ways_back(known),
    )


def sought_by(watch: Watched, word: str, place: str) -> str | None:
    """Return what the watch looks for in which the word stands: its place's name, or a term.

    To leave the word out would leave out every text where that is found.
    """
    terms = (place, *watch.query.all, *watch.query.any)
    return next((term for term in terms if written_in(term, (word,))), None)


async def _leave_out(here: Installation, watch: str, word: str) -> None:
    """Teach the word, with the past of the words that the watch then has.

    When somebody changes them meanwhile the past is read anew; at last the word is taught without.
    """
    for _ in range(TRIES):
        known = await watch_of(here, watch)
        none = tuple(dict.fromkeys((*known.query.none, word)))
        query = known.query.model_copy(update={"none": none})
        own = await asyncio.to_thread(own_accounts, here.store, known.territory)
        past = await past_of(here.figures, query, here.clock.now() - STILL_NEWS, own)
        teach = partial(here.store.watches.leave_out, watch, word, past, known.settled)
        try:
            await asyncio.to_thread(teach)
        except StaleError:
            continue
        return
    await asyncio.to_thread(here.store.watches.leave_out, watch, word)
