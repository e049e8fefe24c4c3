"""« Vérifier ce score »: recomputed at this instant, by a second reading of the methodology."""

import asyncio

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from contracts.kpis import KPIS
from libs.verify import BILLION, MILLION, UnknownVersionError
from services.api.pages.recomputing import recompute
from services.api.web.headers import asked_anew
from services.api.web.parameters import Here, Period, month_of
from services.api.web.rendering import page
from services.api.words.contests import FIGURES
from services.api.words.standing.rulers import cell_named, served, step

router = APIRouter()


@router.get("/verifier/{account}")
async def check(request: Request, here: Here, account: str, periode: Period = None) -> Response:
    """Recompute a score and show every figure of the way."""
    month = await month_of(here.figures, periode)
    try:
        found = await recompute(here, account, month)
    except UnknownVersionError:
        raise HTTPException(
            404, "Personne n’a écrit de seconde lecture de cette version."
        ) from None
    if found is None:
        raise HTTPException(404, "Ce compte n’a pas de ligne pour ce mois : rien à vérifier.")
    verdict, weights = found.verdict, found.rules.weights
    scale = served(found.published, found.knots)
    territory = here.territories.get(found.published.territory or "")
    contests = await asyncio.to_thread(here.store.contests.of_account, account)
    shown = page(
        request,
        "verifier.html",
        found=found,
        contests=contests,
        replies=await asyncio.to_thread(here.store.rights.replies, account),
        contested_figures=FIGURES,
        verdict=verdict,
        name=territory.nom if territory else found.published.account,
        kpis=[
            (
                kpi,
                verdict.values[kpi.slug] / BILLION,
                step(verdict.values[kpi.slug], kpi, scale[kpi.slug]) if kpi.slug in scale else "",
                verdict.points[kpi.slug] / MILLION,
                weights[kpi.slug],
            )
            for kpi in KPIS
            if kpi.slug in verdict.points
        ],
        total=sum(weights[kpi] * worth for kpi, worth in verdict.points.items()) / MILLION,
        weights=sum(weights[kpi] for kpi in verdict.points),
        cell=next((cell_named(one, found.published) for one in scale.values()), ""),
        margin=verdict.margin / BILLION,
    )
    return asked_anew(shown, when=any(one.open for one in contests))
