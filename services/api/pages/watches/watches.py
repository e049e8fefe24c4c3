"""Watches: list, make, look at one, change what it looks for and how it tells."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from contracts.channels import CHANNELS
from contracts.watches import REMINDERS, Past, Watched
from libs.clock import Clock
from libs.deciding.grouping import alike
from libs.deciding.hours import zone_of
from libs.french import PARIS
from libs.matching.asked import meant
from libs.matching.persons import ANSWERS, REFUSED, persons
from services.api.entering.agent import agent_of
from services.api.figures.queries import EngineUnavailable, Figures
from services.api.figures.views import WATCH_ACTIVITY, WATCH_ALERTS, WATCH_HOURS, WATCH_MATCHES
from services.api.figures.watch_rows import WatchActivity
from services.api.installation import Installation
from services.api.pages.home import invented
from services.api.routes.watches import ENDED, inviting, visible
from services.api.store import StaleError, Store, StoreError, WatchDraft
from services.api.watching.asked.candidates import DECLARED, candidates
from services.api.watching.form import (
    COOLDOWNS,
    MODES,
    SENSITIVITIES,
    WINDOWS,
    WatchForm,
    changed_since,
    choices_with,
    pace,
    read,
    rule,
    typed_of,
)
from services.api.watching.learning import STILL_NEWS, own_accounts, past_of
from services.api.watching.letters.seen import by_whom
from services.api.watching.nothing_found import Alone, nothing_found
from services.api.watching.preview import Preview, preview
from services.api.watching.proof_of_life import proof_of_life
from services.api.watching.proposal import proposed
from services.api.watching.recipients import failing_channels, shown
from services.api.watching.regular.account_facts import FACTS
from services.api.watching.regular.choices import choice_words
from services.api.watching.regular.salient import salient
from services.api.watching.regular.salient import words as salient_words
from services.api.watching.silence import seen_networks, silence_of, unseen_networks
from services.api.watching.unmeasured import nearest_known
from services.api.web.access import (
    UNKNOWN_WATCH,
    agents,
    may,
    may_read_journal,
    reads_watch,
    require,
    tries,
    writes_watch,
)
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter()
READS, WRITES, TRIES = [Depends(reads_watch)], [Depends(writes_watch)], [Depends(tries)]

MATCHES_SHOWN = 50
HISTORY_SPAN = timedelta(days=30)
"""What the page looks back at, and of it the newest `MATCHES_SHOWN` texts and alerts."""

EXAMPLES = ("Essai-sur-Onde", "Clairmesure Métropole")
STATES = {"active": "active", "paused": "en pause", "ended": "terminée"}
DONE = {
    "creee": "La veille est créée.",
    "modifiee": "La veille est modifiée.",
    "pause": "La veille est en pause : elle ne cherche ni n’écrit plus, jusqu’à sa reprise.",
    "reprise": "La veille reprend.",
    "terminee": "La veille est terminée : elle n’écrira plus à personne.",
    "renvoyee": "La demande de confirmation est renvoyée.",
    "invitee": "Une demande de confirmation est envoyée : rien d’autre avant l’accord.",
    "retiree": "Cette adresse ne recevra plus rien de cette veille.",
    "vue": "C’est noté : les autres destinataires sont prévenus.",
}
"""What a page says after an act, by the word in its address."""


class Shown(NamedTuple):
    """A recipient on the page: `name` is what forms bear in place of the address, `told` how."""

    name: str
    address: str
    confirmed: bool
    told: str


@router.get("/veilles", dependencies=[Depends(agents)])
async def listed(
    request: Request, here: Here, territoire: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Show the watches that the agent may see, of one territory or all of them."""
    watches = await visible(request, here.store, territoire)
    return page(
        request,
        "veilles.html",
        watches=[(one, here.territories.get(one.territory)) for one in watches],
        activity=await _activity(here.figures, here.clock),
        states=STATES,
    )


