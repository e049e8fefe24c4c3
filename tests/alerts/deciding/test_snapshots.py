"""The snapshot that covers most is loaded, whoever wrote last."""

from datetime import UTC, datetime, timedelta

from contracts.alerts import DeciderState
from services.alerts.deciding.snapshots import keep_furthest
from tests.events import event

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def snapshot(offset: int, minutes: int = 0, generation: int = 0) -> DeciderState:
    return event(
        DeciderState, event_id=f"{offset}-{minutes}", watch="watch", offset=offset,
        generation=generation, saved_at=NOON + timedelta(minutes=minutes),
    )  # fmt: skip


def loaded(*rows: DeciderState) -> DeciderState | None:
    held: dict[str, DeciderState] = {}
    for row in rows:
        keep_furthest(held, row)
    return held.get("watch")


def test_a_paused_decider_does_not_take_back_what_its_successor_covered():
    assert loaded(snapshot(10), snapshot(25, 1), snapshot(12, 5)) == snapshot(25, 1)
    assert loaded(snapshot(10, 0, 7), snapshot(10, 5, 6)) == snapshot(10, 0, 7)


def test_of_two_that_cover_as_much_the_later_holds():
    assert loaded(snapshot(10), snapshot(10, 3)) == snapshot(10, 3)
    assert loaded(snapshot(10, 5, 6), snapshot(10, 0, 7)) == snapshot(10, 0, 7)
