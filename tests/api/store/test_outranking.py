"""Topics that are ahead of the small state: after a restore, or by a record of somebody else's."""

import asyncio

import pytest

from contracts.event import HIGHEST_COUNT
from contracts.territories import Territories
from contracts.topics import ACCOUNTS_REGISTERED, WATCHES
from contracts.watches import Watched
from libs.wire.table import Table
from services.api.small_state import SmallState
from services.api.store import Store
from services.api.store.relay.outbox import read_pending, settle
from services.api.store.relay.outranking import outrank
from tests.alerts.fakes import MemoryWire
from tests.api.store.test_outbox import DRAFT, claim
from tests.deadlines import until
from tests.suites.memory import MemoryLog


def told(store: Store) -> list[tuple[str, int]]:
    """What the relay would tell now: key and revision; told."""
    pending = read_pending(store)
    settle(store, pending)
    return [(one.key, one.event.revision) for one in pending if one.event]


@pytest.mark.parametrize("held", [2, 5, 10**6, 2**40, HIGHEST_COUNT - 1])
def test_a_row_goes_above_what_its_topic_holds(store, now, held):
    watch = store.watches.create(DRAFT, ()).watch
    account = store.accounts.register(claim(now, state="verified")).account.account
    told(store)
    assert outrank(store, WATCHES, {watch: held, "nobody": held}) == [watch]
    assert outrank(store, ACCOUNTS_REGISTERED, {account: held, "nobody": held}) == [account]
    assert sorted(told(store)) == sorted([(account, held + 1), (watch, held + 1)])
    store.watches.move(watch, "paused")
    assert told(store) == [(watch, min(held + 2, HIGHEST_COUNT))]


@pytest.mark.parametrize("held", [0, 1])
def test_what_the_topic_was_told_changes_nothing(store, now, held):
    watch = store.watches.create(DRAFT, ()).watch
    account = store.accounts.register(claim(now, state="verified")).account.account
    told(store)
    assert outrank(store, WATCHES, {watch: held}) == []
    assert outrank(store, ACCOUNTS_REGISTERED, {account: held}) == []
    assert told(store) == []


def test_the_highest_is_equalled_and_the_last_of_equals_holds(store):
    watch = store.watches.create(DRAFT, ()).watch
    told(store)
    outrank(store, WATCHES, {watch: HIGHEST_COUNT})
    assert told(store) == [(watch, HIGHEST_COUNT)]
    store.watches.move(watch, "paused")
    assert told(store) == [(watch, HIGHEST_COUNT)]


def test_a_persons_account_that_somebody_told_is_refused_there(store, now):
    """It was never published by us: whoever published it is answered."""
    store.accounts.register(claim(now, owner_kind="personne"))
    assert told(store) == []
    outrank(store, ACCOUNTS_REGISTERED, {"id1": 7})
    (pending,) = read_pending(store)
    assert (pending.event.state, pending.event.revision) == ("refused", 8)


async def test_what_people_change_is_heard_whatever_stands_in_the_topic(tmp_path, now):
    """Before, readers kept the row of the highest revision for good."""
    log = MemoryLog()
    wire, store = MemoryWire(log), Store(f"sqlite:///{tmp_path}/s.db", origin="simulation", now=now)
    store.migrate()
    created = store.watches.create(DRAFT, ())
    state = SmallState(store, wire, Territories.load())
    table = Table(MemoryWire(log), WATCHES, Watched)
    await state.start()
    await table.start()
    try:
        await until(lambda: created.watch in table.rows)
        hidden = created.model_copy(update={"revision": HIGHEST_COUNT, "name": "somebody's"})
        log.append(WATCHES.on("simulation"), hidden.encode(), hidden.key.encode())
        await until(lambda: table.rows[created.watch].name == "somebody's")
        await until(lambda: table.rows[created.watch].name == "Eau")
        await asyncio.to_thread(store.watches.move, created.watch, "paused")
        await until(lambda: table.rows[created.watch].state == "paused")
    finally:
        await table.stop()
        await state.stop()
