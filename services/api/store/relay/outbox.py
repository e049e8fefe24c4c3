"""The relay of the outbox: tells each topic the present state of the keys that were marked.

One relay at a time (services/api/store/relay/relay_lock.py), for two could leave an older state
behind a newer one in a compacted topic. A row is removed only when its mark is the one that was
read: what changed meanwhile is told again. A crash between the topic's acknowledgement and the
removal repeats a state with its revision, which readers know already. What is larger than the
broker takes is passed over until it changes, and said (`passed_over`): it holds back nothing else.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contracts.event import Event
from contracts.topics import (
    ACCOUNTS_CONNECTED,
    ACCOUNTS_REGISTERED,
    MESSAGES_DUE,
    WATCHES,
    Topic,
)
from libs.background import backoff
from libs.wire.wire import Wire, refusal
from services.api.metrics import OUTBOX_FAILURES, OUTBOX_TOLD
from services.api.store.agents.connections import connection_events
from services.api.store.messages import message_event
from services.api.store.models import AccountRow, MessageRow, OutboxRow, WatchRow
from services.api.store.registry.account_events import published_event
from services.api.store.registry.registering import with_parts
from services.api.store.relay.recipients import recipients_key, sealed_watch
from services.api.store.relay.relay_lock import RelayLock
from services.api.store.store import Store
from services.api.store.watches import watch_event

log = structlog.get_logger(__name__)

EVENTS_AT_ONCE = 500
_TOLD = {
    topic.name: topic for topic in (ACCOUNTS_REGISTERED, ACCOUNTS_CONNECTED, WATCHES, MESSAGES_DUE)
}
NAMED = 5
"""Keys that are passed over, at most, that `passed_over` names."""
POLL_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
"""Between two looks at what is to be told, and at most after failures."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One marked key, and the present state of what it stands for (None: nothing to tell)."""

    topic: Topic
    key: str
    mark: str
    event: Event | None

    @property
    def refusal(self) -> str | None:
        """Say why the broker would refuse it; None when it would not."""
        if self.event is None:
            return None
        return refusal(self.topic, self.event.key.encode(), self.event.encode())


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many keys wait, and since when the oldest does."""

    keys: int
    oldest: datetime | None


class Relay:
    """Publishes what the outbox holds, again and again.

    `trouble` is why nothing is told, None while all goes well; `rounds_at` when the last round
    ended, None before the first.
    """

    def __init__(self, store: Store, wire: Wire, seconds: Callable[[], float] = monotonic) -> None:
        self.trouble: str | None = None
        self.rounds_at: float | None = None
        self._seconds = seconds
        self._store = store
        self._wire = wire
        self._refused: dict[str, str] = {}

    @property
    def passed_over(self) -> str | None:
        """Say which keys are passed over, None where none is."""
        if not self._refused:
            return None
        return f"{len(self._refused)} passed over: {'; '.join([*self._refused.values()][:NAMED])}"

    async def run(self) -> None:
        """Relay until cancelled; waits while another process has the lock."""
        failures = 0
        with RelayLock(self._store.database) as lock:
            while True:
                told, self.rounds_at = 0, self._seconds()
                try:
                    if await asyncio.to_thread(lock.acquire):
                        told = await self.drain()
                    failures, self.trouble = 0, None
                except Exception as error:
                    failures += 1
                    self.trouble = f"{type(error).__name__}: {error}"
                    log.warning("outbox waits", error=self.trouble, attempt=failures)
                OUTBOX_FAILURES.set(failures)
                OUTBOX_TOLD.inc(told)
                if not told:
                    await asyncio.sleep(backoff(failures, POLL_SECONDS, LONGEST_WAIT_SECONDS))

    async def drain(self) -> int:
        """Tell all that is marked now, and return how many keys were told or dropped.

        Raises what the broker or the database raises; what is not told stays marked.
        """
        if self._refused:
            still = await asyncio.to_thread(still_marked, self._store, self._refused)
            self._refused = {mark: why for mark, why in self._refused.items() if mark in still}
        told = 0
        while pending := await asyncio.to_thread(read_pending, self._store, passing=self._refused):
            for topic in dict.fromkeys(one.topic for one in pending):
                told += await self._tell(topic, [one for one in pending if one.topic is topic])
                self.rounds_at = self._seconds()
        return told

    async def _tell(self, topic: Topic, pending: Sequence[Pending]) -> int:
        """Publish keys of one topic together, and return how many are settled.

        What is too large is never sent: a batch that the broker refuses leaves a gap in the numbers
        of an idempotent producer, and it refuses all that comes after on that partition.
        """
        good: list[Pending] = []
        for one in pending:
            if refusal := one.refusal:
                self._pass_over(one, refusal)
            else:
                good.append(one)
        if events := [one.event for one in good if one.event is not None]:
            await self._wire.publish_all(topic, events)
        await asyncio.to_thread(settle, self._store, good)
        return len(good)

    def _pass_over(self, one: Pending, why: str) -> None:
        self._refused[one.mark] = f"{one.topic.name} {one.key}: {why}"
        log.error("passed over", topic=one.topic.name, key=one.key, why=why)


def still_marked(store: Store, marks: Collection[str]) -> set[str]:
    """Return which of these marks are still in the outbox: a key that changed has another."""
    with store.database.reading() as session:
        return set(session.scalars(select(OutboxRow.mark).where(OutboxRow.mark.in_(marks))))


def backlog(store: Store) -> Backlog:
    """What waits to be told, for `/metrics` and `/readyz`."""
    with store.database.reading() as session:
        keys, oldest = session.execute(
            select(func.count(), func.min(OutboxRow.since)).select_from(OutboxRow)
        ).one()
        return Backlog(keys, oldest)


def read_pending(
    store: Store, limit: int = EVENTS_AT_ONCE, passing: Collection[str] = ()
) -> list[Pending]:
    """The keys that have waited longest, with their present states; `passing` over some marks.

    An account counts as published from here on: after a crash we could not tell whether it was, and
    if it was, its end must be published too.
    """
    # What a newer version told by another topic waits for that version, and is counted meanwhile.
    query = select(OutboxRow).where(OutboxRow.mark.not_in(passing), OutboxRow.topic.in_(_TOLD))
    query = query.order_by(OutboxRow.since, OutboxRow.topic, OutboxRow.key).limit(limit)
    with store.database.writing() as session:
        rows = session.scalars(query).all()
        states: dict[tuple[str, str], Event] = {}
        for topic in _TOLD.values():
            keys = [row.key for row in rows if row.topic == topic.name]
            if keys:
                told = _states(store, session, topic, keys)
                states.update({(topic.name, key): event for key, event in told.items()})
        return [
            Pending(_TOLD[row.topic], row.key, row.mark, states.get((row.topic, row.key)))
            for row in rows
        ]


def settle(store: Store, told: Sequence[Pending]) -> None:
    """Remove the rows whose mark is the one that was told, and the mails that have gone."""
    sent = [one.key for one in told if one.topic is MESSAGES_DUE]
    with store.database.writing() as session:
        session.execute(delete(OutboxRow).where(OutboxRow.mark.in_([one.mark for one in told])))
        if sent:
            session.execute(delete(MessageRow).where(MessageRow.id.in_(sent)))


def _states(store: Store, session: Session, topic: Topic, keys: Sequence[str]) -> dict[str, Event]:
    origin = store.origin
    if topic is ACCOUNTS_CONNECTED:
        return {**connection_events(session, keys, origin)}
    if topic is WATCHES:
        watches = session.scalars(select(WatchRow).where(WatchRow.id.in_(keys)))
        key = recipients_key(session)
        return {row.id: sealed_watch(watch_event(row, origin), store.seal, key) for row in watches}
    if topic is MESSAGES_DUE:
        mails = session.scalars(select(MessageRow).where(MessageRow.id.in_(keys)))
        return {row.id: message_event(row, origin, store.seal) for row in mails}
    accounts: dict[str, Event] = {}
    for row in session.scalars(with_parts().where(AccountRow.id.in_(keys))):
        # Marked as a collectivité's, then found to be a person's: it is not published at all.
        if row.owner_kind == "personne" and not row.published_revision:
            continue
        row.published_revision = row.revision
        accounts[row.id] = published_event(row, origin)
    return accounts
