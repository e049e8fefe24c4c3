"""What is told as unusual, and what is not."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.watches import SENSITIVITIES
from libs.deciding.peak import WEEK, Counted, Verdict, ends_before, same_hours, verdict_of
from libs.deciding.sightings import Sightings

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 7, 45, tzinfo=UTC)
WINDOW = timedelta(minutes=20)
LONG_AGO = NOW - timedelta(days=90)


def judged(
    minutes_ago: Iterable[float],
    *,
    since: datetime = LONG_AGO,
    sensitivity: str = "balanced",
    window: timedelta = WINDOW,
    now: datetime = NOW,
) -> Verdict:
    sightings = Sightings()
    for number, ago in enumerate(minutes_ago):
        sightings.see(f"s{number}", now - timedelta(minutes=ago))
    counted = Counted(sightings.count, since)
    return verdict_of(counted, now, window, PARIS, SENSITIVITIES[sensitivity])


def every(minutes: int, hours: int) -> list[float]:
    """Return one match every so many minutes, over the hours before the window."""
    return [float(ago) for ago in range(21, hours * 60, minutes)]


def test_a_quiet_watch_that_wakes():
    verdict = judged([*range(14), *every(30, 24 * 30)])
    assert verdict == Verdict(count=14, usual=1, peak=True)


def test_silence_is_no_peak():
    assert not judged([]).peak


def test_a_busy_day_is_no_peak():
    """Twelve in the window, as in every window since the morning."""
    assert not judged([*[i * 1.5 for i in range(12)], *[21 + i * 1.7 for i in range(420)]]).peak


def test_every_tuesday_at_this_hour_is_no_peak():
    """The market day: fourteen each week at this hour, nothing in the hours before."""
    week = WEEK.total_seconds() / 60
    usual = [week * number + ago for number in range(1, 5) for ago in range(14)]
    verdict = judged([*range(14), *usual])
    assert not verdict.peak
    assert verdict.usual == 14


def test_the_hour_of_the_weeks_before_is_by_the_clocks():
    """On 26 October 2026 clocks have changed the day before: eight o'clock is an hour later."""
    now = datetime(2026, 10, 27, 7, tzinfo=UTC)
    assert [moment.hour for moment in same_hours(now, PARIS)] == [6, 6, 6, 6]


@pytest.mark.parametrize(
    ("sensitivity", "told_from"), [("strict", 10), ("balanced", 5), ("sensitive", 3)]
)
def test_each_sensitivity_has_its_least(sensitivity, told_from):
    assert not judged(range(told_from - 1), sensitivity=sensitivity).peak
    assert judged(range(told_from), sensitivity=sensitivity).peak


def test_on_its_first_day_a_watch_is_learning():
    since = NOW - timedelta(hours=1)
    few, many = judged(range(5), since=since), judged(range(10), since=since)
    assert not few.peak
    assert many.peak
    assert many.usual is None
    assert many.learning_until == since + 2 * WEEK + WINDOW


def test_after_half_a_day_the_last_hours_are_known():
    since = NOW - timedelta(hours=13)
    verdict = judged([*range(5), *every(60, 12)], since=since)
    assert verdict.peak
    assert verdict.usual == 0
    assert verdict.learning_until is not None


@given(st.integers(5, 2880))
def test_windows_before_do_not_overlap_and_span_half_a_day(minutes):
    window = timedelta(minutes=minutes)
    ends = ends_before(NOW, window)
    assert len(ends) >= 12
    assert NOW - ends[-1] >= timedelta(hours=12)
    assert all(later - earlier == window for later, earlier in pairwise(ends))


@given(st.lists(st.floats(0, 60 * 24 * 29), max_size=60), st.integers(0, 30))
def test_more_matches_never_unmake_a_peak(ago, more):
    if judged(ago).peak:
        assert judged([*ago, *[0.5] * more]).peak
