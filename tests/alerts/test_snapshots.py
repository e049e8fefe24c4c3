"""The snapshot that covers most is loaded, whoever wrote last."""

from datetime import UTC, datetime, timedelta

from contracts.alerts import DeciderState
from services.alerts.snapshots import keep_furthest

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def snapshot(offset: int, minutes: int = 0) -> DeciderState:
    return DeciderState(
        event_id=f"{offset}-{minutes}",
        origin="simulation",
        watch="watch",
        partition=0,
        offset=offset,
        saved_at=NOON + timedelta(minutes=minutes),
    )


def loaded(*rows: DeciderState | None) -> DeciderState | None:
    held: dict[str, DeciderState] = {}
    for row in rows:
        keep_furthest(held, "watch", row.encode() if row else None)
    return held.get("watch")


def test_a_paused_decider_does_not_take_back_what_its_successor_covered() -> None:
    assert loaded(snapshot(10), snapshot(25, 1), snapshot(12, 5)) == snapshot(25, 1)


def test_of_two_that_cover_as_much_the_later_holds() -> None:
    assert loaded(snapshot(10), snapshot(10, 3)) == snapshot(10, 3)


def test_a_tombstone_forgets_the_watch() -> None:
    assert loaded(snapshot(10), None) is None
