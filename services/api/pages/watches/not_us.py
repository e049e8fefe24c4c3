"""« Ce n’est pas nous »: a choice, what it would leave out, a button; and a way back."""

import asyncio
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import Response
from pydantic import ValidationError

from contracts.territories import Territories
from contracts.watches import Watched
from libs.french import number, plural
from services.api.figures.queries import EngineUnavailable
from services.api.figures.watch_rows import KeptText
from services.api.installation import Installation
from services.api.pages.watches.alerts import (
    Known,
    Of,
    known_alert,
    texts_of,
    ways_back,
)
from services.api.pages.watches.watches import watch_of
from services.api.store import StaleError, StoreError
from services.api.watching.form import TOO_MANY_TERMS
from services.api.watching.learning import STILL_NEWS, own_accounts, past_of
from services.api.watching.not_us import (
    Apart,
    Rejection,
    effect,
    fault_of_source,
    fault_of_word,
    set_apart,
    speaker,
    texts_found,
    undo_seal,
)
from services.api.web.access import by_link
from services.api.web.parameters import Here, RecipientName
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(by_link)])

PROPOSALS_TRIED = 3
"""How often a word is taught, while others change the watch meanwhile."""

TEXTS_OFFERED, TEXT_CHARACTERS = 6, 90
"""Texts of an alert that can be left out one by one, and what is shown of each."""

ENDED = "Cette veille est terminée : elle n’apprend plus."

Choice = Annotated[str, Form(alias="choix", max_length=200)]
Typed = Annotated[str, Form(alias="mot", max_length=200)]
Sure = Annotated[str, Form(alias="confirme", max_length=1)]


@dataclass(frozen=True, slots=True)
class Offered:
    """A choice of the page: its value, its words, how many texts of 30 days it leaves out."""

    value: str
    label: str
    out: str


@router.get("/alertes/{alert}/pas-nous")
async def ask_not_us(
    request: Request, here: Here, alert: str, watch: Of = "", recipient: RecipientName = ""
) -> Response:
    """Offer words that set these texts apart, each text and source of the alert, another word."""
    known = await known_alert(here, alert, watch, recipient)
    mine, found = await _texts(here, known)
    return page(request, "pas_nous.html", **_offered(here.territories, known, mine, found))


@router.post("/alertes/{alert}/pas-nous")
async def not_us(
    request: Request,
    here: Here,
    alert: str,
    choice: Choice = "",
    typed: Typed = "",
    sure: Sure = "",
    watch: Of = "",
    recipient: RecipientName = "",
) -> Response:
    """Say what a choice would leave out; once that is confirmed, leave it out."""
    known = await known_alert(here, alert, watch, recipient)
    rejection = Rejection.read(f"mot:{typed}" if typed.strip() else choice)
    mine, found = await _texts(here, known)
    fault = _fault(here.territories, known.watch, rejection, found)
    if rejection is None or fault:
        offered = _offered(here.territories, known, mine, found)
        return page(request, "pas_nous.html", status=422, **offered, fault=fault, typed=typed)
    if not sure:
        return _confirmation(request, known, rejection, found)
    await _change(here, watch, rejection)
    return page(
        request,
        "fait.html",
        title="La veille a appris",
        text=f"{_said(rejection)} ne sera plus signalé, pour toute l’équipe.",
        links=ways_back(known),
        undo=f"/alertes/{alert}/pas-nous/annuler?{known.query}",
        choice=str(rejection),
        seal=undo_seal(known.watch, rejection),
    )


@router.post("/alertes/{alert}/pas-nous/annuler")
async def us_after_all(
    request: Request,
    here: Here,
    alert: str,
    choice: Choice,
    seal: Annotated[str, Form(alias="retour", max_length=64)],
    watch: Of = "",
    recipient: RecipientName = "",
) -> Response:
    """Take back what was left out, by whoever left it out."""
    known = await known_alert(here, alert, watch, recipient)
    rejection = Rejection.read(choice)
    if rejection is None or not hmac.compare_digest(
        seal.encode(), undo_seal(known.watch, rejection).encode()
    ):
        raise HTTPException(404, "Ce lien n’annule rien.")
    await _change(here, watch, rejection, back=True)
    return page(
        request,
        "fait.html",
        title="C’est annulé",
        text=f"{_said(rejection)} sera de nouveau signalé.",
        links=ways_back(known),
    )


def _confirmation(
    request: Request, known: Known, rejection: Rejection, found: Sequence[KeptText]
) -> Response:
    would = effect(rejection, found)
    warning = ""
    if would.of and would.out * 2 > would.of:
        warning = "C’est plus de la moitié de ce que la veille trouve : est-ce bien voulu ?"
    return page(
        request,
        "pas_nous_confirmer.html",
        known=known,
        action=f"/alertes/{known.alert.alert}/pas-nous?{known.query}",
        choice=str(rejection),
        said=_said(rejection),
        out=would.out,
        of=would.of,
        warning=warning,
        back=f"/alertes/{known.alert.alert}/pas-nous?{known.query}",
    )


