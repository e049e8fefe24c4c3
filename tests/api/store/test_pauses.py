"""When a watch did not look is kept: it is no silence, and what is learnt of it is bounded."""

from contracts.watches import Pause
from services.api.store.watches import PAUSES_AT_MOST, PAUSES_KEPT
from tests.api.store.test_store_watches import DRAFT


def test_a_pause_is_told_from_its_begin_to_its_end(store, now):
    assert store.watches.create(DRAFT).pauses == ()
    begun = now.pass_(hours=1)
    assert store.watches.move("id1", "paused").pauses == (Pause(since=begun),)
    now.pass_(hours=1)
    assert store.watches.move("id1", "paused").pauses == (Pause(since=begun),)
    assert store.watches.update("id1", DRAFT).pauses == (Pause(since=begun),)
    ended = now.pass_(days=21)
    told = (Pause(since=begun, until=ended),)
    assert store.watches.move("id1", "active").pauses == told
    now.pass_(hours=1)
    assert store.watches.move("id1", "active").pauses == told
    again = now.pass_(hours=1)
    assert store.watches.move("id1", "paused").pauses == (*told, Pause(since=again))


def test_pauses_are_forgotten_once_nothing_is_compared_with_them(store, now):
    store.watches.create(DRAFT)
    for _ in range(PAUSES_AT_MOST + 5):
        store.watches.move("id1", "paused")
        now.pass_(minutes=1)
        store.watches.move("id1", "active")
    told = store.watches.get("id1")
    assert len(told.pauses) == PAUSES_AT_MOST
    now.pass_(days=PAUSES_KEPT.days, minutes=1)
    begun = now()
    assert store.watches.move("id1", "paused").pauses == (Pause(since=begun),)
