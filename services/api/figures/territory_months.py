"""The months of a territory's accounts, read at once: its scores, their history, its own score.

Which months are published, what each was the month before and what the networks make together are
told here of the same rows: asking the engine for each costs a page ten times what reading them
does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs import french
from services.api.figures.month_rows import TerritoryMonth
from services.api.figures.queries import Figures
from services.api.figures.rows import MonthScore, Period, TerritoryScore
from services.api.figures.views import ACCOUNT_SCORES, PERIODS, TERRITORY_MONTHS


@dataclass(frozen=True, slots=True)
class TerritoryMonths:
    """The lines of the accounts whose home a territory then was, in the months published."""

    lines: Sequence[TerritoryScore]
    published: int

    def of(self, month: str) -> list[TerritoryScore]:
        """Return the lines of a month, by network and handle."""
        return [one for one in self.lines if one.period == month]

    async def history(self, figures: Figures, account: str) -> Sequence[MonthScore]:
        """Return the months of an account, oldest first, whatever its home then was.

        One that has a line here in every month needs no question of its own.
        """
        here = [one for one in self.lines if one.account == account]
        if len(here) == self.published:
            return here
        return await figures.read(ACCOUNT_SCORES, account=account)


async def territory_months(figures: Figures, code: str) -> TerritoryMonths:
    """Read the published months of a territory's accounts. Raises `EngineUnavailable`."""
    periods = await figures.read(PERIODS)
    lines = await figures.read(TERRITORY_MONTHS, territory=code)
    return TerritoryMonths(published(lines, periods), len(periods))


def published(lines: Sequence[TerritoryMonth], periods: Sequence[Period]) -> list[TerritoryScore]:
    """Return the lines of published months, each with what its account was the month before.

    That is told of an account that had a score then.
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
    if before is not None:
        fields |= {name: getattr(before, name.removeprefix("previous_")) for name in BEFORE}
    fields |= {"state": period.state, "revision": period.revision}
    # Rows of the engine, already validated: as many again would cost a page as much as reading.
    return TerritoryScore.model_construct(**fields, computed_at=period.computed_at)


BEFORE = [name for name in TerritoryScore.model_fields if name.startswith("previous_")]
_NO_MONTH_BEFORE = dict.fromkeys(BEFORE)
