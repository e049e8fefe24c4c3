"""What became of connections of accounts, as the collector tells it: until when, refused or not."""

import asyncio

from contracts.accounts import AccountRenewed
from contracts.topics import ACCOUNTS_RENEWED
from libs.wire.tail import Tail
from libs.wire.wire import Wire
from services.api.store.store import Store

LOOK_SECONDS = 0.5


class Renewals:
    """Follows the topic into the small state; `run` never returns."""

    def __init__(self, store: Store, wire: Wire) -> None:
        self._store = store
        self._seen: dict[str, AccountRenewed] = {}
        self._tail = Tail(wire, ACCOUNTS_RENEWED, AccountRenewed, self.take)

    def take(self, told: AccountRenewed) -> None:
        """Take what is said of an account; what was said before is replaced."""
        self._seen[told.account] = told

    async def run(self) -> None:
        """Read what is there, then what comes; raises `KafkaError` where it cannot begin."""
        try:
            await self._tail.start()
            while True:
                seen, self._seen = self._seen, {}
                if seen:
                    await asyncio.to_thread(self._store.connections.renewed, list(seen.values()))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._tail.stop()
