"""Watches: for the agents of their territory, and for the operator."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from annotated_types import MaxLen
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from contracts.channels import RECIPIENTS_AT_MOST
from contracts.watches import BoundedQuery, Watched
from contracts.watches import Query as WatchQuery
from libs.matching.persons import ASKED, REFUSED, persons
from libs.matching.query import contradiction, settled
from services.api.entering.agent import agent_of
from services.api.installation import Installation
from services.api.store import Store, TransitionError, UnknownError, WatchDraft
from services.api.store.agents.entitled import EVERYWHERE
from services.api.store.watches import Invite
from services.api.watching.asked.candidates import DECLARED, candidates
from services.api.watching.form import recipients_of
from services.api.watching.learning import own_accounts, past_of
from services.api.watching.letters.invitations import invitation
from services.api.watching.recipients import veiled
from services.api.watching.unmeasured import nearest_known, offered
from services.api.web.access import (
    UNKNOWN_WATCH,
    agents,
    may,
    may_read_journal,
    reads_watch,
    require,
    writes_watch,
)
from services.api.web.parameters import Here

router = APIRouter(tags=["veilles"])
READS, WRITES = [Depends(reads_watch)], [Depends(writes_watch)]

T = TypeVar("T")

ENDED = "Cette veille est terminée : elle ne change plus."


class NewWatch(BaseModel):
    """A watch to make, and whom to invite, by addresses of channels; each must confirm.

    `names_no_person` answers for words that look like somebody's name.
    """

    model_config = ConfigDict(extra="forbid")

    watch: WatchDraft
    names_no_person: bool = False
    recipients: Annotated[tuple[str, ...], MaxLen(RECIPIENTS_AT_MOST)] = ()


@router.get("/watches", dependencies=[Depends(agents)])
async def listed(
    request: Request, here: Here, territory: Annotated[str | None, Query(max_length=20)] = None
) -> list[Watched]:
    """List the watches that have not ended, newest first."""
    return [_shown(here.simulation, one) for one in await visible(request, here.store, territory)]


async def visible(request: Request, store: Store, territory: str | None) -> list[Watched]:
    """Return the watches of a territory, or all those that who asks may see, newest first.

    Raises 403 for a territory that is not theirs.
    """
    agent, watches = agent_of(request), store.watches
    if territory:
        require(request, "reading", territory)
        return await asyncio.to_thread(watches.of_territory, territory)
    if agent is None or may(request, "team", EVERYWHERE):
        return await asyncio.to_thread(watches.all)
    found = [
        one for code in agent.own for one in await asyncio.to_thread(watches.of_territory, code)
    ]
    return sorted(found, key=lambda one: one.created_at, reverse=True)


def _shown(simulation: bool, watch: Watched) -> Watched:
    """Return a watch as it may be shown: no secret, no mailbox to anybody; its past is no news."""
    return veiled(watch.model_copy(update={"past": None}), masked=simulation)


async def given(request: Request) -> NewWatch:
    """Read the body as the contracts read JSON (a list is a tuple there). Raises 422."""
    try:
        return NewWatch.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


SCHEMA = NewWatch.model_json_schema(ref_template="#/components/schemas/{model}")
BODY = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}


@router.post(
    "/watches",
    status_code=201,
    openapi_extra={"requestBody": BODY},
    dependencies=[Depends(agents)],
)
async def create(request: Request, here: Here, new: Annotated[NewWatch, Depends(given)]) -> Watched:
    """Make a watch; nothing is sent to an address before it has confirmed by a button."""
    require(request, "writing", new.watch.territory)
    await _measured(here, new.watch.territory)
    new.watch = new.watch.model_copy(update={"query": _settled(new.watch.query)})
    if never := contradiction(new.watch.query):
        raise HTTPException(422, never)
    if declared := await asyncio.to_thread(
        candidates, new.watch.query, here.settings.candidates_file
    ):
        raise HTTPException(422, f"{', '.join(declared)}. {DECLARED}")
    named = persons(new.watch.query)
    if named and not new.names_no_person and not may_read_journal(request, new.watch.territory):
        raise HTTPException(422, f"{ASKED} {', '.join(named)}. {REFUSED}")
    try:
        found = recipients_of("\n".join(new.recipients))
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    here.throttles.watches.take(request)
    if "timezone" not in new.watch.model_fields_set and (
        place := here.territories.get(new.watch.territory)
    ):
        new.watch = new.watch.model_copy(update={"timezone": place.timezone})
    invite = inviting(request, here)
    own = await asyncio.to_thread(own_accounts, here.store, new.watch.territory)
    past = await past_of(here.figures, new.watch.query, here.clock.now(), own)
    made = await asyncio.to_thread(here.store.watches.create, new.watch, found, invite, past)
    return _shown(here.simulation, made)


_BOUNDED: TypeAdapter[WatchQuery] = TypeAdapter(BoundedQuery)


def _settled(asked: WatchQuery) -> WatchQuery:
    """Return a query that names all that its expression finds, for the rules of law to read.

    Raises 422 for an expression that is none, or that finds too many terms.
    """
    try:
        return _BOUNDED.validate_python(settled(asked))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


async def _measured(here: Installation, code: str) -> None:
    """Refuse a territory that is unknown, or of which nothing is measured here. Raises 422."""
    territory = here.territories.get(code)
    if territory is None:
        raise HTTPException(422, f"Aucune collectivité n’a le code « {code} ».")
    if refused := here.refusal(territory):
        like = await nearest_known(here.figures, territory)
        raise HTTPException(422, f"{refused} {offered(like)}." if like else refused)


@router.get("/watches/{watch}", dependencies=READS)
async def show(here: Here, watch: str) -> Watched:
    """Show a watch, its recipients, and whether they have confirmed."""
    known = await asyncio.to_thread(here.store.watches.get, watch)
    if known is None:
        raise HTTPException(404, UNKNOWN_WATCH)
    return _shown(here.simulation, known)


@router.post("/watches/{watch}/pause", dependencies=WRITES)
async def pause(here: Here, watch: str) -> Watched:
    """Look and tell no more, until resumed."""
    return _shown(here.simulation, await changed(lambda: here.store.watches.move(watch, "paused")))


@router.post("/watches/{watch}/resume", dependencies=WRITES)
async def resume(here: Here, watch: str) -> Watched:
    """Look and tell again."""
    return _shown(here.simulation, await changed(lambda: here.store.watches.move(watch, "active")))


@router.post("/watches/{watch}/end", dependencies=WRITES)
async def end(here: Here, watch: str) -> Watched:
    """End a watch, for good."""
    return _shown(here.simulation, await changed(lambda: here.store.watches.move(watch, "ended")))


def inviting(request: Request, here: Installation) -> Invite:
    """Return what makes the mail that asks an address, in the name of who is signed in."""
    agent = agent_of(request)
    return invitation(
        here.settings.portal_url,
        here.territories.name_of,
        by=agent.shown if agent else None,
        simulation=here.simulation,
    )


async def changed(change: Callable[[], T]) -> T:
    """Do something to a watch. Raises 404 for one that is unknown, 409 once it has ended."""
    try:
        return await asyncio.to_thread(change)
    except UnknownError:
        raise HTTPException(404, UNKNOWN_WATCH) from None
    except TransitionError:
        raise HTTPException(409, ENDED) from None
