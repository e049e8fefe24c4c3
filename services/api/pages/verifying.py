"""« Vérifier ce score »: recomputed at this instant, by a second reading of the methodology."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from contracts.kpis import KPIS
from services.api.pages.recomputing import recompute
from services.api.web.parameters import Here, Period, month_of
from services.api.web.rendering import page
from services.verify import WEIGHTS

router = APIRouter()

BILLION = 10**9
MILLION = 10**6


@router.get("/verifier/{account}")
async def check(request: Request, here: Here, account: str, periode: Period = None) -> Response:
    """Recompute a score and show every figure of the way."""
    month = await month_of(here, periode)
    found = await recompute(here, account, month)
    if found is None:
        raise HTTPException(404, "Ce compte n’a pas de ligne pour ce mois : rien à vérifier.")
    verdict = found.verdict
    territory = here.territories.get(found.published.territory or "")
    return page(
        request,
        "verifier.html",
        found=found,
        verdict=verdict,
        name=territory.nom if territory else found.published.account,
        kpis=[
            (
                kpi,
                verdict.values[kpi.slug] / BILLION,
                verdict.points[kpi.slug] / MILLION,
                WEIGHTS[kpi.slug],
            )
            for kpi in KPIS
            if kpi.slug in verdict.points
        ],
        total=sum(WEIGHTS[kpi] * worth for kpi, worth in verdict.points.items()) / MILLION,
        weights=sum(WEIGHTS[kpi] for kpi in verdict.points),
        margin=verdict.margin / BILLION,
    )
