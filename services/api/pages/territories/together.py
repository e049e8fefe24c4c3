"""Curves of several accounts side by side, drawn for the comparison that its address says."""

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from contracts.networks import network_of
from contracts.panels.comparer import SCORES_TOGETHER
from contracts.territories import Territories
from libs import french
from libs.charts.style import CURVES_MOST
from services.api.figures.queries import Figures
from services.api.figures.rows import Listed, Row
from services.api.figures.views import ACCOUNT_SCORES
from services.api.pages.pictures import answered, titles
from services.api.pages.territories.comparing import Asked, Understood, compared, group_of
from services.api.web.panels import picture
from services.api.web.parameters import Here

router = APIRouter()

MONTHS_SHOWN = 12
"""Months of a curve: one year."""


class MonthTogether(Row):
    """A month of one of the accounts compared."""

    period: str
    territory_name: str
    score: float | None


async def together(figures: Figures, territories: Territories, asked: Asked) -> list[MonthTogether]:
    """Return the scores of a year of the accounts compared: one's own, then the first of others."""
    lines = await compared(figures, territories, asked)
    own = [one for one in lines if one.territory == asked.territory.code]
    chosen = [*own, *(one for one in lines if one not in own)][:CURVES_MOST]
    found: list[MonthTogether] = []
    for line, name in zip(chosen, named_apart(chosen), strict=True):
        history = await figures.read(ACCOUNT_SCORES, account=line.account)
        found += [
            MonthTogether(
                period=one.period,
                territory_name=name,
                score=None if one.score is None else float(one.score),
            )
            for one in history
            if one.period <= asked.month
        ]
    months = sorted({one.period for one in found})[-MONTHS_SHOWN:]
    return sorted((one for one in found if one.period in months), key=lambda one: one.period)


def named_apart(lines: Sequence[Listed]) -> list[str]:
    """Name accounts by their territory, with their handle where it has two of them."""
    names = [one.territory_name for one in lines]
    return [
        f"{one.territory_name} ({one.handle})" if names.count(one.territory_name) > 1 else name
        for one, name in zip(lines, names, strict=True)
    ]


@router.get("/graphiques/comparaison/{code}.{kind}")
async def draw(
    here: Here,
    asked: Understood,
    kind: Literal["svg", "png"],
    etroit: bool = False,
    titre: bool = False,
) -> Response:
    """Give the picture of the curves; a PNG always says what it is of."""
    rows = await together(here.figures, here.territories, asked)
    own = next((one.territory_name for one in rows), None)
    titled = None
    if titre or kind == "png":
        who = f"{asked.territory.nom} et {group_of(asked)}"
        titled = titles(
            here.settings,
            SCORES_TOGETHER,
            who,
            network_of(asked.network).name,
            asked.month,
        )
    drawn = await picture(SCORES_TOGETHER, rows, here.simulation, own, narrow=etroit, titled=titled)
    if not drawn:
        raise HTTPException(404, "Rien à dessiner pour cette comparaison.")
    name = f"comparaison_{french.plain(asked.territory.nom)}_{asked.network}_{asked.month}"
    return await answered(here.simulation, drawn, name, kind)
