"""A watch recognises what it saw and counts any window, also after a snapshot."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.deciding import sightings as module
from libs.deciding.sightings import COUNTS_KEPT, Sightings

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTES = st.integers(min_value=-60 * 24 * 30, max_value=0)
SEEN = st.lists(st.tuples(st.integers(0, 30), MINUTES, st.booleans()), max_size=60)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def seen(items: list[tuple[int, int, bool]]) -> tuple[Sightings, dict[str, int]]:
    """Return sightings and, by a naive dict, the subjects that count and their minute."""
    sightings, counted, known = Sightings(), dict[str, int](), set[str]()
    for number, minute, deleted in items:
        subject = f"s{number}"
        assert sightings.see(subject, at(minute)) == (subject not in known)
        if subject not in known:
            counted[subject] = minute
        known.add(subject)
        if deleted:
            sightings.delete(subject)
            counted.pop(subject, None)
    return sightings, counted


@given(SEEN, MINUTES, st.integers(1, 3000))
def test_counts_are_those_of_a_naive_reading(items, start, length):
    sightings, counted = seen(items)
    expected = sum(start < minute <= start + length for minute in counted.values())
    for same in (sightings, Sightings.unpack(sightings.pack(), sightings.hours())):
        same.prune(NOON)
        assert same.count(at(start), at(start + length)) == expected
        assert all(f"s{number}" in same for number, _, _ in items)


def test_beyond_the_limit_hours_remain(monkeypatch):
    monkeypatch.setattr(module, "SUBJECTS_MOST", 10)
    sightings = Sightings()
    for number in range(70):
        sightings.see(f"s{number}", at(number - 200))
    sightings.prune(NOON)
    assert len(sightings) == 10
    again = Sightings.unpack(sightings.pack(), sightings.hours())
    assert again.count(at(-241), at(0)) == 70
    assert again.count(at(-181), at(-121)) == 50
    assert "s69" in again
    assert "s0" not in again


def test_five_weeks_are_kept():
    sightings = Sightings()
    sightings.see("old", NOON - COUNTS_KEPT - timedelta(minutes=2))
    sightings.see("young", NOON - COUNTS_KEPT + timedelta(minutes=2))
    sightings.prune(NOON)
    assert "old" not in sightings
    assert "young" in sightings
    assert sightings.earliest() == NOON - COUNTS_KEPT + timedelta(minutes=2)
