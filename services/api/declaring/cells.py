"""What one cell says: a count, a day; and in which order a column writes its days."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import cast

from babel.dates import get_month_names

from libs.matching.words import fold
from services.api.declaring.sheets import Cell

EMPTY = frozenset(("", "-", "–", "—", "--", "n/a", "na", "undefined", "null", "non disponible"))
"""How tools write that they do not say: null, never zero."""

LARGEST_NUMBER = 2**53
EARLIEST = date(2004, 1, 1)
"""Before any of these networks."""

MOST_DIGITS = len(str(LARGEST_NUMBER))
"""A larger number is a typing error, or no count."""

_COUNT = re.compile(r"(\d{1,3}(?:([ ,.'’\u00a0\u202f])\d{3}(?:\2\d{3})*))|(\d+)(?:[.,]0+)?")
"""Grouped by three, by one separator; else a whole number, which may have decimals that are 0."""

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)\b")
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_NAMED = re.compile(r"(?:(\d{1,2})(?:er)?\s+)?([^\W\d_]+)\.?(?:\s+(\d{1,2}))?(?:,?\s+(\d{4}))?$")


class CellError(ValueError):
    """A cell that says nothing of what its column is for; its message is French."""


def text(cell: Cell) -> str:
    """Return a cell as text: the id of a post that a workbook holds as a number has no decimals."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip()


def count(cell: Cell) -> int | None:
    """Return a count; None where the tool does not say. Raises `CellError`."""
    said = text(cell)
    if said.casefold() in EMPTY:
        return None
    # What a workbook holds as a number is not grouped: 12.345 there is no twelve thousand.
    whole = not isinstance(cell, bool | date) and (not isinstance(cell, float) or cell.is_integer())
    if not whole or not (found := _COUNT.fullmatch(said)):
        raise CellError(f"« {_short(said)} » n’est pas un nombre entier")
    digits = re.sub(r"\D", "", found[1] or found[3])
    if len(digits) > MOST_DIGITS or (number := int(digits)) > LARGEST_NUMBER:
        raise CellError(f"« {_short(said)} » est trop grand pour un compteur")
    return number


def days(cells: Sequence[Cell], today: date, *, day_first: bool) -> list[date | CellError]:
    """Return the day of each cell of a column: year first, months in letters, or with slashes.

    Slashes are read in one order for the whole column, the one in which the most of its cells are
    days; where « 03/06 » may be both, as `day_first` says. A day without year is the last one of
    that name that is not after `today`.
    """
    american, french = (
        [_day(cell, today, day_first=one) for cell in cells] for one in (False, True)
    )
    ours, other = (french, american) if day_first else (american, french)
    best = other if ours.count(None) > other.count(None) else ours
    return [
        day or CellError(f"« {_short(text(cell))} » n’est pas un jour")
        for cell, day in zip(cells, best, strict=True)
    ]


def _day(cell: Cell, today: date, *, day_first: bool) -> date | None:
    if isinstance(cell, datetime):
        found = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        try:
            found = _written(text(cell), today, day_first=day_first)
        except ValueError:  # no such day
            return None
    return found if found and EARLIEST <= found <= today else None


def _written(said: str, today: date, *, day_first: bool) -> date | None:
    if found := _ISO.match(said):
        return date(*map(int, found.groups()))
    if found := _SLASHED.match(said):
        one, two, year = map(int, found.groups())
        return date(year, two, one) if day_first else date(year, one, two)
    return _lettered(said, today)


def _lettered(said: str, today: date) -> date | None:
    if (found := _NAMED.match(said.casefold())) is None:
        return None
    before, name, after, year = found.groups()
    month, number = _months().get(b" ".join(fold(name))), before or after
    if month is None or number is None:
        return None
    if year:
        return date(int(year), month, int(number))
    this_year = date(today.year, month, int(number))
    return this_year if this_year <= today else date(today.year - 1, month, int(number))


@cache
def _months() -> Mapping[bytes, int]:
    return {
        b" ".join(fold(name.rstrip("."))): month
        for language in ("fr", "en")
        for width in ("wide", "abbreviated")
        for month, name in cast(
            "Mapping[int, str]", get_month_names(width, locale=language)
        ).items()
    }


def _short(said: str) -> str:
    return said if len(said) <= 40 else f"{said[:39]}…"
