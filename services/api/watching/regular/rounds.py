"""Makes the regular mails that are due: every half minute the watches are gone through.

Several processes may: each mail is made once (`store.receiving`), and relayed as any other.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from libs.clock import Clock, paris_day
from services.api.figures.queries import Figures
from services.api.figures.views import WATCH_ALERTS, WATCH_HOURS, WATCH_MATCHES, WATCH_SILENCES
from services.api.store import Store
from services.api.watching.letters.digests import digest
from services.api.watching.letters.seen import by_whom
from services.api.watching.proof_of_life import proof_of_life
from services.api.watching.regular.digest import COMPARED, Part
from services.api.watching.regular.duty_rounds import DutyRounds
from services.api.watching.regular.fact_rounds import FactRounds
from services.api.watching.regular.slots import Due, Told, due

log = structlog.get_logger(__name__)

EVERY_SECONDS = 30.0
TEXTS_READ = 5_000
"""Of a watch's span, the newest that are looked through."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """`place_of` names a territory by its code."""

    store: Store
    figures: Figures
    clock: Clock
    place_of: Callable[[str], str]
    portal_url: str
    simulation: bool

    async def run(self) -> None:
        """Go round until cancelled; what fails is tried at the next round."""
        while True:
            try:
                await self.go()
            except Exception:
                log.exception("regular mails not made, tried again")
            await self.clock.sleep(EVERY_SECONDS)

    async def go(self) -> int:
        """Make what is due now; return how many mails were made."""
        now = self.clock.now()
        watches = await asyncio.to_thread(self.store.watches.all)
        found = {one.name: one for one in due(watches, now)}
        known = await asyncio.to_thread(self.store.receiving.made, found)
        duty = DutyRounds(self.store, self.figures, self.portal_url, self.simulation)
        made = 0
        try:
            made += await duty.go(watches, now)
        except Exception:  # whatever it is: digests are made
            log.exception("mails of duty not made, tried again")
        known_by = self.store, self.figures, self.place_of, self.portal_url
        try:
            made += await FactRounds(*known_by, self.simulation).go(watches, now)
        except Exception:  # whatever it is: digests are made
            log.exception("facts of accounts not told, looked at again in an hour")
        for name in found.keys() - known:
            try:
                made += await self._tell(found[name], now)
            except Exception:  # whatever it is: others get theirs
                log.exception("digest not made, tried again", digest=name)
        return made

    async def _tell(self, one: Due, now: datetime) -> bool:
        parts = [await self._part(told, one.at, now) for told in one.watches]
        mail = digest(self.portal_url, one.address, parts, simulation=self.simulation)
        return await asyncio.to_thread(
            self.store.receiving.make, one.name, one.address, "watch_digest", mail
        )

    async def _part(self, told: Told, at: datetime, now: datetime) -> Part:
        """Read what happened to a watch in the days before `at`."""
        watch, days_told, since = told
        name = watch.watch
        # A text may come long after it was published.
        days = {"watch": name, "date_to": paris_day(at)}
        lately = days | {"date_from": paris_day(since - timedelta(days=2))}
        compared = days | {"date_from": paris_day(since - COMPARED)}
        seen = await asyncio.to_thread(self.store.acknowledgements.of_watch, name)
        texts, hours, alerts, silences, life = await asyncio.gather(
            self.figures.read(WATCH_MATCHES, TEXTS_READ, **lately),
            self.figures.read(WATCH_HOURS, None, **compared),
            self.figures.read(WATCH_ALERTS, None, **lately),
            self.figures.read(
                WATCH_SILENCES, watch=name, since=since.isoformat(), until=at.isoformat()
            ),
            proof_of_life(self.figures, watch, now),
        )
        return Part(
            watch=watch,
            place=self.place_of(watch.territory),
            at=at,
            since=since,
            days=days_told,
            texts=[one for one in texts if since < one.matched_at <= at],
            hours=hours,
            alerts=[one for one in alerts if since < one.raised_at <= at],
            silences=silences,
            seen={
                alert: by_whom(watch, one.who, masked=self.simulation)
                for alert, one in seen.items()
            },
            life=life,
        )
