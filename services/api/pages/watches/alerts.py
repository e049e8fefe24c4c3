"""What an alert's message links to: why, « j’ai vu », « ce n’est pas nous »; each act a button."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.watches import Watched
from libs.clock import Clock, paris_day
from libs.deciding.hours import zone_of
from libs.deciding.stages import TELL_WITHIN
from libs.french import PARIS
from libs.retention import TEXT_DAYS
from libs.settings import Settings
from services.api.figures.queries import Figures
from services.api.figures.views import WATCH_ALERTS, WATCH_MATCHES
from services.api.figures.watch_rows import WatchAlert, WatchMatch
from services.api.files.csv import Variant
from services.api.files.sending import send_csv
from services.api.installation import Installation
from services.api.pages.watches.watches import watch_of
from services.api.store import StoreError
from services.api.watching.alert_reasons import reasons
from services.api.watching.alert_texts import COLUMNS, page_of, texts_of_alert
from services.api.watching.letters.seen import AGENT, by_whom, told_seen, until_words
from services.api.watching.recipients import address_named
from services.api.web.access import by_link, reads_watch, writes_watch
from services.api.web.parameters import CsvVariant, Here, RecipientName
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(by_link)])
agents_router = APIRouter()

TEXTS_KEPT = timedelta(days=TEXT_DAYS)
TEXTS_READ = 20_000
"""Of the texts of an alert's days, the newest that are looked through for its own."""
GONE = "Cette alerte n’existe plus, ou ce lien n’est pas le vôtre."

Number = Annotated[int, Query(alias="page", ge=1, le=10_000)]
Asked = Annotated[str, Query(alias="mots", max_length=100)]
Of = Annotated[str, Query(alias="veille", max_length=64)]


@dataclass(frozen=True, slots=True)
class Known:
    """An alert and its watch, as whoever holds a link may see them; an agent is no recipient."""

    watch: Watched
    alert: WatchAlert
    recipient: str = ""
    before: WatchAlert | None = None
    """The alert of the watch that came before it, if one did."""

    @property
    def here(self) -> str:
        """Return the address of its page; that of its texts as a file ends by `textes.csv`."""
        if self.recipient:
            return f"/alertes/{self.alert.alert}/pourquoi"
        return f"/veilles/{self.watch.watch}/alertes/{self.alert.alert}"

    @property
    def file(self) -> str:
        """Return where its texts are given as a file."""
        if self.recipient:
            return f"/alertes/{self.alert.alert}/textes.csv?{self.query}&variant=excel"
        return f"{self.here}/textes.csv?variant=excel"

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
    return await _alert(here.figures, here.clock, known, alert, recipient)


async def _alert(
    figures: Figures, clock: Clock, watch: Watched, alert: str, recipient: str = ""
) -> Known:
    today = clock.now().astimezone(PARIS).date()
    found = await figures.read(
        WATCH_ALERTS,
        None,
        watch=watch.watch,
        date_from=(today - TEXTS_KEPT).isoformat(),
        date_to=today.isoformat(),
    )
    for one, before in zip_longest(found, found[1:]):
        if one.alert == alert:
            return Known(watch, one, recipient, before)
    raise HTTPException(404, GONE)


async def texts_of(figures: Figures, known: Known) -> list[WatchMatch]:
    """Return the texts of an alert, newest first."""
    raised = known.alert.raised_at
    found = await figures.read(
        WATCH_MATCHES,
        TEXTS_READ,
        watch=known.watch.watch,
        date_from=paris_day(raised - TELL_WITHIN),
        date_to=paris_day(raised),
    )
    return texts_of_alert(known.alert, known.before, found)


async def _shown(
    request: Request, here: Installation, known: Known, number: int, asked: str
) -> Response:
    acknowledged = await asyncio.to_thread(here.store.acknowledgements.of_watch, known.watch.watch)
    seen = acknowledged.get(known.alert.alert)
    return page(
        request,
        "alerte.html",
        known=known,
        reasons=reasons(known.alert, known.watch),
        changed=known.alert.watch_revision < known.watch.settled,
        texts=page_of(await texts_of(here.figures, known), number, asked),
        seen_at=seen and seen.at,
        seen_by=seen and by_whom(known.watch, seen.who, masked=here.simulation),
    )