async def _activity(figures: Figures, clock: Clock) -> dict[str, WatchActivity]:
    """Return the alerts of the last 30 days by watch; none while the engine is away."""
    since = (clock.now() - HISTORY_SPAN).replace(minute=0, second=0, microsecond=0)
    try:
        found = await figures.read(WATCH_ACTIVITY, since=since.isoformat())
    except EngineUnavailable:
        return {}
    return {one.watch: one for one in found}


@router.get("/veilles/nouvelle", dependencies=TRIES)
async def new(
    request: Request,
    here: Here,
    territoire: Annotated[str, Query(max_length=20)] = "",
    surely: Annotated[bool, Query(alias="surement")] = False,
) -> Response:
    """Show the form, filled with a first proposal for a territory: texts that name it, or
    (`surement`) that surely mean it."""
    agent = agent_of(request)
    asked = territoire or (agent.own[0] if agent and agent.own else "")
    place = here.territories.resolve(asked) if asked else None
    if place is None and territoire:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {territoire} ».")
    if place is None and here.simulation:
        place = invented(here.territories, EXAMPLES[0])
    if place is None:
        return await _form(request, here, WatchForm({}))
    refused = here.refusal(place)
    faults = {"territory": refused} if refused else {}
    first = await asyncio.to_thread(proposed, here.territories, place)
    typed = {"territory": place.code, "none": "\n".join(first.none)}
    typed |= {"any": first.surely} if surely and first.surely else {"all": first.every}
    return await _form(request, here, WatchForm(typed, faults=faults), first=first)


@router.post("/veilles/nouvelle", dependencies=TRIES)
async def create(request: Request, here: Here) -> Response:
    """Show what the watch would have told (« Aperçu »), or make it."""
    form = await request.form()
    typed = typed_in(form)
    networks = [str(slug) for slug in form.getlist("networks")]
    filled = read(typed, networks, here.territories, here.refusal)
    if filled.draft is None:
        return await _form(request, here, filled, status=422)
    trying = "apercu" in typed
    if not (trying and here.simulation) and not may(request, "writing", filled.draft.territory):
        return await _not_theirs(request, here, filled, filled.draft)
    if trying:
        here.throttles.previews.take(request)
        return await _previewed(request, here, filled, filled.draft)
    here.throttles.watches.take(request)
    file = here.settings.candidates_file
    if asked := await _persons_asked(request, file, filled.draft, typed):
        return await _form(request, here, filled, status=422, **asked)
    past, silent = await _past(here, filled.draft)
    if silent and "muette" not in typed:
        return await _form(request, here, filled, silent=silent)
    require(request, "writing", filled.draft.territory)
    invite = inviting(request, here)
    made = await asyncio.to_thread(
        here.store.watches.create, filled.draft, filled.recipients, invite, past
    )
    return RedirectResponse(f"/veilles/{made.watch}?fait=creee", 303)


@router.get("/veilles/{watch}/modifier", dependencies=WRITES)
async def modify(request: Request, here: Here, watch: str) -> Response:
    """Show the form, filled with the watch as it is."""
    known = await changeable(here.store, watch)
    return await _form(request, here, WatchForm(typed_of(known)), watch=known)


@router.post("/veilles/{watch}/modifier", dependencies=WRITES)
async def modified(request: Request, here: Here, watch: str) -> Response:
    """Show what the watch would have told, or change it; recipients have their own buttons."""
    known = await changeable(here.store, watch)
    typed = typed_in(await request.form())
    filled = read(typed, known.query.networks, here.territories, here.refusal)
    if typed.get("settled") != str(known.settled):
        return await _outrun(request, here, filled, known)
    if filled.draft is None:
        return await _form(request, here, filled, watch=known, status=422)
    require(request, "writing", filled.draft.territory)  # nor is a watch given to another
    if "apercu" in typed:
        here.throttles.previews.take(request)
        return await _previewed(request, here, filled, filled.draft, known)
    draft = filled.draft
    if draft.territory == known.territory:
        draft = draft.model_copy(update={"timezone": known.timezone})
    past = None
    if draft.query != known.query:
        file = here.settings.candidates_file
        if asked := await _persons_asked(request, file, draft, typed):
            return await _form(request, here, filled, watch=known, status=422, **asked)
        _, silent = await _past(here, draft)
        if silent and "muette" not in typed:
            return await _form(request, here, filled, watch=known, silent=silent)
        own = await asyncio.to_thread(own_accounts, here.store, draft.territory)
        past = await past_of(here.figures, draft.query, here.clock.now() - STILL_NEWS, own)
    update = partial(here.store.watches.update, watch, draft, past, known.settled)
    try:
        await asyncio.to_thread(update)
    except StaleError:
        return await _outrun(request, here, filled, await changeable(here.store, watch))
    except StoreError:
        raise HTTPException(409, ENDED) from None
    return RedirectResponse(f"/veilles/{watch}?fait=modifiee", 303)


