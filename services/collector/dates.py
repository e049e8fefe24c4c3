"""Dates as networks and feeds write them: ISO 8601, RFC 822, French months, wrong zones."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from contracts.event import EARLIEST, LATEST

PARIS = ZoneInfo("Europe/Paris")

_FRENCH_MONTHS = {
    "janv": 1, "jan": 1, "fevr": 2, "fev": 2, "feb": 2, "mars": 3, "mar": 3, "avri": 4, "avr": 4,
    "apr": 4, "mai": 5, "may": 5, "juin": 6, "jun": 6, "juil": 7, "jul": 7, "aout": 8, "aou": 8,
    "aug": 8, "sept": 9, "sep": 9, "octo": 10, "oct": 10, "nove": 11, "nov": 11, "dece": 12,
    "dec": 12,
}  # fmt: skip
_FOLD = str.maketrans("éèêëàâûùôîï", "eeeeaauuoii")
_SPELT = re.compile(
    r"(?P<day>\d{1,2})(?:er)?\s+(?P<month>[a-z]{3,9})\.?\s+(?P<year>\d{4})"
    r"(?:[ ,a]+(?P<hour>\d{1,2})[:h](?P<minute>\d{2})?(?::(?P<second>\d{2}))?)?"
    r"\s*(?P<zone>[+-]\d{2}:?\d{2}|z|gmt|utc)?"
)


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


def read_feed_date(text: str | None) -> datetime | None:
    """Return the instant of a feed's date (UTC), or None when nothing can be made of it.

    RFC 822 first, ISO 8601, then a date spelt in French (« mardi 24 novembre 2026 à 8h40 »),
    which is local time in Paris when it names no zone.
    """
    if not text or not (stripped := text.strip()):
        return None
    spelt = _read_spelt(stripped)
    if spelt is not None:
        return _bounded(spelt)
    try:
        moment = parsedate_to_datetime(stripped)
    except (ValueError, TypeError, IndexError, OverflowError):
        return read_iso(stripped)
    return _bounded(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _read_spelt(text: str) -> datetime | None:
    found = _SPELT.search(text.lower().translate(_FOLD))
    if not found:
        return None
    name = found["month"]
    month = _FRENCH_MONTHS.get(name[:4]) or _FRENCH_MONTHS.get(name[:3])
    if month is None:
        return None
    try:
        moment = datetime(  # noqa: DTZ001 (the zone is added below)
            int(found["year"]), month, int(found["day"]),
            int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0),
        )  # fmt: skip
    except ValueError:
        return None
    zone = found["zone"]
    if zone is None:
        named = re.search(r"\b(est|edt|pst|pdt|cest|cet|bst)\b", text.lower())
        return None if named else moment.replace(tzinfo=PARIS)
    if zone in ("z", "gmt", "utc"):
        return moment.replace(tzinfo=UTC)
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    minutes = sign * (int(digits[:2]) * 60 + int(digits[2:]))
    return _shifted(moment, minutes)


def _shifted(moment: datetime, minutes: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(moment.replace(tzinfo=UTC).timestamp() - minutes * 60, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _bounded(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    try:
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None
