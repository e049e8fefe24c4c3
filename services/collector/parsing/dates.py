"""Dates as networks and feeds write them: ISO 8601, RFC 822, as the French write, named zones."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from contracts.event import EARLIEST_MOMENT, LATEST_MOMENT
from libs.clock import PARIS

_MONTHS = {
    "janv": 1, "jan": 1, "fevr": 2, "fev": 2, "feb": 2, "mars": 3, "mar": 3, "avri": 4, "avr": 4,
    "apr": 4, "mai": 5, "may": 5, "juin": 6, "jun": 6, "juil": 7, "jul": 7, "aout": 8, "aou": 8,
    "aug": 8, "sept": 9, "sep": 9, "octo": 10, "oct": 10, "nove": 11, "nov": 11, "dece": 12,
    "dec": 12,
}  # fmt: skip
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1,
    "cest": 2, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "hnec": 1, "haec": 2,
    "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7,
}  # fmt: skip
"""Hours east of Greenwich: RFC 822 (section 5), Europe's."""

_FOLD = str.maketrans("éèêëàâûùôîïÉÛ\u00a0\u202f", "eeeeaauuoiiEU  ")
_NTH = r"(?:er|st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|\d\d)(?!\d)"
_DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark){_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}}){_NTH}[ -]+(?P<month>[a-z]{{3,9}})\b[ .,-]+{_YEAR}",
        rf"\b(?P<month>[a-z]{{3,9}})\b[ .]+(?P<day>\d{{1,2}}){_NTH}[ ,]+{_YEAR}",
    )
)
_TIME = re.compile(
    r"(?<![\d+-])(?P<hour>\d{1,2})"
    r"(?: ?h(?:eures?)? ?(?P<minute>\d\d)?(?![\da-z])"
    r"|:(?P<minutes>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?|(?= ?[ap]\.?m))"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?|\b(?P<named>midi|minuit)\b",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r" *\(?(?:(?:GMT|UTC|UT)? ?(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?!\d)"
    r"|(?P<place>[A-Z][a-z]+/[A-Z][A-Za-z_]+)|(?P<name>[A-Z]{1,5}|z)\b)"
)
_NAMED_HOURS = {"midi": 12, "minuit": 0}


def read_iso(text: str | None) -> datetime | None:
    """Return the instant of an ISO 8601 text (UTC); None when it is none or is out of bounds.

    A text without a zone is UTC, as networks that omit it mean.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return _bounded(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def read_seconds(seconds: int) -> datetime | None:
    """Return the instant of a number of seconds since 1970 (UTC); None when it is out of bounds."""
    try:
        return _bounded(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def read_feed_date(text: str | None) -> datetime | None:
    """Return the instant of a feed's date (UTC), or None when nothing can be made of it.

    ISO 8601, RFC 822, then whatever names a day (« mardi 24 novembre 2026 à 8 h 40 »,
    « 24/11/2026 »: the day first, but beside an English hour). What names no zone is local time in
    Paris, but for ISO 8601. None is better than wrong: so is what has an unknown hour or zone.
    """
    moment = read_iso(text)
    if not text or moment is not None:
        return moment
    text = text.translate(_FOLD)
    time = _TIME.search(text)
    zone = _ZONE.match(text, time.end()) if time else None
    end = (zone or time).end() if time else 0
    rest = f"{text[: time.start()]} {text[end:]}" if time else text
    for form in _DATES:
        found = form.search(rest)
        if found and (month := _month(found["month"])):
            try:
                day = int(found["day"])
                if month > 12 or (form is _DATES[1] and day <= 12 and time and time["half"]):
                    day, month = month, day
                year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
                local = UTC if form is _DATES[0] else PARIS
                return _bounded(
                    datetime(year, month, day, *_clock(time), tzinfo=_zone(zone) or local)
                )
            except (ValueError, LookupError, OSError):
                return None
    return None


def _month(name: str) -> int | None:
    if name.isdigit():
        return int(name)
    return _MONTHS.get(name[:4].lower()) or _MONTHS.get(name[:3].lower())


def _clock(time: re.Match[str] | None) -> tuple[int, int, int]:
    if time is None:
        return 0, 0, 0
    if time["named"]:
        return _NAMED_HOURS[time["named"].lower()], 0, 0
    hour = int(time["hour"])
    if time["half"]:
        hour = hour % 12 + (12 if time["half"] in "pP" else 0)
    return hour, int(time["minute"] or time["minutes"] or 0), int(time["second"] or 0)


def _zone(zone: re.Match[str] | None) -> tzinfo | None:
    """Return a zone; raises `LookupError` or `ValueError` for one that nobody knows."""
    if zone is None:
        return None
    if zone["place"]:
        return ZoneInfo(zone["place"])
    if zone["name"]:
        return timezone(timedelta(hours=_ZONES[zone["name"].lower()]))
    east = timedelta(hours=int(zone["hours"]), minutes=int(zone["minutes"] or 0))
    return timezone(east if zone["sign"] == "+" else -east)


def _bounded(moment: datetime) -> datetime | None:
    try:
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST_MOMENT <= moment < LATEST_MOMENT else None