async def _persons_asked(
    request: Request, file: Path | None, draft: WatchDraft, typed: Mapping[str, str]
) -> dict[str, object]:
    """Return what a form asks where words look like somebody's name; nothing once it is answered.

    Who watches a person is whoever answers for the protection of data, or administers; nobody
    watches a declared candidate (of the list in `file`).
    """
    if declared := await asyncio.to_thread(candidates, draft.query, file):
        return {"personal": declared, "refused": DECLARED}
    found, answer = persons(draft.query), typed.get("personne")
    if not found or answer == "non":
        return {}
    if answer == "oui" and may_read_journal(request, draft.territory):
        return {}
    return {"personal": found, "refused": REFUSED if answer == "oui" else ""}


async def _not_theirs(
    request: Request, here: Installation, filled: WatchForm, draft: WatchDraft
) -> Response:
    """Ask a visitor to enter, with what they typed before their eyes. Raises 403 for an agent."""
    if agent_of(request) is not None:
        require(request, "writing", draft.territory)
    return await _form(request, here, filled, entering=True, status=401)


async def _past(here: Installation, draft: WatchDraft) -> tuple[Past | None, tuple[Alone, ...]]:
    """Return the past of a draft up to now, and what each term found where that is nothing."""
    own = await asyncio.to_thread(own_accounts, here.store, draft.territory)
    now = here.clock.now()
    past = await past_of(here.figures, draft.query, now, own)
    return past, await nothing_found(here.figures, draft.query, past, now)


async def _previewed(
    request: Request,
    here: Installation,
    filled: WatchForm,
    draft: WatchDraft,
    watch: Watched | None = None,
) -> Response:
    """Show what a draft would have told; where it finds nothing, what comes near it."""
    seen = await _tried(here, draft)
    silent = () if seen.found else (await _past(here, draft))[1]
    return await _form(request, here, filled, watch=watch, seen=seen, silent=silent)


async def _tried(here: Installation, draft: WatchDraft) -> Preview:
    """Try a draft as the live deciders would have."""
    return await preview(
        here.figures,
        draft,
        here.clock.now(),
        place=here.territories.name_of(draft.territory),
        origin=here.store.origin,
        own=await asyncio.to_thread(own_accounts, here.store, draft.territory),
    )


async def _outrun(
    request: Request, here: Installation, filled: WatchForm, watch: Watched
) -> Response:
    """Show a form again that was opened before somebody else's change, beside what changed."""
    form = replace(filled, typed={**filled.typed, "settled": str(watch.settled)})
    changes = changed_since(form.typed, watch)
    return await _form(request, here, form, watch=watch, changes=changes, status=409)


