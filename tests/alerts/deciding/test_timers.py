"""Moments at which watches are looked at: one each, however often it is put."""

from datetime import timedelta

from services.alerts.deciding.timers import ENTRIES_FEW, Timers
from tests.alerts.builders import NOW

HOUR = timedelta(hours=1)


def test_each_watch_is_due_at_the_moment_put_last():
    timers = Timers()
    timers.put("w1", NOW + HOUR)
    timers.put("w2", NOW)
    timers.put("w1", NOW + 3 * HOUR)
    timers.put("w2", NOW + 2 * HOUR)
    assert timers.take(NOW + HOUR) == set()
    assert timers.take(NOW + 2 * HOUR) == {"w2"}
    timers.put("w2", NOW + 2 * HOUR)
    assert timers.take(NOW + 3 * HOUR) == {"w1", "w2"}
    assert timers.take(NOW + 9 * HOUR) == set()


def test_a_moment_put_again_is_one_and_others_replace_it():
    """A watch that waited for the morning had an entry for each text of the night."""
    timers = Timers()
    for _ in range(10 * ENTRIES_FEW):
        timers.put("w1", NOW + HOUR)
    assert len(timers) == 1
    for minute in range(10 * ENTRIES_FEW):
        timers.put("w1", NOW + timedelta(minutes=minute))
    assert len(timers) <= ENTRIES_FEW + 2
    timers.clear()
    assert timers.take(NOW + 1_000 * HOUR) == set()
