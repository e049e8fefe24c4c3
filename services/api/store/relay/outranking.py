"""Revisions that topics hold and that the small state never gave: ours are put above them.

Readers ignore what is older than what they hold. After a database was restored from a copy, or a
record was written by somebody else, they would ignore every change that people make, for good. So
who tells the topics also reads them: a row whose topic is ahead of it takes a revision above, and
is told again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import structlog
from sqlalchemy import select

from contracts.accounts import AccountRegistered
from contracts.event import next_revision
from contracts.topics import ACCOUNTS_REGISTERED, WATCHES, Topic
from contracts.watches import Watched
from libs.wire.tail import Tail
from libs.wire.wire import Wire
from services.api.store.marks import mark
from services.api.store.models import AccountRow, WatchRow
from services.api.store.store import Store

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
ACCOUNTS_AT_ONCE = 500


class Outranking:
    """Follows the topics that the outbox tells; `run` never returns."""

    def __init__(self, store: Store, wire: Wire) -> None:
        self._store = store
        self._seen: defaultdict[Topic, dict[str, int]] = defaultdict(dict)
        self._tails: Sequence[Tail[AccountRegistered] | Tail[Watched]] = (
            Tail(wire, ACCOUNTS_REGISTERED, AccountRegistered, self._take_account),
            Tail(wire, WATCHES, Watched, self._take_watch),
        )

    async def run(self) -> None:
        """Read what is there, then what comes; raises `KafkaError` where it cannot begin."""
        try:
            for tail in self._tails:
                await tail.start()
            while True:
                seen, self._seen = self._seen, defaultdict(dict)
                for topic, revisions in seen.items():
                    await asyncio.to_thread(outrank, self._store, topic, revisions)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for tail in self._tails:
                await tail.stop()

    def _take_account(self, account: AccountRegistered) -> None:
        self._take(ACCOUNTS_REGISTERED, account.account, account.revision)

    def _take_watch(self, watch: Watched) -> None:
        self._take(WATCHES, watch.watch, watch.revision)

    def _take(self, topic: Topic, key: str, revision: int) -> None:
        known = self._seen[topic]
        known[key] = max(known.get(key, 0), revision)


def outrank(store: Store, topic: Topic, seen: Mapping[str, int]) -> list[str]:
    """Put rows above the revisions that a topic holds of them; return the keys of those changed.

    What the topic holds of an account counts as published: of a person's it is told the end.
    """
    model = AccountRow if topic is ACCOUNTS_REGISTERED else WatchRow
    behind: list[str] = []
    for keys in _parts(list(seen)):
        with store.database.reading() as session:
            held = session.execute(select(model.id, model.revision).where(model.id.in_(keys)))
            behind += [key for key, revision in held if revision < seen[key]]
    for keys in _parts(behind):
        with store.database.writing() as session:
            for row in session.scalars(select(model).where(model.id.in_(keys))):
                log.warning("outranked", topic=topic.name, key=row.id, revision=row.revision,
                            by=seen[row.id])  # fmt: skip
                row.revision = next_revision(max(row.revision, seen[row.id]))
                if isinstance(row, AccountRow):
                    row.published_revision = max(row.published_revision, 1)
            mark(session, topic, keys, store.now())
    return behind


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (
        keys[start : start + ACCOUNTS_AT_ONCE] for start in range(0, len(keys), ACCOUNTS_AT_ONCE)
    )
