"""French as it is written, by one module for every service."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from contracts.event import AbsenceReason
from libs import french

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
FIRST = datetime(2026, 11, 30, 21, 30, tzinfo=UTC)
NEARLY = datetime(2026, 11, 24, 7, 59, 59, 960_000, tzinfo=UTC)
"""The tenths were rounded in one service, up to « 60,0 s », and cut in the other."""


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (french.number(4312), "4 312"),
        (french.number(None), "—"),
        (french.number(Decimal("61.40"), 1), "61,4"),
        (french.percent(0.041), "4,1 %"),
        (french.signed(-3), "−3"),
        (french.plural(1, "commune"), "1 commune"),
        (french.plural(0, "commune"), "0 commune"),
        (french.plural(2, "commune"), "2 communes"),
        (french.ordinal(1), "1ʳᵉ"),
        (french.month("2026-10"), "octobre 2026"),
        (french.of_month("2026-08"), "d’août 2026"),
        (french.day(date(2026, 10, 1)), "jeudi 1ᵉʳ octobre 2026"),
        (french.day_and_month(date(2026, 12, 1)), "1ᵉʳ décembre"),
        (french.day_and_month(NOW), "24 novembre"),
        (french.moment(datetime(2026, 11, 24, 7, 43, tzinfo=UTC)), "24 nov. 2026 à 8 h 43"),
        (
            french.exact_time(datetime(2026, 11, 24, 7, 43, 12, 100_000, tzinfo=UTC)),
            "8 h 43 min 12,1 s",
        ),
        (french.exact_time(NEARLY), "8 h 59 min 59,9 s"),
        (french.exact_seconds(NEARLY), "59,9 s"),
        (french.clock_time(NOW, ZoneInfo("Indian/Reunion")), "11 h 40"),
        (french.weekday(NOW), "mardi 24 novembre"),
        (french.weekday(FIRST), "lundi 30 novembre"),
        (french.weekday(FIRST, ZoneInfo("Indian/Reunion")), "mardi 1ᵉʳ décembre"),
        (french.duration(20), "20 min"),
        (french.duration(90), "1 h 30"),
        (french.duration(120), "2 h"),
        (french.duration(2880), "2 jours"),
        (french.short_month("2026-10"), "oct. 26"),
        (french.quoted("coupure d'eau"), "« coupure d’eau »"),
        (french.sentence_case("école Jules"), "École Jules"),
        (french.ago(NOW, NOW), "à l’instant"),
        (french.ago(NOW, NOW + timedelta(seconds=40)), "il y a 40 s"),
        (french.ago(None, NOW), "jamais"),
        (french.stratum("7500-9999"), "7 500 à 9 999 habitants"),
        (french.stratum("200000+"), "200 000 habitants et plus"),
        (french.typography("Stable : « oui » ; non ?"), "Stable : « oui » ; non ?"),
    ],
)
def test_french_is_written_as_french(written, expected):
    assert plain(written) == expected


def test_typography_puts_no_break_spaces():
    assert french.typography("a : « b » ; c ?") == "a\u00a0: «\u00a0b\u00a0»\u202f; c\u202f?"


def test_every_absence_has_words():
    assert {*french.ABSENCES} == {*get_args(AbsenceReason)}
