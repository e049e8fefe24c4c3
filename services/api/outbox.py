"""The relay of the outbox: tells each topic the present state of the keys that were marked.

One relay at a time (services/api/turn.py), for two could leave an older state behind a newer one in
a compacted topic. A row is removed only when its mark is the one that was read: what changed
meanwhile is told again. A crash between the topic's acknowledgement and the removal repeats a state
with its revision, which readers know already.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from contracts.event import Event
from contracts.topics import ACCOUNTS_REGISTERED, BY_NAME, MESSAGES_DUE, WATCHES, Topic
from services.api.store.account_events import published_event
from services.api.store.messages import message_event
from services.api.store.models import AccountRow, MessageRow, OutboxRow, WatchRow
from services.api.store.registering import with_parts
from services.api.store.store import Store
from services.api.store.watches import watch_event
from services.api.turn import Turn

TOLD = Counter("observatoire_outbox_told", "Keys whose present state was told to their topic.")
FAILURES = Gauge("observatoire_outbox_failures", "Failures of the relay since it last succeeded.")

log = structlog.get_logger(__name__)

BATCH = 500
POLL_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0


class Publisher(Protocol):
    """What the relay needs of the wire (contracts/wire.py): returns when the broker has them."""

    async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
        """Publish many events of one topic."""
        ...


@dataclass(frozen=True, slots=True)
class Pending:
    """One marked key, and the present state of what it stands for (None: nothing to tell)."""

    topic: Topic
    key: str
    mark: str
    event: Event | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many keys wait, and since when the oldest does."""

    keys: int
    oldest: datetime | None


class Relay:
    """Publishes what the outbox holds, again and again; health is `failing` and `backlog`."""

    def __init__(self, store: Store, wire: Publisher) -> None:
        self._store = store
        self._wire = wire
        self.failing: str | None = None

    async def run(self) -> None:
        """Relay until cancelled; waits while another process has the turn."""
        failures = 0
        with Turn(self._store.database) as turn:
            while True:
                told = 0
                try:
                    if await asyncio.to_thread(turn.mine):
                        told = await self.drain()
                    failures, self.failing = 0, None
                except Exception as error:
                    failures += 1
                    self.failing = f"{type(error).__name__}: {error}"
                    log.warning("outbox waits", error=self.failing, attempt=failures)
                FAILURES.set(failures)
                TOLD.inc(told)
                if not told:
                    await asyncio.sleep(min(LONGEST_WAIT_SECONDS, POLL_SECONDS * 2**failures))

    async def drain(self) -> int:
        """Tell all that is marked now, and return how many keys were told or dropped.

        Raises what the broker or the database raises; what is not told stays marked.
        """
        told = 0
        while pending := await asyncio.to_thread(read_pending, self._store):
            for topic in dict.fromkeys(one.topic for one in pending):
                events = [p.event for p in pending if p.topic is topic and p.event is not None]
                if events:
                    await self._wire.publish_all(topic, events)
            await asyncio.to_thread(settle, self._store, pending)
            told += len(pending)
        return told


def backlog(store: Store) -> Backlog:
    """What waits to be told, for `/metrics` and `/readyz`."""
    with store.database.reading() as session:
        keys, oldest = session.execute(
            select(func.count(), func.min(OutboxRow.since)).select_from(OutboxRow)
        ).one()
        return Backlog(keys, oldest)


def read_pending(store: Store, limit: int = BATCH) -> list[Pending]:
    """The keys that have waited longest, with their present states.

    An account counts as published from here on: after a crash we could not tell whether it was, and
    the end of what was published must be told.
    """
    query = select(OutboxRow).order_by(OutboxRow.since, OutboxRow.topic, OutboxRow.key).limit(limit)
    with store.database.writing() as session:
        rows = session.scalars(query).all()
        states: dict[tuple[str, str], Event] = {}
        for topic in (ACCOUNTS_REGISTERED, WATCHES, MESSAGES_DUE):
            keys = [row.key for row in rows if row.topic == topic.name]
            if keys:
                told = _states(store, session, topic, keys)
                states.update({(topic.name, key): event for key, event in told.items()})
        return [
            Pending(BY_NAME[row.topic], row.key, row.mark, states.get((row.topic, row.key)))
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
    if topic is WATCHES:
        watches = session.scalars(select(WatchRow).where(WatchRow.id.in_(keys)))
        return {row.id: watch_event(row, origin) for row in watches}
    if topic is MESSAGES_DUE:
        mails = session.scalars(select(MessageRow).where(MessageRow.id.in_(keys)))
        return {row.id: message_event(row, origin) for row in mails}
    accounts: dict[str, Event] = {}
    for row in session.scalars(with_parts().where(AccountRow.id.in_(keys))):
        # Marked as a collectivité's, then found to be a person's: it is not published at all.
        if row.owner_kind == "personne" and not row.published_revision:
            continue
        row.published_revision = row.revision
        accounts[row.id] = published_event(row, origin)
    return accounts
