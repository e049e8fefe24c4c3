"""Reports of a territory: one page to read, and to print on both sides of one sheet of A4.

What its maker changes (remarks, no rank) is in the address: it is kept nowhere else. Whoever makes
the address writes what they want there: each remark of theirs says so, and no engine of search
keeps the page.
"""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from contracts.networks import network_of
from libs.french import typography
from services.api.figures.views import BAREME_KNOTS, MONTH_CELLS, PERIODS
from services.api.pages.territories.account import choose, detailed, drawn, seen
from services.api.pages.territories.territory import known
from services.api.reports import REPORTS
from services.api.reports.report import Subject
from services.api.web.parameters import Here, Period, month_of
from services.api.web.rendering import page
from services.api.words.elections import electoral_period
from services.api.words.month_state import expected
from services.api.words.standing.places import field
from services.api.words.standing.rulers import rulers

router = APIRouter()

LONGEST = 240
"""Signs of a remark: three of them, and the page stays one side of a sheet."""


def _written(remark: str | None) -> str:
    """Return a remark of an address, on one line, cut where it is too long."""
    return " ".join((remark or "").split())[:LONGEST]


@router.get("/rapports/{slug}/{code}")
async def show(
    request: Request,
    here: Here,
    slug: str,
    code: str,
    periode: Period = None,
    reseau: Annotated[str | None, Query(max_length=20)] = None,
    compte: Annotated[str | None, Query(max_length=200)] = None,
    rang: Literal["oui", "non"] = "oui",
) -> Response:
    """Show a report about the account of a territory that its own page is about."""
    report, territory = REPORTS.get(slug), here.territories.resolve(code)
    if report is None or territory is None or not here.measured(territory):
        raise HTTPException(404, "Aucun rapport n’existe à cette adresse.")
    month = await month_of(here.figures, periode)
    _, scores = await known(here.figures, territory.code, month)
    chosen = choose(scores, reseau, compte)
    at = seen(await here.figures.read(PERIODS), month, here.clock.now())
    detail = await detailed(here.figures, chosen, at)
    if chosen is None or detail is None:
        raise HTTPException(404, "Rien n’est encore calculé pour cette collectivité et ce mois.")
    electoral = electoral_period(at.last)
    cells, knots = await asyncio.gather(
        here.figures.read(MONTH_CELLS, period=month),
        here.figures.read(BAREME_KNOTS, methodology=chosen.methodology),
    )
    subject = Subject(
        territory.nom,
        chosen,
        detail.kpis,
        electoral is not None,
        field(chosen, cells),
        rulers(detail.kpis, chosen, knots),
        sorted({network_of(one.network).name for one in scores if one.score is None}),
        rang == "oui",
        expected(chosen.period, chosen.state, here.clock.now()),
    )
    proposed = {one.slug: one.say(subject) for one in report.remarks}
    written = {slug: _written(request.query_params.get(slug)) for slug in proposed}
    remarks = [(one, written[one.slug] or proposed[one.slug]) for one in report.remarks]
    shown = [one for one in report.panels if subject.ranked or one not in report.ranks]
    return page(
        request,
        "rapport.html",
        report=report,
        territory=territory,
        place=here.territories.place(territory),
        chosen=chosen,
        standing=report.standing(subject) if subject.ranked else "",
        trend=report.trend(subject),
        remarks=remarks,
        rewritten={
            slug
            for slug, remark in written.items()
            if remark not in ("", _written(typography(proposed[slug])))
        },
        ranked=subject.ranked,
        longest=LONGEST,
        answers=report.answers(subject),
        figures=drawn(chosen, detail, shown),
        electoral=electoral,
    )
