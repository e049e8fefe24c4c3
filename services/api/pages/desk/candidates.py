"""Candidates of accounts, decided one after another by keyboard: accept, refuse, undo.

Each decision is a form: a script only presses its buttons. An account that a town's agents claim
comes first; who claims says where it can be checked.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.accounts import AccountRegistered, Ownership
from contracts.addresses import Refused, read_address
from contracts.territories import Territories
from services.api.census.likeness import SAID as HOW
from services.api.census.likeness import likenesses
from services.api.entering.agent import who
from services.api.pages.agents.team import place_of
from services.api.store import Store
from services.api.store.errors import TransitionError, UnknownError
from services.api.store.registry.accounts import AccountStore
from services.api.store.registry.claims import IMPOSTOR, Claim, Proof
from services.api.web.access import in_team, reads_territory, writes_territory
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.official import SOURCES

desk = APIRouter(dependencies=[Depends(in_team)])
router = APIRouter()

PAGE = "/bureau/comptes"
CANDIDATES_AT_ONCE = 25
"""Candidates shown together; those that follow come when these are decided."""

Choice = Literal["oui", "non", "usurpation", "personne"]
SAID: Mapping[Choice, tuple[str, str]] = {
    "oui": ("a", "accepté"),
    "non": ("r", "refusé : ce n’est pas le compte de la collectivité"),
    "usurpation": ("u", IMPOSTOR),
    "personne": ("p", "mis à part : compte d’une personne"),
}
"""Each choice: its key, and the reason that the registry keeps."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Accounts to decide of: their page, its title, and the buttons of choices, in order."""

    page: str
    title: str
    buttons: Mapping[Choice, str]
    suspected: bool


QUEUE = Queue(
    PAGE,
    "Comptes à examiner",
    {"oui": "Accepter", "non": "Refuser", "usurpation": "Usurpation", "personne": "Personnel"},
    suspected=False,
)


@desk.get(PAGE)
async def waiting(
    request: Request,
    here: Here,
    done: Annotated[str, Query(alias="fait", max_length=64)] = "",
    choice: Annotated[Choice, Query(alias="choix")] = "oui",
) -> Response:
    """Show the candidates, and the last decision, which can be undone."""
    return await shown(request, here.store, here.territories, QUEUE, done, choice)


async def shown(
    request: Request,
    store: Store,
    territories: Territories,
    queue: Queue,
    done: str,
    choice: Choice,
) -> Response:
    """Show a queue."""
    accounts = store.accounts
    decided_last = await asyncio.to_thread(accounts.get, done) if done else None
    candidates = await asyncio.to_thread(
        accounts.candidates, CANDIDATES_AT_ONCE, suspected=queue.suspected
    )
    return page(
        request,
        "bureau_comptes.html",
        queue=queue,
        candidates=candidates,
        like=await likenesses(store, [one.account for one in candidates]),
        how=HOW,
        left=await asyncio.to_thread(accounts.waiting, suspected=queue.suspected),
        decided=decided_last,
        said={one: (label, *SAID[one]) for one, label in queue.buttons.items()},
        choice=choice,
        sources=SOURCES,
        names=territories,
    )


@desk.post("/bureau/comptes/{account}")
async def decide(
    request: Request, here: Here, account: str, choice: Annotated[Choice, Form(alias="choix")]
) -> Response:
    """Decide of a candidate, and come back to the one that follows."""
    return await decided(request, here.store, QUEUE, account, choice)


async def decided(
    request: Request, store: Store, queue: Queue, account: str, choice: Choice
) -> Response:
    """Decide of an account of a queue, and come back to it."""
    try:
        await asyncio.to_thread(_decided, store.accounts, account, choice, who(request))
    except UnknownError:
        raise HTTPException(404, "Ce compte n’est pas au registre.") from None
    except TransitionError:
        raise HTTPException(409, "Quelqu’un a déjà décidé de ce compte.") from None
    return RedirectResponse(f"{queue.page}?fait={account}&choix={choice}", 303)


@desk.post("/bureau/comptes/{account}/annuler")
async def undo(request: Request, here: Here, account: str) -> Response:
    """Take one's own last decision back: the account waits again, where it waited."""
    try:
        await asyncio.to_thread(here.store.accounts.take_back, account, by=who(request))
        again = await asyncio.to_thread(here.store.accounts.history, account)
    except UnknownError:
        raise HTTPException(404, "Ce compte n’est pas au registre.") from None
    except TransitionError:
        raise HTTPException(409, "La dernière décision n’est pas la vôtre.") from None
    back = "/bureau/usurpations" if again.suspected else PAGE
    return RedirectResponse(f"{back}#c-{account}", 303)


def _decided(accounts: AccountStore, account: str, choice: Choice, by: str) -> AccountRegistered:
    reason, known = SAID[choice][1], accounts.get(account)
    if known is not None and (known.state, known.owner_kind) != ("candidate", "collectivité"):
        raise TransitionError(account)
    if choice == "personne":
        return accounts.set_owner_kind(account, "personne", reason=reason, by=by)
    return accounts.move(
        account, "verified" if choice == "oui" else "refused", reason=reason, by=by
    )


# « C’est notre compte »: what a territory's agents claim.


@router.get("/equipe/{code}/comptes", dependencies=[Depends(reads_territory)])
async def accounts_of(request: Request, here: Here, code: str) -> Response:
    """Show what the registry has of a territory, and a form to claim what it lacks."""
    place = place_of(here.territories, code)
    return page(
        request,
        "comptes_collectivite.html",
        place=place,
        accounts=await asyncio.to_thread(here.store.accounts.of_territory, code),
    )


@router.post("/equipe/{code}/comptes", dependencies=[Depends(writes_territory)])
async def claim(
    request: Request,
    here: Here,
    code: str,
    typed: Annotated[str, Form(alias="adresse", max_length=500)],
    proof: Annotated[str, Form(alias="preuve", min_length=10, max_length=500)],
) -> Response:
    """Bring an account to the desk, as the territory's; one that is another's is not touched."""
    place = place_of(here.territories, code)
    read = read_address(typed)
    if isinstance(read, Refused):
        raise HTTPException(422, read.refusal.sentence)
    here.throttles.teams.take(request, code)
    known = await asyncio.to_thread(here.store.accounts.find, read)
    if known is not None and known.state != "candidate":
        raise HTTPException(
            409,
            "Ce compte est déjà au registre, et quelqu’un l’a examiné : dites ce qui est faux par "
            "« Signaler une erreur ».",
        )
    claimed = Claim(
        read,
        (Ownership(territory=place.code),),
        Proof("claim", proof.strip(), here.store.now(), who(request)),
        reason="demande d’un agent",
    )
    await asyncio.to_thread(here.store.accounts.register, claimed)
    return RedirectResponse(f"/equipe/{code}/comptes", 303)
