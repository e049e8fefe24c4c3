"""What is proposed while somebody types in the search: some territories, and their pages."""

import asyncio
from collections.abc import Callable
from typing import Annotated, NamedTuple

from cachetools import LRUCache
from fastapi import APIRouter, Query, Request

from contracts.territories import Territories, Territory
from libs import french
from libs.french import NO_BREAK
from libs.matching.asked import search
from services.api.web.parameters import Here

router = APIRouter()

CHARACTERS_LEAST = 3
"""Signs from which something is proposed; the script of the pages waits for as many."""
SUGGESTIONS_SHOWN = 8
"""Places suggested below what is typed."""

LOOKED_AT = 60
"""Territories among which those that are measured come first."""

_kept: LRUCache[tuple[Territories, bool, str], list["Suggestion"]] = LRUCache(5_000)


class Suggestion(NamedTuple):
    """A territory as it is proposed: its name, what it is, its page."""

    name: str
    told: str
    address: str


@router.get("/recherche/propositions")
async def suggest(
    request: Request, here: Here, q: Annotated[str, Query(max_length=60)] = ""
) -> list[Suggestion]:
    """Give what a text that is being typed may become."""
    typed = q.strip().lower()
    if len(typed) < CHARACTERS_LEAST:
        return []
    here.throttles.suggestions.take(request)
    key = (here.territories, here.simulation, typed)
    if key not in _kept:
        _kept[key] = await asyncio.to_thread(suggested, here.territories, here.measured, typed)
    return _kept[key]


def suggested(
    territories: Territories, measured: Callable[[Territory], bool], typed: str
) -> list[Suggestion]:
    """Return what may be meant, those that are measured here first, then as the search has it."""
    found = search(territories, typed, limit=LOOKED_AT)
    found.sort(key=lambda one: not measured(one))
    return [
        Suggestion(
            territories.place(one),
            one.category.singular
            + (f", {french.number(one.population)}{NO_BREAK}habitants" if one.population else ""),
            f"/territoires/{one.code}",
        )
        for one in found[:SUGGESTIONS_SHOWN]
    ]
