"""Who listens to what a search found: the watches, and the accounts that are read anyway.

Kept is what some watch may concern, as of a stream; and of whom the registry knows nothing: the
posts of an account that it knows are read as its own, and would be told twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from contracts.accounts import AccountRegistered
from contracts.event import Event
from contracts.jobs import JobGranted
from contracts.mentions import MentionObserved
from contracts.networks import NETWORKS
from contracts.topics import ACCOUNTS_REGISTERED, WATCHES
from contracts.watches import Watched
from libs.matching.sieve import CurrentSieve
from libs.wire.table import Table
from libs.wire.wire import Wire
from services.collector.readers.reader import Failure, Parsed, failed_parse

LOOK_EVERY = 1.0
SEARCHED = {network.slug for network in NETWORKS if network.search is not None}


class Hearing:
    """The watches and the names of registered accounts, as they are now. `run` reads them."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.ready = False
        self._watched: Mapping[str, Watched] = {}
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._of: dict[str, AccountRegistered] = {}
        # Sieves are made beside the loop, which goes on taking watches.
        self._sieves = {slug: CurrentSieve(slug, lambda: dict(self._watched)) for slug in SEARCHED}

    @property
    def watches(self) -> Mapping[str, Watched]:
        """Return the watches as they are now; none before they are read."""
        return self._watched

    async def run(self) -> None:
        """Read both for ever.

        Raises `KafkaError` without a broker, `RuntimeError` once one of them is read no more.
        """
        watches = Table(self._wire, WATCHES, Watched)
        accounts: Table[AccountRegistered]

        def registered(account: str, row: AccountRegistered | None) -> None:
            accounts.rows.pop(account, None)  # names alone are kept, in little room
            self._register(account, row)

        accounts = Table(self._wire, ACCOUNTS_REGISTERED, AccountRegistered, on_change=registered)
        try:
            await watches.start()
            await accounts.start()
            self._watched, self.ready = watches.rows, True
            while not (failed := watches.failed or accounts.failed):  # noqa: ASYNC110 — they tell nobody
                await asyncio.sleep(LOOK_EVERY)
            raise RuntimeError(f"watches or accounts are no longer read: {failed}")
        finally:
            self.ready = False
            await asyncio.gather(watches.stop(), accounts.stop())

    def heard(self, job: JobGranted, found: Parsed) -> Parsed:
        """Return what is kept of what a search found; later, where nobody knows yet what is."""
        if not self.ready:
            return failed_parse(job, Failure("unavailable", "the watches are not read yet"))
        sieve, known = self._sieves[job.network].get(), self._names[job.network]

        def kept(event: Event) -> bool:
            if not isinstance(event, MentionObserved):
                return True
            speaker = found.speakers.get(event.mention, "").casefold()
            return speaker not in known and sieve.passes(f"{event.title or ''}\n{event.text}")

        return replace(found, events=tuple(pair for pair in found.events if kept(pair[1])))

    def _register(self, account: str, row: AccountRegistered | None) -> None:
        if (before := self._of.pop(account, None)) is not None:
            self._names[before.network] -= {name.casefold() for name in before.names}
        if row is not None and row.network in SEARCHED:
            self._of[account] = row
            self._names[row.network] |= {name.casefold() for name in row.names}
