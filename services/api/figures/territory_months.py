"""The months of a territory's accounts, read at once: its scores, their history, its own score.

Which months are published, what each was the month before and what the networks make together are
told here of the same rows: asking the engine for each costs a page ten times what reading them does
(docs/decisions/0048).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs import french
from services.api.figures.month_rows import TerritoryMonth
from services.api.figures.queries import Figures
from services.api.figures.rows import Period, TerritoryScore
from services.api.figures.views import PERIODS, TERRITORY_MONTHS


@dataclass(frozen=True, slots=True)
class TerritoryMonths:
    """Every published month of the accounts whose home `territory` is or was, oldest first."""

    territory: str
    lines: Sequence[TerritoryScore]

    def of(self, month: str) -> list[TerritoryScore]:
        """Return the lines of a month whose home the territory then was, by network and handle."""
        return [
            one for one in self.lines if one.period == month and one.territory == self.territory
        ]

    def history(self, account: str) -> list[TerritoryScore]:
        """Return the months of an account, oldest first, whatever its home then was."""
        return [one for one in self.lines if one.account == account]


async def territory_months(figures: Figures, code: str) -> TerritoryMonths:
    """Read the published months of a territory's accounts. Raises `EngineUnavailable`."""
    periods = await figures.read(PERIODS)
    return TerritoryMonths(
        code, published(await figures.read(TERRITORY_MONTHS, territory=code), periods)
    )


def published(lines: Sequence[TerritoryMonth], periods: Sequence[Period]) -> list[TerritoryScore]:
    """Return the lines of published months, each with what its account was the month before.

    That is told of an account that had a score then, and the same home.
    """
    by_period = {one.period: one for one in periods}
    kept = [
        one
        for one in lines
        if one.period in by_period and by_period[one.period].methodology == one.methodology
    ]
    known = {(one.period, one.account): one for one in kept if one.score is not None}
    return [
        _told(one, by_period[one.period], known.get((french.month_before(one.period), one.account)))
        for one in kept
    ]


def _told(line: TerritoryMonth, period: Period, before: TerritoryMonth | None) -> TerritoryScore:
    fields: dict[str, Any] = _NO_MONTH_BEFORE | dict(line)
    if before is not None and before.territory == line.territory:
        fields |= {name: getattr(before, name.removeprefix("previous_")) for name in BEFORE}
    fields |= {"state": period.state, "revision": period.revision}
    # Rows of the engine, already validated: as many again would cost a page as much as reading.
    return TerritoryScore.model_construct(**fields, computed_at=period.computed_at)


BEFORE = [name for name in TerritoryScore.model_fields if name.startswith("previous_")]
_NO_MONTH_BEFORE = dict.fromkeys(BEFORE)
