"""Notes on the curves of an account, as who looks at them may read them, numbered by their days."""

import asyncio
from dataclasses import dataclass

from fastapi import Request

from contracts.panels.ma_collectivite import FOLLOWERS
from services.api.entering.agent import agent_of
from services.api.pages.territories.account import Seen
from services.api.store import Store
from services.api.store.agents.notes import Note


@dataclass(frozen=True, slots=True)
class Noted:
    """A note and the number that it has, on curves and in the list below them."""

    number: str
    note: Note


def reader_of(request: Request, territory: str) -> str:
    """Return the territory if who asks is one of its agents, by a session alone; "" for others.

    (What a program or the operator is given without one, a cache on the way may keep.)
    """
    agent = agent_of(request)
    known = agent is not None and agent.session and agent.may("reading", territory)
    return territory if known else ""


async def noted(store: Store, account: str, at: Seen, own: str) -> list[Noted]:
    """Return the notes on the days that curves look at: public ones, and those of `own`."""
    first = at.first or FOLLOWERS.since(at.last)
    found = await asyncio.to_thread(store.notes.of_account, account, first, at.last, own)
    return [Noted(str(number), one) for number, one in enumerate(found, 1)]
