"""Two versions of the methodology side by side, for one account and month: what changed, and why.

What a KPI brings is its points by its weight over the sum of weights: the differences of what each
brings add up to that of the scores, but for rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.scores import reason_words
from libs import french
from services.api.figures.month_rows import TerritoryMonth, VersionPart

LEAST_TOLD = 0.005
"""Points of a score under which nothing moved: scores are rounded to 0.01."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A KPI by both versions; one that a version does not have is null there."""

    label: str
    unit: str
    before: VersionPart | None
    after: VersionPart | None
    brought_before: float
    brought_after: float

    @property
    def moved(self) -> float:
        """Return the points of the score that it brings more."""
        return self.brought_after - self.brought_before


@dataclass(frozen=True, slots=True)
class SideBySide:
    """An account by two versions: its lines, its KPIs, and what changed in words."""

    before: TerritoryMonth
    after: TerritoryMonth
    pairs: Sequence[Pair]
    changes: Sequence[str]

    @property
    def moved(self) -> float | None:
        """Return by how much the score moved; null where one version gives none."""
        if self.before.score is None or self.after.score is None:
            return None
        return float(self.after.score - self.before.score)


def side_by_side(
    before: TerritoryMonth, after: TerritoryMonth, parts: Sequence[VersionPart]
) -> SideBySide:
    """Compare two lines of one account and month, of the parts of all its versions."""
    pairs = _pairs(
        [one for one in parts if one.methodology == before.methodology],
        [one for one in parts if one.methodology == after.methodology],
    )
    return SideBySide(before, after, pairs, _changes(before, after, pairs))


def _pairs(before: Sequence[VersionPart], after: Sequence[VersionPart]) -> list[Pair]:
    old, new = ({one.kpi: one for one in parts} for parts in (before, after))
    weights = [sum(one.weight for one in parts) for parts in (before, after)]
    return [
        Pair(
            (new.get(kpi) or old[kpi]).label,
            (new.get(kpi) or old[kpi]).unit,
            old.get(kpi),
            new.get(kpi),
            _brought(old.get(kpi), weights[0]),
            _brought(new.get(kpi), weights[1]),
        )
        for kpi in dict.fromkeys([*new, *old])
    ]


def _brought(part: VersionPart | None, weights: int) -> float:
    return part.points * part.weight / weights if part and part.points and weights else 0.0


def _changes(before: TerritoryMonth, after: TerritoryMonth, pairs: Sequence[Pair]) -> list[str]:
    """Say what changed, what moves the score most first; nothing where nothing did."""
    told: list[str] = []
    if before.reason != after.reason:
        told.append(
            f"{_state(before)} par {before.methodology}, {_state(after)} par {after.methodology}"
        )
    both = before.score is not None and after.score is not None
    for pair in sorted(pairs, key=lambda one: -abs(one.moved)):
        told += _of_pair(pair, scored=both)
    if before.rank != after.rank and before.rank and after.rank:
        told.append(f"rang : {french.ordinal(before.rank)} puis {french.ordinal(after.rank)}")
    return told


def _of_pair(pair: Pair, *, scored: bool) -> list[str]:
    old, new = pair.before, pair.after
    if old is None or new is None:
        return [f"{pair.label} : {'compté' if old is None else 'n’est plus compté'}"]
    told: list[str] = []
    if scored and abs(pair.moved) >= LEAST_TOLD:
        told.append(f"{pair.label} : {french.signed(pair.moved, 2)} au score")
    if old.weight != new.weight:
        told.append(f"{pair.label} : poids {old.weight} puis {new.weight}")
    return told


def _state(line: TerritoryMonth) -> str:
    if line.reason is None:
        return "noté"
    return f"non classé ({french.plain(reason_words(line.reason).brief) or line.reason})"
