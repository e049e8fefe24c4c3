"""Who is told as an alert comes: by rota, mute and choice; never nobody for a hole in the rota."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from contracts.alerts import Silence
from contracts.watches import Mute, QuietHours, Recipient, Shift
from libs.clock import PARIS
from libs.deciding.duty import personal_silence, told
from libs.deciding.hours import on_duty
from tests.alerts.builders import raised, watched

NIGHTS = Shift(days=(0, 1, 2, 3, 4), start=18 * 60, end=8 * 60)
WEEKEND = Shift(days=(5, 6), start=0, end=0)


def paris(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026, of which the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "on"),
    [
        (paris(23, 17, 59), False),
        (paris(23, 18), True),
        (paris(24, 7, 59), True),
        (paris(24, 8), False),
        (paris(23, 7), False),  # the night of Sunday is nobody's
        (paris(28, 7, 59), True),  # of Friday, into Saturday
        (paris(28, 8), False),
    ],
)
def test_hours_pass_midnight(now, on):
    assert on_duty((NIGHTS,), now, PARIS) is on


@pytest.mark.parametrize(("day", "on"), [(27, False), (28, True), (29, True), (30, False)])
def test_whole_days(day, on):
    assert {on_duty((WEEKEND,), paris(day, hour), PARIS) for hour in (0, 12, 23)} == {on}


def test_hours_are_those_of_the_territory():
    assert on_duty((NIGHTS,), paris(23, 15), ZoneInfo("Indian/Reunion"))


def test_without_hours_one_is_always_on_duty():
    assert on_duty((), paris(24, 3), PARIS)


def person(name="anne", *, confirmed=True, **fields):
    return Recipient(address=f"mailto:{name}@essai.example", confirmed=confirmed, **fields)


NOON = paris(24, 12)
OFF = {"duty": (NIGHTS,)}
MUTED = {"mute": Mute(since=NOON - timedelta(minutes=5), until=NOON + timedelta(minutes=55))}


@pytest.mark.parametrize(
    ("one", "others", "why"),
    [
        (person(), (), None),
        (person(**OFF), (person("bruno"),), Silence.OFF_DUTY),
        (person(**OFF), (), None),
        (person(**OFF), (person("bruno", **OFF),), None),
        (person(**OFF), (person("bruno", confirmed=False),), None),
        (person(**OFF), (person("bruno", at_once=False),), None),
        (person(**OFF), (person("bruno", backup=True),), None),
        (person(**OFF), (person("bruno", **MUTED),), None),
        (person(**OFF), (person("bruno", **MUTED), person("chloe")), Silence.OFF_DUTY),
        (person(**OFF, **MUTED), (person("bruno"),), Silence.OFF_DUTY),
        (person(**OFF, **MUTED), (person("bruno", **MUTED),), Silence.MUTED),
        (person(backup=True), (person("bruno"),), Silence.BACKUP),
        (person(at_once=False), (), Silence.DIGEST),
        (person(**MUTED), (), Silence.MUTED),
    ],
)
def test_who_is_told(one, others, why):
    watch = watched(recipients=(one, *others), escalate_minutes=15)
    assert personal_silence(watch, one, raised(1), NOON) is why


KINDS = [
    {"confirmed": False}, {"at_once": False}, {"backup": True},
    *({} | duty | mute for duty in ({}, OFF) for mute in ({}, MUTED)),
]  # fmt: skip
CRISIS = QuietHours(start=0, end=0, crisis_terms=("évacuation",))


@pytest.mark.parametrize("crisis", [False, True])
@pytest.mark.parametrize("minutes", [None, 15])
def test_somebody_is_told_wherever_somebody_may_be(crisis, minutes):
    """Of any three: an hour of silence of the one on duty silenced everybody."""
    said = raised(2, excerpt="évacuation rue Basse") if crisis else raised(1)
    for kinds in product(KINDS, repeat=3):
        people = tuple(person(name, **kind) for name, kind in zip("abc", kinds, strict=True))
        watch = watched(recipients=people, escalate_minutes=minutes, quiet=CRISIS)
        hear = [
            one
            for one in watch.recipients
            if one.confirmed and personal_silence(watch, one, said, NOON) is None
        ]
        assert hear == told(watch, NOON, crisis=crisis), kinds
        could = [
            one
            for one in watch.recipients
            if one.confirmed
            and one.at_once
            and not (one.backup and minutes)
            and (crisis or not one.mute)
        ]
        assert bool(hear) == bool(could), kinds


def test_a_backup_of_a_watch_without_delay_is_told_as_others():
    watch = watched(recipients=(person(backup=True),))
    assert personal_silence(watch, watch.recipients[0], raised(1), NOON) is None


@pytest.mark.parametrize(("minutes", "muted"), [(-6, False), (-5, True), (54, True), (55, False)])
def test_a_mute_begins_and_ends(minutes, muted):
    watch = watched(recipients=(person(**MUTED),))
    found = personal_silence(
        watch, watch.recipients[0], raised(1), NOON + timedelta(minutes=minutes)
    )
    assert (found is Silence.MUTED) is muted


def test_crisis_words_pass_a_mute():
    watch = watched(recipients=(person(**MUTED),), quiet=CRISIS)
    (one,) = watch.recipients
    said = raised(2, excerpt="On parle d’ÉVACUATION rue Basse")
    assert personal_silence(watch, one, said, NOON) is None
    assert personal_silence(watch, one, raised(2), NOON) is Silence.MUTED
