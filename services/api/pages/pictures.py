"""A panel as a picture to take away: SVG or PNG, the mark of a simulation inside."""

import asyncio
from typing import Annotated, Literal, cast

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import Response

from contracts.panels.ma_collectivite import DASHBOARD
from contracts.panels.ma_collectivite import PEERS as PEERS_PANEL
from contracts.panels.panel import Panel
from libs.charts import drawings as charts
from services.api.figures.queries import first
from services.api.figures.rows import Peer, Row
from services.api.figures.views import (
    ACCOUNT_DAYS,
    ACCOUNT_POSTS,
    ACCOUNT_SCORE,
    ACCOUNT_SCORE_KPIS,
    ACCOUNT_SCORES,
    PEERS,
    View,
)
from services.api.installation import Installation
from services.api.pages.figures import picture
from services.api.web.parameters import Here, Period, month_of
from services.api.words.french import PARIS
from services.api.words.halves import near

router = APIRouter()

VIEWS: dict[str, View[Row]] = {
    view.name: view
    for view in (
        ACCOUNT_SCORES,
        ACCOUNT_SCORE_KPIS,
        PEERS,
        ACCOUNT_DAYS,
        ACCOUNT_POSTS,
    )
}


@router.get("/graphiques/{slug}/{account}.{kind}")
async def show(
    here: Here,
    slug: Annotated[str, Path(max_length=40)],
    account: Annotated[str, Path(max_length=200)],
    kind: Literal["svg", "png"],
    periode: Period = None,
    etroit: bool = False,
) -> Response:
    """Give the picture of a panel about an account; a narrow one for a telephone."""
    panel = _panel(slug)
    month = await month_of(here, periode)
    parameters = _parameters(here, panel, account, month)
    rows = await here.figures.read(VIEWS[panel.view], None, **parameters)
    score = await first(here.figures, ACCOUNT_SCORE, account=account, period=month)
    if panel is PEERS_PANEL:
        rows = near(cast("list[Peer]", rows), account)
    home = here.territories.get(score.territory) if score and score.territory else None
    drawn = await picture(panel, rows, here.simulation, home.nom if home else None, narrow=etroit)
    if not drawn:
        raise HTTPException(404, "Rien à dessiner pour ce compte et ce mois.")
    mark = "simulation_" if here.simulation else ""
    headers = {"Content-Disposition": f'inline; filename="{mark}{slug}_{account}_{month}.{kind}"'}
    if kind == "svg":
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return Response(drawn, media_type="image/svg+xml", headers=headers)
    return Response(
        await asyncio.to_thread(charts.png, drawn), media_type="image/png", headers=headers
    )


def _panel(slug: str) -> Panel:
    try:
        panel = DASHBOARD.panel(slug)
    except KeyError:
        raise HTTPException(404, "Aucun graphique n’a ce nom.") from None
    if panel.view not in VIEWS:
        raise HTTPException(404, "Ce tableau n’a pas d’image ; prenez-le en CSV.")
    return panel


def _parameters(here: Installation, panel: Panel, account: str, month: str) -> dict[str, str]:
    today = here.clock.now().astimezone(PARIS).date()
    known = {
        "account": account,
        "period": month,
        "date_from": panel.since(today).isoformat(),
        "date_to": today.isoformat(),
    }
    return {name: known[name] for name in VIEWS[panel.view].parameters}
