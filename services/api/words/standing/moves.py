"""Whether a score moved since the month before, and how that is said: pure functions.

A move is told only when the margins of both months are apart (methodology, 9.3). Months of 2026-1
keep the rule of their day: outside the margin of the month itself.
"""

from dataclasses import dataclass
from decimal import Decimal

from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.figures.rows import AccountScore, Listed

BY_ITS_OWN_MARGIN = ("2026-1",)
"""Versions by which the margin of the month alone told a move."""

LEAST_SHOWN = Decimal("0.05")
"""Points under which a move would be written 0,0."""

Moving = AccountScore | Listed
NO_MONTH = "Pas de mois précédent à comparer."
ANOTHER_VERSION = (
    "Le mois précédent suit une autre version de la méthodologie : les deux ne se comparent pas."
)


@dataclass(frozen=True, slots=True)
class Move:
    """What a score did: points (now − before), the least and the most that margins allow.

    `told` when it is one; `now` and `before` are the scores.
    """

    now: Decimal
    before: Decimal
    least: Decimal
    most: Decimal
    told: bool

    @property
    def points(self) -> Decimal:
        """Return the points gained, negative for a fall."""
        return self.now - self.before

    @property
    def between(self) -> str:
        """Write what the margins allow: « +5,2 et +18,0 », to two decimals near zero."""
        near = min(abs(self.least), abs(self.most)) < LEAST_SHOWN
        least, most = (french.signed(one, 2 if near else 1) for one in (self.least, self.most))
        return f"{least} et {most}"

    @property
    def short(self) -> str:
        """Write it for a table or a tile: « +1,8 », « stable »."""
        return french.signed(self.points, 1) if self.told else "stable"


def move(score: Moving, methodology: str) -> Move | None:
    """Return how a score moved, by the version of its month; None without a month to compare."""
    now, before = score.score, score.previous_score
    if now is None or before is None or score.previous_methodology not in (None, methodology):
        return None
    low, high = _or(score.low, now), _or(score.high, now)
    past_low, past_high = _or(score.previous_low, before), _or(score.previous_high, before)
    if methodology in BY_ITS_OWN_MARGIN:
        past_low = past_high = before
    apart = high < past_low or low > past_high
    told = apart and abs(now - before) >= LEAST_SHOWN
    return Move(now, before, low - past_high, high - past_low, told)


def since(line: Listed, methodology: str) -> str:
    """Write in a list how an account moved since the month before, or why that is not known."""
    if line.previous_score is None:
        return "pas noté le mois d’avant"
    found = move(line, methodology)
    return found.short if found else "méthode changée"


def _or(bound: Decimal | None, score: Decimal) -> Decimal:
    return score if bound is None else bound


def trend(score: AccountScore) -> str:
    """Say how a score moved: by how much and between what, or that it is stable, with both."""
    moved = move(score, score.methodology)
    if moved is None:
        another = score.previous_methodology not in (None, score.methodology)
        return ANOTHER_VERSION if another and score.score is not None else NO_MONTH
    both = f"{french.number(moved.now, 1)} après {french.number(moved.before, 1)}"
    alone = score.methodology in BY_ITS_OWN_MARGIN
    rule = f", règle de la version{NO_BREAK}{score.methodology}" if alone else ""
    if not moved.told:
        margins = "dans la marge du mois" if alone else "les marges des deux mois se recouvrent"
        return f"Stable{NARROW}: {both}, {margins}{rule}."
    word = "progrès" if moved.points > 0 else "recul"
    return f"Score en {word}{NARROW}: {_between(moved)}, {both}{rule}."


def _between(moved: Move) -> str:
    """Write « +11,4 points (entre +5,2 et +18,0) »: never a zero inside."""
    noun = "point" if abs(moved.points) < 2 else "points"
    return f"{french.signed(moved.points, 1)}{NO_BREAK}{noun} (entre {moved.between})"
