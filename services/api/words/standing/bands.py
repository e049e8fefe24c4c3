"""Bands of equals in a ranking: who cannot be told from the first of them."""

from collections.abc import Sequence
from typing import TypeVar

from libs import french
from libs.french import NO_BREAK
from services.api.figures.rows import RankedLine
from services.api.words.standing.places import span

L = TypeVar("L", bound=RankedLine)


def banded(lines: Sequence[L]) -> list[list[L]]:
    """Return the lines of a ranking by bands, in their order.

    A band is its first account and those that follow as long as their interval holds its score;
    equal scores stay together. Lines without rank are one band.
    """
    bands: list[list[L]] = []
    for line in lines:
        if bands and _equal(bands[-1][0], line):
            bands[-1].append(line)
        else:
            bands.append([line])
    return bands


def told(band: Sequence[RankedLine]) -> str:
    """Write the places of a band: « Places 1 à 8, à égalité dans la marge », « Place 9 »."""
    first, last = band[0].rank, band[-1].rank
    if first is None or last is None:
        return ""
    if len(band) == 1:
        return f"Place{NO_BREAK}{french.number(first)}"
    equal = f"{french.number(len(band))}{NO_BREAK}comptes à égalité dans la marge"
    if first == last:
        return f"Place{NO_BREAK}{french.number(first)}, {equal}"
    return f"Places {span(first, last)}, {equal}"


def _equal(first: RankedLine, line: RankedLine) -> bool:
    if first.rank is None or line.rank is None:
        return first.rank is line.rank
    if first.score is None or line.score is None:
        return False
    high = line.score if line.high is None else line.high
    return high >= first.score