def typed_in(form: FormData) -> dict[str, str]:
    """Return the text fields of a form, the last of each name."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def _form(
    request: Request,
    here: Installation,
    filled: WatchForm,
    status: int = 200,
    **shown: object,
) -> Response:
    """Show the form; `shown` beside it: the watch, what a try found, what changed meanwhile."""
    unsaid = ("watch", "seen", "silent", "changes", "entering", "first", "personal", "refused")
    beside: dict[str, object] = {**dict.fromkeys(unsaid), "answers": ANSWERS}
    places = meant(here.territories, filled.typed.get("territory", ""))
    place = places[0] if len(places) == 1 else None
    request.state.acts_for = None  # a form that is shown again changed nothing
    return page(
        request,
        "veille_formulaire.html",
        status=status,
        form=filled,
        **(beside | shown),
        modes=MODES,
        sensitivities=[(name, f"{label} : {rule(name)}") for name, label in SENSITIVITIES],
        windows=choices_with(WINDOWS, filled.typed.get("window")),
        cooldowns=choices_with(COOLDOWNS, filled.typed.get("cooldown")),
        place=place,
        like=await nearest_known(here.figures, place)
        if place and not here.measured(place)
        else None,
        channels=CHANNELS,
        reminders=REMINDERS,
        facts=FACTS,
    )


@router.get("/veilles/{watch}", dependencies=READS)
async def show(
    request: Request, here: Here, watch: str, fait: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Show a watch: what it read, found and told, what it does not see, and how to change it."""
    known = await watch_of(here.store, watch)
    today = here.clock.now().astimezone(PARIS).date()
    span = {"date_from": (today - HISTORY_SPAN).isoformat(), "date_to": today.isoformat()}
    seen = await asyncio.to_thread(here.store.acknowledgements.of_watch, watch)
    now = here.clock.now()
    matches, alerts, hours, life = await asyncio.gather(
        here.figures.read(WATCH_MATCHES, MATCHES_SHOWN, watch=watch, **span),
        here.figures.read(WATCH_ALERTS, MATCHES_SHOWN, watch=watch, **span),
        here.figures.read(WATCH_HOURS, None, watch=watch, **span),
        proof_of_life(here.figures, known, now),
    )
    place = here.territories.get(known.territory)
    said = [f"{one.title or ''} {one.excerpt}" for one in matches if one.state == "present"]
    return page(
        request,
        "veille.html",
        watch=known,
        state=STATES[known.state],
        territory=place,
        matches=alike(matches),
        salient=salient_words(salient(known, place.nom if place else "", said)),
        alerts=alerts,
        total=sum(one.matches for one in hours),
        life=life,
        since="en 30 jours" if known.created_at <= now - HISTORY_SPAN else "depuis la création",
        silence=await silence_of(here.figures, known, alerts, now),
        failing=failing_channels(known, alerts),
        done=DONE.get(fait),
        seen=seen,
        **_told_whom(known, masked=here.simulation),
        **_asked(known),
    )


def _told_whom(watch: Watched, *, masked: bool) -> dict[str, Any]:
    """Return the recipients of a watch, and how the page names them."""
    return {
        "recipients": [
            Shown(
                watch.recipient_name(one.address),
                shown(one.address, masked=masked),
                one.confirmed,
                choice_words(one),
            )
            for one in watch.recipients
        ],
        "seen_by": partial(by_whom, watch, masked=masked),
        "addressee": partial(shown, masked=masked),
        "channels": CHANNELS,
    }


def _asked(watch: Watched) -> dict[str, Any]:
    """Return what a watch was asked to do, and where it looks."""
    return {
        "mode": dict(MODES)[watch.mode],
        "rule": rule(watch.sensitivity, watch.window_minutes),
        "cooldown": pace(watch.cooldown_minutes),
        "zone": zone_of(watch),
        "seen_networks": seen_networks(watch),
        "unseen_networks": unseen_networks(watch),
        "reminders": REMINDERS,
        "facts": FACTS,
    }


async def watch_of(store: Store, watch: str) -> Watched:
    """Return a watch. Raises 404."""
    known = await asyncio.to_thread(store.watches.get, watch)
    if known is None:
        raise HTTPException(404, UNKNOWN_WATCH)
    return known


async def changeable(store: Store, watch: str) -> Watched:
    """Return a watch that has not ended. Raises 404, 409."""
    known = await watch_of(store, watch)
    if known.state == "ended":
        raise HTTPException(409, ENDED)
    return known
