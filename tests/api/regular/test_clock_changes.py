"""Hours of the day through both changes of time: nothing is left out, nothing is told twice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from contracts.watches import Digest, QuietHours
from libs.clock import PARIS
from libs.deciding.hours import at_clock, quiet_since, quiet_until
from services.api.watching.regular.slots import days_before, due, latest
from tests.api.regular.test_digests import told

CHANGES = {
    "winter": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "summer": datetime(2027, 3, 28, 1, tzinfo=UTC),
}
"""The instants at which clocks of Paris change."""

MINUTES = (0, 90, 120, 150, 179, 180, 480, 1439)
"""Of the hours that a digest may have, those that are shown twice, or not at all, included."""

ZONES = ("Europe/Paris", "America/Miquelon", "Indian/Reunion")
STEP = timedelta(minutes=10)


def around(change: datetime, days: int = 9):
    """Instants around a change, ten minutes apart."""
    now = change - timedelta(days=days)
    while now < change + timedelta(days=days):
        yield now
        now += STEP


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minute", MINUTES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_hour_of_the_day_comes_once_a_day(change, minute, zone):
    place = ZoneInfo(zone)
    found = [(now, latest(minute, place, now)) for now in around(change)]
    assert [(now, at) for now, at in found if at > now] == []
    moments = sorted({at for _, at in found})
    days = [at.astimezone(place).date() for at in moments]
    assert [later - day for day, later in pairwise(days)] == [timedelta(days=1)] * (len(days) - 1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minute", MINUTES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_digests_meet(change, minute, zone):
    """A day's texts of one hour were in no digest in autumn, and in two in spring."""
    watches = [
        told(watch="w1", anne=Digest(every="day", minute=minute), timezone=zone),
        told(watch="w2", anne=Digest(every="week", minute=minute), timezone=zone),
    ]
    watches = [
        one.model_copy(update={"created_at": change - timedelta(days=90)}) for one in watches
    ]
    ends: dict[str, list[datetime]] = {"w1": [], "w2": []}
    made = set()
    for now in around(change, 15):
        for one in due(watches, now):
            if one.name in made:
                continue
            made.add(one.name)
            for watch, _, since in one.watches:
                if ends[watch.watch]:
                    assert since == ends[watch.watch][-1], (watch.watch, one.at)
                ends[watch.watch].append(one.at)
    assert (len(ends["w1"]) >= 29, len(ends["w2"]) >= 4) == (True, True)


@pytest.mark.parametrize(("change", "hours"), [("winter", 7 * 24 + 1), ("summer", 7 * 24 - 1)])
def test_a_week_before_a_monday_at_eight_is_the_monday_before_at_eight(change, hours):
    monday = at_clock((CHANGES[change] + timedelta(days=1)).date(), 480, PARIS)
    assert monday - days_before(monday, 7, 480, PARIS) == timedelta(hours=hours)


@pytest.mark.parametrize(("change", "hours"), [("winter", 11), ("summer", 9)])
def test_quiet_hours_of_the_night_began_when_clocks_said_so(change, hours):
    """Of what is held the first hour was not counted."""
    quiet = QuietHours(start=22 * 60, end=8 * 60)
    until = at_clock(CHANGES[change].date(), 480, PARIS)
    now = until - STEP
    assert quiet_until(quiet, now, PARIS) == until
    assert until - quiet_since(quiet, now, PARIS) == timedelta(hours=hours)


def test_quiet_hours_of_one_day_began_that_day():
    noon = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    began = quiet_since(QuietHours(start=13 * 60, end=14 * 60), noon, PARIS)
    assert began == datetime(2026, 11, 24, 12, tzinfo=UTC)
