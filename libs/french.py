"""Figures, dates and names as French writes them, no-break spaces included."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from contracts.territories.categories import stratum_label
from libs.clock import PARIS

NARROW = "\u202f"
NO_BREAK = "\u00a0"
UNKNOWN = "—"
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
ABSENCES: Mapping[str, str] = {
    "not_published": "ce réseau ne le publie pas",
    "hidden": "masqué par le compte",
    "not_permitted": "nous n’y avons pas accès",
    "not_asked": "non demandé",
}
"""Why a counter is null, in a sentence; in tables it is `contracts/panels/labels.py`."""

JUST_NOW = 10
"""Seconds under which it was « à l’instant »."""

Number = int | float | Decimal


def number(value: Number | None, decimals: int = 0) -> str:
    """Write a number: « 4 312 », « 61,4 »; a null is « — », never zero."""
    if value is None:
        return UNKNOWN
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, pattern, locale="fr")


def percent(ratio: Number | None, decimals: int = 1) -> str:
    """Write a ratio as a percentage: 0.041 is « 4,1 % »."""
    if ratio is None:
        return UNKNOWN
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "\u202f%"
    return format_percent(ratio, pattern, locale="fr")


def signed(value: Number, decimals: int = 0) -> str:
    """Write a difference with its sign, a real minus for a fall."""
    if value == 0:
        return "0"
    return ("+" if value > 0 else "−") + number(abs(value), decimals)


def quantity(value: float | None, unit: str) -> str:
    """Write the raw value of a KPI by its unit (`ratio`, `per_day`, `count`)."""
    if unit == "ratio":
        return percent(value)
    if unit == "per_day":
        return UNKNOWN if value is None else f"{number(value, 2)} par jour"
    return number(value, 0 if value is None or value >= 100 else 1)


def ordinal(rank: int, *, feminine: bool = True) -> str:
    """Write a rank: « 1ʳᵉ », « 1ᵉʳ », « 33ᵉ »."""
    if rank == 1:
        return "1ʳᵉ" if feminine else "1ᵉʳ"
    return number(rank) + "ᵉ"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun, singular below two as French has it."""
    return f"{number(count)}{NO_BREAK}{one if abs(count) < 2 else many or one + 's'}"


def duration(minutes: int) -> str:
    """Write 20 as « 20 min », 90 as « 1 h 30 », 2880 as « 2 jours »."""
    if minutes >= 2880 and minutes % 1440 == 0:
        return f"{minutes // 1440}{NO_BREAK}jours"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NO_BREAK}min"
    return f"{hours}{NO_BREAK}h{NO_BREAK}{rest:02}" if rest else f"{hours}{NO_BREAK}h"


