"""Hours on duty as people type them: « lun-ven 18h-8h », « sam dim », one or several a field."""

import re
from collections.abc import Sequence

from contracts.watches import Shift
from libs.french import WEEKDAYS, series
from services.api.watching.form import clock_words, minute_of

SHORTEST_SHIFT = "lun"
SHIFTS_MOST = 28
FAULT = (
    "« {} » n’est pas lu : les heures d’astreinte s’écrivent « lun-ven 18h-8h » ou « sam dim », "
    "une par ligne."
)
_HOURS = re.compile(r"(?:de\s+)?(\d.*?)\s*(?:-|–|à)\s*(\d.*)")


def shifts_of(typed: str) -> tuple[Shift, ...]:
    """Read hours on duty, one a line or between commas. Raises `ValueError`, in French."""
    lines = [line.strip() for line in re.split(r"[\n,;]", typed) if line.strip()]
    if len(lines) > SHIFTS_MOST:
        raise ValueError(f"Au plus {SHIFTS_MOST} lignes d’astreinte.")
    return tuple(map(_shift, lines))


def _shift(line: str) -> Shift:
    said = " ".join(line.lower().replace("–", "-").split())
    first_digit = re.search(r"(?:de )?\d", said)
    at = first_digit.start() if first_digit else len(said)
    days, hours = said[:at], said[at:]
    try:
        start, end = _hours(hours) if hours else (0, 0)
        return Shift(days=_days(days), start=start, end=end)
    except ValueError:
        raise ValueError(FAULT.format(line)) from None


def _hours(said: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(said)
    if found is None:
        raise ValueError(said)
    return minute_of(found[1]), minute_of(found[2])


def _days(said: str) -> tuple[int, ...]:
    """Read « lun-ven », « samedi et dimanche », « tous les jours »; none named is every day."""
    said = re.sub("tous les jours|chaque jour", "", said).replace("du ", "").replace(" au ", "-")
    found: list[int] = []
    for part in re.split(r"\s+et\s+|\s+", re.sub(r"\s*-\s*", "-", said).strip()):
        if not part:
            continue
        first, _, last = part.partition("-")
        start, end = _day(first), _day(last or first)
        found += [day % 7 for day in range(start, end + (7 if end < start else 0) + 1)]
    return tuple(dict.fromkeys(found)) or tuple(range(7))


def _day(said: str) -> int:
    """Read a day, whole or by three letters at least. Raises `ValueError`."""
    for number, day in enumerate(WEEKDAYS):
        if len(said) >= len(SHORTEST_SHIFT) and day.startswith(said.removesuffix("s")):
            return number
    raise ValueError(said)


def shift_typed(shift: Shift) -> str:
    """Write hours as they are typed: « lun mar 18h-8h », « sam dim »."""
    days = " ".join(WEEKDAYS[day][:3] for day in shift.days)
    hours = (f"{minute // 60}h{minute % 60:02}" for minute in (shift.start, shift.end))
    return days if shift.start == shift.end else f"{days} {'-'.join(hours)}"


def shift_words(shift: Shift) -> str:
    """Write « lundi, mardi de 18 h à 8 h », « samedi »."""
    days = sorted(shift.days)
    run = days == list(range(days[0], days[-1] + 1)) and len(days) > 2
    named = (
        "chaque jour" if len(days) == 7
        else f"du {WEEKDAYS[days[0]]} au {WEEKDAYS[days[-1]]}" if run
        else series(WEEKDAYS[day] for day in days)
    )  # fmt: skip
    if shift.start == shift.end:
        return named
    return f"{named} de {clock_words(shift.start)} à {clock_words(shift.end)}"


def shifts_words(shifts: Sequence[Shift]) -> str:
    """Write all the hours of somebody."""
    return " ; ".join(map(shift_words, shifts))
