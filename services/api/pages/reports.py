"""Reports of a territory: one page to read, and to print on one sheet of A4."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from services.api.figures.views import MONTH_CELLS, PERIODS
from services.api.pages.territories.account import choose, detailed, drawn, seen
from services.api.pages.territories.territory import known
from services.api.reports import REPORTS
from services.api.reports.report import Subject
from services.api.web.parameters import Here, Period, month_of
from services.api.web.rendering import page
from services.api.words.elections import electoral_period
from services.api.words.standing.places import field

router = APIRouter()


@router.get("/rapports/{slug}/{code}")
async def show(
    request: Request,
    here: Here,
    slug: str,
    code: str,
    periode: Period = None,
    reseau: Annotated[str | None, Query(max_length=20)] = None,
    compte: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Show a report about the account of a territory that its own page is about."""
    report, territory = REPORTS.get(slug), here.territories.resolve(code)
    if report is None or territory is None or not here.measured(territory):
        raise HTTPException(404, "Aucun rapport n’existe à cette adresse.")
    month = await month_of(here, periode)
    _, scores = await known(here.figures, territory.code, month)
    chosen = choose(scores, reseau, compte)
    at = seen(await here.figures.read(PERIODS), month, here.clock.now())
    detail = await detailed(here, chosen, at)
    if chosen is None or detail is None:
        raise HTTPException(404, "Rien n’est encore calculé pour cette collectivité et ce mois.")
    electoral = electoral_period(at.last)
    cells = await here.figures.read(MONTH_CELLS, period=month)
    among = field(chosen, cells)
    subject = Subject(territory.nom, chosen, detail.kpis, electoral is not None, among)
    return page(
        request,
        "rapport.html",
        report=report,
        territory=territory,
        place=here.territories.place(territory),
        chosen=chosen,
        sentences=[said for say in report.sentences if (said := say(subject))],
        figures=drawn(chosen, detail, report.panels),
        electoral=electoral,
    )
