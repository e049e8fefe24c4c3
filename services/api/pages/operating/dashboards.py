"""Every panel of every dashboard, drawn here by its own definition: for who has no Grafana.

Curves of operations are read in Prometheus; panels of figures are shown on the account that is
first in the newest month, beside the next one.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.panels import DASHBOARDS
from contracts.panels.panel import Dashboard, Panel
from libs.clock import Clock, paris_day
from libs.settings import Settings
from services.api.figures.queries import Figures
from services.api.figures.queries import first as first_of
from services.api.figures.rows import Listed, Row
from services.api.figures.views import ACCOUNT_SCORE, RANKING, VIEWS
from services.api.operations.prometheus import Firing, PrometheusUnavailable, Series, read
from services.api.operations.prometheus import firing as ask_firing
from services.api.pages.pictures import answered
from services.api.web.access import operates
from services.api.web.panels import Figure, figure
from services.api.web.parameters import Here, published_month
from services.api.web.rendering import page
from services.api.words.source_state import begins

if TYPE_CHECKING:
    from libs.charts.measured import Curves

router = APIRouter(dependencies=[Depends(operates)])

PAGE = "/exploitation/tableaux"
SHOWN_ROWS = 10
"""Rows of a table that are shown."""

DAYS_SHOWN = 90
"""Days that a curve looks back."""

SPANS = (1, 6, 24, 168, 720)
"""Hours that one may look back."""

Hours = Annotated[int, Query(alias="heures", ge=1, le=720)]


@router.get(PAGE)
async def first() -> Response:
    """Go to the dashboard of whoever is on call."""
    return RedirectResponse(f"{PAGE}/exploitation", status_code=303)


@router.get(f"{PAGE}/{{slug}}")
async def show(
    request: Request,
    here: Here,
    slug: str,
    heures: Hours = 6,
    compte: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Show a dashboard; its figures are of an account, else of the first of the newest month."""
    board = _board(slug)
    figures = await _figures(here.clock, here.figures, board, compte) if board.panels else []
    unread = await _unread(here.settings, board)
    firing: Sequence[Firing] = ()
    if board.measures and len(unread) < len(board.measures):
        with suppress(PrometheusUnavailable):  # told above, by each panel
            firing = await ask_firing(here.settings.prometheus_url)
    return page(
        request,
        "exploitation_tableaux.html",
        board=board,
        boards=DASHBOARDS,
        figures=figures,
        rows=SHOWN_ROWS,
        hours=heures,
        spans=SPANS,
        unread=unread,
        firing=firing,
        begins=begins(here.clock.now(), here.settings.demonstration_began),
    )


@router.get(f"{PAGE}/{{slug}}/{{measure}}.svg")
async def draw(
    here: Here, slug: str, measure: str, heures: Hours = 6, etroit: bool = False
) -> Response:
    """Draw a panel of operations as it is now."""
    found = next((one for one in _board(slug).measures if one.slug == measure), None)
    if found is None:
        raise HTTPException(404, "Aucun panneau n’a ce nom.")
    try:
        series = await read(
            here.settings.prometheus_url, found, timedelta(hours=heures), datetime.now(UTC)
        )
    except PrometheusUnavailable as error:
        raise HTTPException(503, f"Prometheus ne répond pas : {error}.") from error
    from libs.charts import measured

    drawn = measured.svg(found, _curves(series), simulation=here.simulation, narrow=etroit)
    if not drawn:
        raise HTTPException(404, "Rien à dessiner : aucune valeur pendant ce temps.")
    return await answered(here.simulation, drawn, measure, "svg")


def _curves(series: Sequence[Series]) -> "Curves":
    return [(one.name, one.points) for one in series]


async def _unread(settings: Settings, board: Dashboard) -> dict[str, str]:
    """Return the panels of operations that have nothing to draw, and why."""
    now, hour = datetime.now(UTC), timedelta(hours=1)
    try:
        found = await asyncio.gather(
            *(read(settings.prometheus_url, one, hour, now) for one in board.measures)
        )
    except PrometheusUnavailable as error:
        return {one.slug: f"Prometheus ne répond pas : {error}." for one in board.measures}
    return {
        one.slug: "Aucune valeur : rien de tel n’a eu lieu depuis une heure."
        for one, series in zip(board.measures, found, strict=True)
        if not any(each.points for each in series)
    }


async def _figures(clock: Clock, figures: Figures, board: Dashboard, account: str) -> list[Figure]:
    values = await _values(clock, figures, account)
    return [await _figure(figures, panel, values) for panel in board.panels]


async def _figure(figures: Figures, panel: Panel, values: dict[str, str]) -> Figure:
    wanted = {name: values[variable] for name, variable in panel.parameters.items()}
    rows: list[Row] = await figures.read(VIEWS[panel.view], panel.limit, **wanted)
    account = values[panel.parameters.get("account", "account")]
    made = figure(panel, rows, account, values["period"])
    address = made.picture and made.picture.replace("/graphiques/other_", "/graphiques/")
    return Figure(made.panel, made.rows, address)


async def _values(clock: Clock, figures: Figures, account: str) -> dict[str, str]:
    """Return what each variable is; the account beside is the last of the first two ranked."""
    now = clock.now()
    period = await published_month(figures, None) or ""
    everything = dict.fromkeys(("network", "category", "departement", "region"), "")
    first: list[Listed] = []
    if period:
        first = await figures.read(RANKING, 2, period=period, **everything)
    accounts = [one.account for one in first] or [""]
    account = account or accounts[0]
    score = await first_of(figures, ACCOUNT_SCORE, account=account, period=period)
    return everything | {
        "period": period,
        "territory": (score and score.territory) or "",
        "account": account,
        "other_account": accounts[-1],
        "date_from": paris_day(now - timedelta(days=DAYS_SHOWN)),
        "date_to": paris_day(now),
        "at": now.astimezone(UTC).isoformat(),
    }


def _board(slug: str) -> Dashboard:
    board = next((one for one in DASHBOARDS if one.slug == slug), None)
    if board is None:
        raise HTTPException(404, "Aucun tableau n’a ce nom.")
    return board
