"""Dates of feeds: the instant that was meant, or none."""

from datetime import UTC, datetime

import pytest

from services.collector.parsing.dates import read_feed_date


def instant(text: str) -> str | None:
    """A date as it is read, to the second, in UTC."""
    moment = read_feed_date(text)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" if moment else None


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("GMT", 10), ("UT", 10), ("Z", 10), ("-0000", 10), ("WET", 10), ("+0100", 9), ("+01:00", 9),
        ("CET", 9), ("BST", 9), ("CEST", 8), ("EET", 8), ("EST", 15), ("EDT", 14), ("CST", 16),
        ("CDT", 15), ("MST", 17), ("PST", 18), ("AST", 14), ("GMT+0100", 9), ("GMT+1", 9),
        ("UTC+01:00", 9), ("GMT-4", 14), ("GMT+0100 (heure normale d’Europe centrale)", 9),
        ("+0100 (CET)", 9), ("Europe/Paris", 9), ("Indian/Reunion", 6), ("", 9), ("XYZ", None),
        ("Europe/Nulle-Part", None), ("+9900", None),
    ],
)  # fmt: skip
def test_zones(zone, hour):
    expected = None if hour is None else f"2026-11-24T{hour:02}:00:00"
    assert instant(f"Tue, 24 Nov 2026 10:00:00 {zone}") == expected
    assert instant(f"24/11/2026 à 10h {zone}") == expected
    if zone:  # else ISO 8601, which is UTC
        assert instant(f"2026-11-24 10:00:00 {zone}") == expected


@pytest.mark.parametrize(
    "hour",
    [
        "8h40", "8 h 40", "08:40", "08:40:00", "à 8\u00a0h\u00a040", "- 08h40", "8:40 AM",
        "8:40 a.m.",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "day",
    ["mardi 24 novembre 2026", "Mar. 24 nov. 2026", "24 NOVEMBRE 2026", "24-Nov-2026",
     "November 24th, 2026", "Tue Nov 24 2026", "24 Nov 26", "le 24/11/2026", "24.11.2026",
     "24-11-26", "11/24/2026"],
)  # fmt: skip
def test_days_and_hours_as_they_are_written(day, hour):
    assert instant(f"{day} {hour}") == "2026-11-24T07:40:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24 novembre 2026 à 8 heures", "2026-11-24T07:00:00"),
        ("24 novembre 2026, midi", "2026-11-24T11:00:00"),
        ("24 novembre 2026 de 20h à 22h", "2026-11-24T19:00:00"),
        ("Tue Nov 24 08:40:00 CET 2026", "2026-11-24T07:40:00"),
        ("24/11/2026 12:15 AM", "2026-11-23T23:15:00"),
        ("24/11/2026 12:15 PM", "2026-11-24T11:15:00"),
        ("03/02/2026", "2026-02-02T23:00:00"),
        ("03/02/2026 8:40 PM", "2026-03-02T19:40:00"),
        ("Lun, 23 févr. 2026 10:00:00 +0100", "2026-02-23T09:00:00"),
        ("1er août 2026", "2026-07-31T22:00:00"),
        ("2026-11-23T10:00:00+01:00", "2026-11-23T09:00:00"),
        ("2026-11-23 10:00:00", "2026-11-23T10:00:00"),
        ("2026/11/23", "2026-11-23T00:00:00"),
        ("0000-00-00 00:00:00", None),
        ("31/02/2026 10:00", None),
        ("Tue, 24 Nov 2026 25:61:00 GMT", None),
        ("24 novembre", None),
        ("24 marchés 1926", None),
        ("1518478934", None),
        ("3 h du matin", None),
        ("n’importe quoi", None),
        ("", None),
    ],
)
def test_other_dates(text, expected):
    assert instant(text) == expected


def test_a_fraction_of_a_second_is_kept_where_it_is_written():
    moment = datetime(2026, 11, 24, 7, 40, 0, 250_000, tzinfo=UTC)
    assert read_feed_date("2026-11-24T08:40:00.25+01:00") == moment