def _fault(
    territories: Territories,
    watch: Watched,
    rejection: Rejection | None,
    found: Sequence[KeptText],
) -> str | None:
    """Say why nothing can be left out by what was sent; None when it can."""
    if rejection is None:
        return "Choisissez un mot, un texte ou une source."
    if rejection.kind == "mot":
        return fault_of_word(watch, rejection.value, _place(territories, watch))
    return fault_of_source(rejection.value, found) if rejection.kind == "source" else None


def _offered(
    territories: Territories, known: Known, mine: Sequence[KeptText], found: Sequence[KeptText]
) -> dict[str, Any]:
    """Return what the page offers to leave out."""
    alert = known.alert.alert
    return {
        "known": known,
        "action": f"/alertes/{alert}/pas-nous?{known.query}",
        "words": _words(territories, known, mine, found),
        "texts": _one_by_one(mine, found),
        "back": f"/alertes/{alert}/pourquoi?{known.query}",
    }


async def _texts(here: Installation, known: Known) -> tuple[list[KeptText], list[KeptText]]:
    """Return the texts of the alert, and all that the watch found in 30 days; none while the
    engine is away."""
    own = await asyncio.to_thread(own_accounts, here.store, known.watch.territory)
    try:
        found = await texts_found(here.figures, known.watch.query, here.clock.now(), own)
        subjects = {one.subject for one in await texts_of(here.figures, known)}
    except EngineUnavailable:
        return [], []
    return [one for one in found if one.subject in subjects], found


def _words(
    territories: Territories, known: Known, mine: Sequence[KeptText], found: Sequence[KeptText]
) -> list[Offered]:
    subjects = {one.subject for one in mine}
    others = [one for one in found if one.subject not in subjects]
    words: list[Apart] = set_apart(known.watch, _place(territories, known.watch), mine, others)
    rejections = [Rejection("mot", one.word) for one in words]
    return [Offered(str(one), f"« {one.value} »", _out(one, found)) for one in rejections]


def _one_by_one(mine: Sequence[KeptText], found: Sequence[KeptText]) -> list[Offered]:
    """Return this text and its source, of the newest texts of the alert."""
    offered: list[Offered] = []
    for one in mine[:TEXTS_OFFERED]:
        text, source = Rejection("texte", one.subject), Rejection("source", one.source)
        speaks = speaker(one)
        begun = " ".join(one.text.split())[:TEXT_CHARACTERS]
        offered.append(Offered(str(text), f"ce texte : « {begun} »", _out(text, found)))
        if speaks and all(other.value != str(source) for other in offered):
            label = f"tout ce que publie {speaks}"
            offered.append(Offered(str(source), label, _out(source, found)))
    return offered


def _out(rejection: Rejection, found: Sequence[KeptText]) -> str:
    would = effect(rejection, found)
    return f"écarterait {number(would.out)} des {plural(would.of, 'texte')} des 30 derniers jours"


def _said(rejection: Rejection) -> str:
    match rejection.kind:
        case "mot":
            return f"Tout texte qui contient « {rejection.value} »"
        case "texte":
            return "Ce texte"
        case "source":
            return "Tout ce que publie cette source"


def _place(territories: Territories, watch: Watched) -> str:
    place = territories.get(watch.territory)
    return place.nom if place else ""


async def _change(
    here: Installation, watch: str, rejection: Rejection, *, back: bool = False
) -> None:
    """Leave something out, or take that back. Raises 409 for a watch that has ended, 422 at its
    bound."""
    try:
        if rejection.kind == "mot":
            await _leave_out(here, watch, rejection.value, back=back)
        else:
            ignore = partial(here.store.watches.ignore, watch, rejection.value, back=back)
            await asyncio.to_thread(ignore)
    except StoreError:
        raise HTTPException(409, ENDED) from None
    except (ValidationError, ValueError):
        raise HTTPException(422, f"{TOO_MANY_TERMS} Retirez-en d’abord un.") from None


async def _leave_out(here: Installation, watch: str, word: str, *, back: bool) -> None:
    """Teach the word, with the past of the words that the watch then has.

    When somebody changes them meanwhile the past is read anew; at last the word is taught without.
    """
    change = partial(here.store.watches.leave_out, watch, word, back=back)
    for _ in range(PROPOSALS_TRIED):
        known = await watch_of(here.store, watch)
        none = tuple(one for one in known.query.none if one != word)
        query = known.query.model_copy(update={"none": none if back else (*none, word)})
        own = await asyncio.to_thread(own_accounts, here.store, known.territory)
        past = await past_of(here.figures, query, here.clock.now() - STILL_NEWS, own)
        try:
            await asyncio.to_thread(change, past, known.settled)
        except StaleError:
            continue
        return
    await asyncio.to_thread(change)
