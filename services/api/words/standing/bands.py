"""Bands of equals in a ranking: who cannot be told from the first of them."""

from collections.abc import Sequence
from typing import TypeVar

from libs import french
from libs.french import NO_BREAK
from services.api.figures.rows import RankedLine

L = TypeVar("L", bound=RankedLine)
T = TypeVar("T")


def banded(lines: Sequence[L]) -> list[list[L]]:
    """Return the lines of a ranking by bands, in their order.

    A band is its first account and those that follow as long as the interval of one holds the
    score of the other: their places overlap (`places.py`). Lines without rank are one band.
    """
    bands: list[list[L]] = []
    for line in lines:
        if bands and _equal(bands[-1][0], line):
            bands[-1].append(line)
        else:
            bands.append([line])
    return bands


def grouped(lines: Sequence[L]) -> list[tuple[str, list[L]]]:
    """Return the lines by bands, with what is said of each; those alone in theirs, as one.

    No place is said of a band: those of an account are what its own margin allows (`places.py`),
    here as everywhere.
    """
    found: list[tuple[str, list[L]]] = []
    for band in banded(lines):
        place = lines.index(band[0])
        alone = not any(_equal(band[0], one) for one in lines[place + 1 :])
        alone = alone and not any(_equal(one, band[0]) for one in lines[:place])
        said = _told(band, first=not found, alone=alone)
        if found and found[-1][0] == said == ONE_BY_ONE:
            found[-1][1].extend(band)
        else:
            found.append((said, band))
    return found


def shortened(groups: Sequence[tuple[str, list[T]]], most: int) -> list[tuple[str, list[T]]]:
    """Return the first lines of groups; of a band that is cut, how many are left is said."""
    found: list[tuple[str, list[T]]] = []
    for said, lines in groups:
        kept = lines[: most - sum(len(held) for _, held in found)]
        if kept and len(kept) < len(lines) and said and said != ONE_BY_ONE:
            said = f"{said}, dont voici {'le premier' if len(kept) == 1 else len(kept)}"
        if kept:
            found.append((said, kept))
    return found


ONE_BY_ONE = "Puis, un par un"


def _told(band: Sequence[RankedLine], *, first: bool, alone: bool) -> str:
    """Say who is equal in a band: « En tête, 8 comptes à égalité dans la marge ».

    `alone`: no other line, of any band, is equal to the only one of this band.
    """
    if band[0].rank is None:
        return ""
    if len(band) == 1:
        if not alone:
            return "En tête" if first else "Puis"
        return "Seul en tête, marge comprise" if first else ONE_BY_ONE
    equal = f"{french.number(len(band))}{NO_BREAK}comptes à égalité dans la marge"
    return f"En tête, {equal}" if first else f"Puis {equal}"


def _equal(first: RankedLine, line: RankedLine) -> bool:
    """Whether a line cannot be told from one that comes before it."""
    if first.rank is None or line.rank is None:
        return first.rank is line.rank
    if first.score is None or line.score is None:
        return False
    high = line.score if line.high is None else line.high
    low = first.score if first.low is None else first.low
    return high >= first.score or low <= line.score
