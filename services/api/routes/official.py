"""Whether an account is official: the registry's answer to an address, with its sources."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from contracts.addresses import Refused, read_address
from contracts.addresses.fiction import spoken
from services.api.census.likeness import resembling
from services.api.store import Store
from services.api.store.registry.claims import Source
from services.api.web.parameters import Here
from services.api.words.official import VERDICTS, Official, Verdict, official

router = APIRouter(tags=["comptes"])

ADDRESS_CHARACTERS = 500
"""Characters of an address."""


class OfficialProof(BaseModel):
    """A source that names the account: which, where it stood, when it was last seen (UTC)."""

    source: Source
    reference: str
    last_seen_at: datetime


class OfficialAnswer(BaseModel):
    """What the registry says of an address; `territories` are codes, the home first.

    `imitates` are those for which an impostor passes, or whose account it `resembles` (an address).
    """

    verdict: Verdict
    meaning: str
    network: str | None
    address: str | None
    territories: list[str]
    imitates: list[str]
    resembles: str | None
    proofs: list[OfficialProof]


@router.get("/official")
async def ask(
    request: Request,
    here: Here,
    address: Annotated[str, Query(min_length=1, max_length=ADDRESS_CHARACTERS)],
) -> OfficialAnswer:
    """Say whether an account is official, by what proof."""
    here.throttles.questions.take(request)
    told, why = await answer(here.store, address)
    return OfficialAnswer(
        verdict=told.verdict,
        meaning=VERDICTS[told.verdict][1] or why,
        network=told.network,
        address=told.address,
        territories=list(told.territories),
        imitates=list(told.imitates),
        resembles=told.resembles,
        proofs=[OfficialProof.model_validate(one, from_attributes=True) for one in told.proofs],
    )


async def answer(store: Store, address: str) -> tuple[Official, str]:
    """Return what the registry says of an address, and why it is none where it is not."""
    read = read_address(spoken(address) if store.origin == "simulation" else address)
    if isinstance(read, Refused):
        return Official("not_an_account"), read.refusal.sentence
    accounts = store.accounts
    known = await asyncio.to_thread(accounts.find, read)
    history = await asyncio.to_thread(accounts.history, known.account) if known else None
    told = official(history)
    if told.address is not None:
        return told, ""
    if (like := await resembling(store, read)) is None:
        return Official(told.verdict, read.network, read.address), ""
    whom = (like.known.territory,)
    address = like.known.address
    return Official("resembles", read.network, read.address, (), (), whom, address), ""
