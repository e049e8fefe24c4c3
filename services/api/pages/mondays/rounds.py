"""Makes the mails of a Monday, from 8 h in Paris on: each agent's once, whoever else goes round."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import structlog

from contracts.event import hashed_id
from libs.clock import PARIS
from services.api.entering.addresses import invented_roles
from services.api.installation import Installation
from services.api.pages.mondays.letter import letter
from services.api.pages.mondays.said import EIGHT, compose
from services.api.store.agents.mondays import MondayMail
from services.api.watching.regular.rounds import EVERY_SECONDS
from services.api.watching.regular.slots import LATE_AT_MOST, MONDAY, latest

log = structlog.get_logger(__name__)


def due(now: datetime) -> datetime | None:
    """Return the Monday, 8 h in Paris (UTC), whose mails are to be made; None at other times."""
    at = latest(EIGHT, PARIS, now)
    late = now - at > LATE_AT_MOST
    return None if late or at.astimezone(PARIS).weekday() != MONDAY else at


@dataclass(frozen=True, slots=True)
class MondayRounds:
    """Goes through who wants the mail; what is told of a territory is read once for all of them."""

    here: Installation

    async def run(self) -> None:
        """Go round until cancelled; what fails is tried at the next round."""
        while True:
            try:
                await self.go()
            except Exception:
                log.exception("mails of Monday not made, tried again")
            await self.here.clock.sleep(EVERY_SECONDS)

    async def go(self) -> int:
        """Make what is due now; return how many mails were made."""
        if (at := due(self.here.clock.now())) is None:
            return 0
        store, made = self.here.store, 0
        wanted = await asyncio.to_thread(store.mondays.all, at)
        told = await asyncio.to_thread(store.receiving.made, [_name(one, at) for one in wanted])
        left = [one for one in wanted if _name(one, at) not in told]
        for territory, group in groupby(left, lambda one: one.territory):
            try:
                made += await self._tell(territory, list(group), at)
            except Exception:  # whatever it is: other territories get theirs
                log.exception("mail of Monday not made, tried again", territory=territory)
        return made

    async def _tell(self, territory: str, group: list[MondayMail], at: datetime) -> int:
        here, made = self.here, 0
        if (place := here.territories.get(territory)) is None:
            return 0
        said = await compose(here, place, at)
        for one in group:
            if not await asyncio.to_thread(self._may, one):
                await asyncio.to_thread(here.store.mondays.leave, one.id)
                continue
            mail = letter(here.settings.portal_url, said, one.id, simulation=here.simulation)
            make = here.store.receiving.make
            made += await asyncio.to_thread(make, _name(one, at), one.address, "monday", mail)
        return made

    def _may(self, one: MondayMail) -> bool:
        """Tell whether who asked for it still acts for the territory."""
        domain, here = one.mailbox.domain, self.here
        invented = invented_roles(here.territories, domain) if here.simulation else {}
        roles = invented | here.store.entitled.roles(one.mailbox)
        return roles.get(one.territory, "none") != "none"


def _name(one: MondayMail, at: datetime) -> str:
    return hashed_id("monday", one.id, at.isoformat())
