"""Days and months as people in France count them, as integers.

A moment is a number of seconds since 1970 (UTC); a day is the proleptic ordinal of the
civil date in Europe/Paris; a month is ``year * 12 + month - 1``.
"""

from datetime import UTC, date, datetime
from functools import cache, lru_cache

from libs.clock import PARIS

MINUTE = 60
HOUR = 3600
DAY = 86_400


@lru_cache(maxsize=8192)
def midnight(day: int) -> int:
    """The moment at which a civil day begins in Paris."""
    civil = date.fromordinal(day)
    return int(datetime(civil.year, civil.month, civil.day, tzinfo=PARIS).timestamp())


_EPOCH = date(1970, 1, 1).toordinal()


def day_of(moment: int) -> int:
    """The civil day in Paris at a moment."""
    day = _EPOCH + (moment + HOUR) // DAY
    # Between one and two hours ahead of UTC: at most one day to correct.
    if midnight(day + 1) <= moment:
        return day + 1
    return day if midnight(day) <= moment else day - 1


@lru_cache(maxsize=8192)
def civil(day: int) -> tuple[int, int, int]:
    """(month of the year 1–12, day of the month, weekday with Monday 0)."""
    found = date.fromordinal(day)
    return found.month, found.day, found.weekday()


@lru_cache(maxsize=8192)
def month_of(day: int) -> int:
    """The month of a civil day."""
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


@lru_cache(maxsize=2048)
def month_start(month: int) -> int:
    """The first civil day of a month."""
    return date(month // 12, month % 12 + 1, 1).toordinal()


@lru_cache(maxsize=2048)
def month_bounds(month: int) -> tuple[int, int]:
    """The moments at which a month begins and the next one does."""
    return midnight(month_start(month)), midnight(month_start(month + 1))


def moment_of(text: str) -> int:
    """The moment of an ISO 8601 text; a date alone is its midnight in Paris."""
    found = datetime.fromisoformat(text)
    return int((found if found.tzinfo else found.replace(tzinfo=PARIS)).timestamp())


def aware(moment: int) -> datetime:
    """The moment as an aware UTC datetime."""
    return datetime.fromtimestamp(moment, UTC)


@lru_cache(maxsize=4096)
def _date_text(days: int) -> str:
    found = date.fromordinal(_EPOCH + days)
    return found.isoformat()


@cache
def _times() -> list[str]:
    """Every second of a day as a text: looked up millions of times by those who write history."""
    return [
        f"T{second // HOUR:02d}:{second // MINUTE % 60:02d}:{second % 60:02d}"
        for second in range(DAY)
    ]


def iso(moment: int) -> str:
    """``2026-11-24T07:40:00``, UTC, without zone: the caller adds what its network writes."""
    return _date_text(moment // DAY) + _times()[moment % DAY]


@cache
def _times_in_bytes() -> list[bytes]:
    return [f"{time}Z".encode() for time in _times()]


@lru_cache(maxsize=4096)
def _date_in_bytes(days: int) -> bytes:
    return _date_text(days).encode()


def stamp(moment: int) -> bytes:
    """``2026-11-24T07:40:00Z`` in bytes, for those who write millions of them."""
    return _date_in_bytes(moment // DAY) + _times_in_bytes()[moment % DAY]
