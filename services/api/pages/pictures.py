"""A panel as a picture to take away: SVG or PNG, the mark of a simulation inside."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from contracts.networks import network_of
from contracts.panels import panels_at
from contracts.panels.panel import Panel
from libs import french
from libs.charts import picture as charts
from libs.charts.marks import Mark, markable
from libs.charts.style import Titles
from libs.settings import Settings
from services.api.figures.queries import first
from services.api.figures.views import ACCOUNT_SCORE, PERIODS
from services.api.pages.territories.account import seen
from services.api.pages.territories.noted import noted, reader_of
from services.api.web.panels import load, picture
from services.api.web.parameters import Here, Period, month_of

router = APIRouter()

UNITS = {
    "points": "points sur 100",
    "ratio": "en %",
    "count": "nombre",
    "per_day": "par jour",
    "times": "fois l’habituel",
}
"""How the values of a picture are read, by the kind of their field."""


@router.get("/graphiques/{slug}/{account}.{kind}")
async def show(
    request: Request,
    here: Here,
    slug: Annotated[str, Path(max_length=40)],
    account: Annotated[str, Path(max_length=200)],
    kind: Literal["svg", "png"],
    periode: Period = None,
    etroit: bool = False,
    titre: bool = False,
    reperes: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Give the picture of a panel about an account; a narrow one for a telephone.

    One to take away says what it is of (`titre`); a PNG always does. `reperes` is the territory
    whose own notes are marked besides public ones, for its agents: nobody keeps such a picture.
    """
    panel = _panel(slug)
    month = await month_of(here.figures, periode)
    at = seen(await here.figures.read(PERIODS), month, here.clock.now())
    rows = (await load(here.figures, [panel], account, month, at.last, at.first)).shown(panel)
    score = await first(here.figures, ACCOUNT_SCORE, account=account, period=month)
    home = here.territories.get(score.territory) if score and score.territory else None
    who, network = home.nom if home else account, network_of(score.network).name if score else ""
    titled = titles(here.settings, panel, who, network, month) if titre or kind == "png" else None
    own = reperes if reperes == reader_of(request, reperes) else ""
    told = await noted(here.store, account, at, own) if markable(panel) else []
    drawn = await picture(
        panel,
        rows,
        here.simulation,
        home.nom if home else None,
        narrow=etroit,
        titled=titled,
        marks=[Mark(one.note.day, one.number) for one in told],
    )
    if not drawn:
        raise HTTPException(404, "Rien à dessiner pour ce compte et ce mois.")
    name = "_".join((slug, french.plain(who), french.plain(network), month))
    answer = await answered(here.simulation, drawn, name, kind)
    if reperes:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def unit_of(panel: Panel) -> str:
    """Return how the values of a picture are read; empty where it goes without saying."""
    return UNITS.get(panel.field(panel.y).kind, "")


def titles(settings: Settings, panel: Panel, who: str, network: str, month: str) -> Titles:
    """Write what a picture that is taken away says of itself: question, whose, when, whence."""
    invented = "SIMULATION, chiffres inventés. " if settings.simulation else ""
    source = f"{invented}Source : Observatoire, {settings.portal_url}"
    about = " · ".join(filter(None, (who, network, french.month(month), unit_of(panel))))
    return Titles(*map(french.typography, (panel.question, about, source)))


async def answered(
    simulation: bool, drawn: str, name: str, kind: Literal["svg", "png"]
) -> Response:
    """Return a drawn picture under a name that says what it is."""
    mark = "simulation_" if simulation else ""
    headers = {"Content-Disposition": f'inline; filename="{mark}{name}.{kind}"'}
    if kind == "svg":
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return Response(drawn, media_type="image/svg+xml", headers=headers)
    return Response(
        await asyncio.to_thread(charts.png, drawn), media_type="image/png", headers=headers
    )


def _panel(slug: str) -> Panel:
    panel = next((one for one in panels_at("score", "account") if one.slug == slug), None)
    if panel is None:
        raise HTTPException(404, "Aucun graphique n’a ce nom ; un tableau se prend en CSV.")
    return panel