async def _file(settings: Settings, figures: Figures, known: Known, variant: Variant) -> Response:
    """Give every text of an alert as a file."""
    day = known.alert.raised_at.astimezone(PARIS)
    name = f"alerte_{day:%Y-%m-%d_%H-%M}"
    return send_csv(settings.installation, name, await texts_of(figures, known), COLUMNS, variant)


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
    request: Request,
    here: Here,
    alert: str,
    watch: Of = "",
    recipient: RecipientName = "",
    number: Number = 1,
    asked: Asked = "",
) -> Response:
    """Answer « Pourquoi cette alerte ? », and show its texts, page by page."""
    known = await known_alert(here, alert, watch, recipient)
    return await _shown(request, here, known, number, asked)


@router.get("/alertes/{alert}/textes.csv")
async def texts_file(
    here: Here,
    alert: str,
    watch: Of = "",
    recipient: RecipientName = "",
    variant: CsvVariant = "standard",
) -> Response:
    """Give the texts of an alert to a recipient as a file."""
    return await _file(
        here.settings, here.figures, await known_alert(here, alert, watch, recipient), variant
    )


@agents_router.get("/veilles/{watch}/alertes/{alert}", dependencies=[Depends(reads_watch)])
async def look(
    request: Request, here: Here, watch: str, alert: str, number: Number = 1, asked: Asked = ""
) -> Response:
    """Answer the same to an agent, from the page of the watch."""
    known = await _alert(here.figures, here.clock, await watch_of(here.store, watch), alert)
    return await _shown(request, here, known, number, asked)


@agents_router.get(
    "/veilles/{watch}/alertes/{alert}/textes.csv", dependencies=[Depends(reads_watch)]
)
async def texts_for_agents(
    here: Here, watch: str, alert: str, variant: CsvVariant = "standard"
) -> Response:
    """Give the texts of an alert to an agent as a file."""
    return await _file(
        here.settings,
        here.figures,
        await _alert(here.figures, here.clock, await watch_of(here.store, watch), alert),
        variant,
    )


@agents_router.post("/veilles/{watch}/alertes/{alert}/vu", dependencies=[Depends(writes_watch)])
async def looked(here: Here, watch: str, alert: str) -> Response:
    """Note that an agent has seen the alert."""
    known = await _alert(here.figures, here.clock, await watch_of(here.store, watch), alert)
    await asyncio.to_thread(_note, here, known, AGENT)
    return RedirectResponse(f"/veilles/{watch}?fait=vue", 303)


@router.get("/alertes/{alert}/vu")
async def ask_seen(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: RecipientName = ""
) -> Response:
    """Offer the button « J’ai vu »."""
    known = await known_alert(here, alert, watch, recipient)
    return page(
        request,
        "bouton.html",
        title=known.alert.title,
        text="Les autres destinataires seront prévenus que vous l’avez vue. Plus de rappel "
        f"{until_words(here.clock.now(), zone_of(known.watch))}.",
        action=f"/alertes/{alert}/vu?{known.query}",
        button="J’ai vu",
        fields={},
        back=f"/alertes/{alert}/pourquoi?{known.query}",
    )


@router.post("/alertes/{alert}/vu")
async def seen(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: RecipientName = ""
) -> Response:
    """Note that the recipient has seen the alert."""
    known = await known_alert(here, alert, watch, recipient)
    await asyncio.to_thread(_note, here, known, recipient)
    return page(
        request,
        "fait.html",
        title="C’est noté",
        text="Les autres destinataires sont prévenus que vous l’avez vue.",
        links=ways_back(known),
    )


def ways_back(known: Known) -> list[tuple[str, str]]:
    """Return the links at the end of an act: to the alert, and to its watch."""
    return [
        (f"/alertes/{known.alert.alert}/pourquoi?{known.query}", "Revoir l’alerte"),
        (f"/veilles/{known.watch.watch}", f"Voir la veille « {known.watch.name} »"),
    ]