def age(seconds: float) -> str:
    """Write a duration by its largest unit, rounded down: « 40 min », « 18 h », « 5 jours »."""
    minutes = int(max(0.0, seconds) // 60)
    unit = 1440 if minutes >= 2880 else 60 if minutes >= 60 else 1
    return duration(minutes - minutes % unit)


def short_month(period: str) -> str:
    """Write a period briefly: "2026-10" is « oct. 26 »."""
    return format_date(first_day(period), "MMM yy", locale="fr")


def month(period: str, *, year: bool = True) -> str:
    """Write a period: "2026-10" is « octobre 2026 »."""
    return format_date(first_day(period), "MMMM yyyy" if year else "MMMM", locale="fr")


def in_month(period: str, *, year: bool = False) -> str:
    """Write when: « en octobre », « en avril »."""
    return f"en{NO_BREAK}{month(period, year=year)}"


def of_month(period: str) -> str:
    """Write whose: « d’octobre 2026 », « de mars 2026 »."""
    name = month(period)
    return f"d’{name}" if name[0] in "ao" else f"de{NO_BREAK}{name}"


def of_name(name: str) -> str:
    """Write of whom: « de YouTube », « d’Instagram », « d’astreinte@… ».

    Of a territory it is `Territory.with_de`, which knows its article.
    """
    first = unicodedata.normalize("NFD", name[:1])[:1].lower()
    return f"d’{name}" if first and first in "aeiou" else f"de {name}"


def plain(name: str) -> str:
    """Write a name for the name of a file: « Saint-Témoin » is "saint-temoin"."""
    folded = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", folded))


def quoted(term: str) -> str:
    """Write a term between French quotation marks."""
    return f"«{NO_BREAK}{apostrophes(term)}{NO_BREAK}»"


def apostrophes(text: str) -> str:
    """Write apostrophes as French print does."""
    return text.replace("'", "’")


def sentence_case(text: str) -> str:
    """Write a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def full_stop(text: str) -> str:
    """End a text that others wrote with one full stop."""
    return text.rstrip(". ") + "."


def series(words: Iterable[str], last: str = " et ") -> str:
    """Write several things: « Bluesky, Mastodon et Facebook »."""
    *others, final = [*words] or [""]
    return f"{', '.join(others)}{last}{final}" if others else final


def first_day(period: str) -> date:
    """Return the first day of a period. Raises `ValueError` when it is no month."""
    return date.fromisoformat(f"{period}-01")


def month_before(period: str) -> str:
    """Return the period before one: "2026-01" is after "2025-12"."""
    return f"{first_day(period) - timedelta(days=1):%Y-%m}"


def day(value: date | datetime | None) -> str:
    """Write a date in words, in Paris: « mardi 24 novembre 2026 »."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        value = value.astimezone(PARIS).date()
    words = format_date(value, "EEEE d MMMM yyyy", locale="fr")
    return words.replace(" 1 ", " 1ᵉʳ ")


def short_day(value: date | datetime | None) -> str:
    """Write a date briefly: « 24 nov. 2026 »."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        value = value.astimezone(PARIS).date()
    return format_date(value, "d MMM yyyy", locale="fr").replace(" ", NO_BREAK)


def day_and_month(value: date | datetime) -> str:
    """Write a day of this year, in Paris: « 24 novembre », « 1ᵉʳ décembre »."""
    if isinstance(value, datetime):
        value = value.astimezone(PARIS).date()
    words = format_date(value, "d MMMM", locale="fr").replace(" ", NO_BREAK)
    return "1ᵉʳ" + words[1:] if value.day == 1 else words


def weekday(value: datetime, zone: tzinfo = PARIS) -> str:
    """Write a day of this year, in Paris or another zone: « mardi 8 décembre »."""
    return day(value.astimezone(zone).date()).rsplit(" ", 1)[0]


def moment(value: datetime | None) -> str:
    """Write an instant, in Paris: « 24 nov. 2026 à 8 h 43 »."""
    if value is None:
        return UNKNOWN
    local = value.astimezone(PARIS)
    return f"{short_day(local)} à{NO_BREAK}{clock_time(local)}"


def clock_time(value: datetime, zone: tzinfo = PARIS) -> str:
    """Write an hour of the day, in Paris or another zone: « 8 h 43 »."""
    local = value.astimezone(zone)
    return format_time(local, "H", locale="fr") + f"{NO_BREAK}h{NO_BREAK}" + f"{local.minute:02d}"


def exact_time(value: datetime, zone: tzinfo = PARIS) -> str:
    """Write an instant to the tenth of a second: « 8 h 43 min 12,1 s »."""
    local = value.astimezone(zone)
    return f"{clock_time(local, zone)}{NO_BREAK}min{NO_BREAK}{exact_seconds(local)}"


def exact_seconds(value: datetime) -> str:
    """Write how far into its minute an instant is: « 12,1 s », never 60."""
    tenths = value.second * 10 + value.microsecond // 100_000
    return f"{tenths // 10},{tenths % 10}{NO_BREAK}s"


def ago(then: datetime | None, now: datetime) -> str:
    """Write how long ago an instant was: « il y a 3 h », « à l’instant »; « jamais » for none."""
    if then is None:
        return "jamais"
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86_400, "j"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"il y a{NO_BREAK}{number(seconds // size)}{NO_BREAK}{unit}"
    if seconds < JUST_NOW:
        return f"à{NO_BREAK}l’instant"
    return f"il y a{NO_BREAK}{seconds}{NO_BREAK}s"


_THIN = re.compile(r" ([;!?])(?=[\s<.,)]|$)")
_WIDE = re.compile(r" ([:»])(?=[\s<.,;)]|$)")
_OPENING = re.compile(r"« ")
_UNIT = re.compile(r"(?<=[\d…]) (?=(?:h|min|€)(?:[\s<.,;:)\]]|$))")
_PERCENT = re.compile(r"(?<=\d) (?=%(?:[\s<.,;:)]|$))")


def typography(text: str) -> str:
    """Put the no-break spaces of French before « : ; ! ? », units, inside quotation marks."""
    return punctuation(_PERCENT.sub(NARROW, _UNIT.sub(NO_BREAK, text)))


def punctuation(text: str) -> str:
    """Put those before « : ; ! ? » and inside quotation marks alone, as who types does."""
    text = _THIN.sub(NARROW + r"\1", text)
    text = _WIDE.sub(NO_BREAK + r"\1", text)
    return _OPENING.sub("«" + NO_BREAK, text)


def stratum(code: str) -> str:
    """Write a DGF stratum: "7500-9999" is « 7 500 à 9 999 habitants »."""
    return stratum_label(code)
