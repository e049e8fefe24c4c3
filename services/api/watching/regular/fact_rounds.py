"""Tells what happens to the accounts of a territory to the watches that ask for it, each once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.event import hashed_id
from contracts.watches import Watched
from libs.deciding.duty import told
from libs.deciding.hours import quiet_until, zone_of
from libs.french import PARIS, month, sentence_case
from services.api.figures.queries import Figures
from services.api.figures.rows import KnownAccount
from services.api.figures.territory_months import territory_months
from services.api.figures.views import (
    ACCOUNT_DAYS,
    ACCOUNT_POSTS,
    PERIODS,
    TERRITORY_ACCOUNTS,
)
from services.api.store import Store
from services.api.watching.letters.mails import about
from services.api.watching.regular import account_facts
from services.api.watching.regular.account_facts import Fact

POSTS_SPAN, DAYS_SPAN = timedelta(days=90), timedelta(days=10)
POSTS_READ = 200
"""Posts of an account looked at."""


@dataclass(frozen=True, slots=True)
class FactRounds:
    """Looks once an hour at each watch that asks; mails are made once each, by their names."""

    store: Store
    figures: Figures
    place_of: Callable[[str], str]
    portal_url: str
    simulation: bool

    async def go(self, watches: Sequence[Watched], now: datetime) -> int:
        """Make what is due now; return how many mails were made. In quiet hours nothing is."""
        made = 0
        for watch in watches:
            if not watch.facts or watch.state != "active":
                continue
            if watch.quiet and quiet_until(watch.quiet, now, zone_of(watch)):
                continue
            if await self._looks(watch, now):
                for fact in await self._facts(watch, now):
                    made += await self._tell(watch, fact, now)
        return made

    async def _looks(self, watch: Watched, now: datetime) -> bool:
        """Tell whether it is for this process to look, at this hour."""
        hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
        name = hashed_id("facts", watch.watch, hour)
        return await asyncio.to_thread(self.store.receiving.make, name, "", "account_facts", None)

    async def _facts(self, watch: Watched, now: datetime) -> list[Fact]:
        found: list[Fact] = []
        wanted = frozenset(watch.facts)
        if wanted & {"silence", "drop", "viral"}:
            known = await self.figures.read(TERRITORY_ACCOUNTS, territory=watch.territory)
            for account in known:
                if account.official:
                    found += await self._of_account(watch, account, now)
        if "month" in wanted:
            found += await self._month(watch, now)
        if "impostor" in wanted:
            passing = await asyncio.to_thread(self.store.accounts.impostors, watch.territory)
            found += account_facts.impostors(passing, now)
        return found

    async def _of_account(self, watch: Watched, account: KnownAccount, now: datetime) -> list[Fact]:
        def span(since: timedelta) -> dict[str, str]:
            days = (now - since).astimezone(PARIS).date(), now.astimezone(PARIS).date()
            first, last = (one.isoformat() for one in days)
            return {"account": account.account, "date_from": first, "date_to": last}

        found: list[Fact] = []
        if {"silence", "viral"} & {*watch.facts}:
            posts = await self.figures.read(ACCOUNT_POSTS, POSTS_READ, **span(POSTS_SPAN))
            if "silence" in watch.facts:
                found += account_facts.silence(account, posts, now)
            if "viral" in watch.facts:
                found += account_facts.viral(account, posts, now)
        if "drop" in watch.facts:
            days = await self.figures.read(ACCOUNT_DAYS, None, **span(DAYS_SPAN))
            found += account_facts.drop(account, days, now)
        return found

    async def _month(self, watch: Watched, now: datetime) -> Iterator[Fact]:
        months = await self.figures.read(PERIODS)
        last = max(months, key=lambda one: one.period, default=None)
        if last is None or now - last.computed_at > account_facts.NEWS:
            return iter(())
        scores = (await territory_months(self.figures, watch.territory)).of(last.period)
        return account_facts.month(last.period, sentence_case(month(last.period)), scores)

    async def _tell(self, watch: Watched, fact: Fact, now: datetime) -> int:
        made, place = 0, self.place_of(watch.territory)
        for one in told(watch, now):
            links = {"Voir": fact.address} if fact.address else {}
            mail = about(
                self.portal_url, watch, one.address, f"{fact.subject} · {place}", fact.sentences,
                links, simulation=self.simulation,
            )  # fmt: skip
            # Several watches of a territory tell one person once.
            name = hashed_id("fact", fact.name, watch.territory, one.address)
            make = self.store.receiving.make
            made += await asyncio.to_thread(make, name, one.address, "account_fact", mail)
        return made
