"""A comparison as slides: scores, then each KPI that the network lets leave, then the accounts."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from contracts.kpis import KPIS
from contracts.networks import network_of
from contracts.panels.comparer import SCORES_TOGETHER
from contracts.territories import Territory
from libs import french
from libs.charts.style import PALETTE
from libs.french import NO_BREAK
from services.api.figures.rows import Listed
from services.api.files.deck import MARGIN, ROWS_AT_MOST, Deck
from services.api.files.redistribution import counters_may_leave, note, withhold
from services.api.pages.territories.comparing import (
    Asked,
    Measured,
    Understood,
    compared,
    group_of,
    measured,
)
from services.api.pages.territories.together import named_apart, together
from services.api.web.panels import picture
from services.api.web.parameters import Here

router = APIRouter()

MEDIA = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
WIDE, HIGH = 1200, 200
"""Pixels of the drawing of a slide."""


@router.get("/comparer/{code}.pptx")
async def take(here: Here, asked: Understood) -> Response:
    """Give the comparison as slides, without what the network lets nobody hand on."""
    if not here.measured(asked.territory):
        raise HTTPException(404, f"Rien n’est mesuré ici de {asked.territory.nom}.")
    if not counters_may_leave(asked.network):
        asked = replace(asked, sort="score")
    lines = [
        withhold(one, one.network) for one in await compared(here.figures, here.territories, asked)
    ]
    if len(lines) < 2:
        raise HTTPException(404, "Il faut deux comptes notés pour comparer.")
    rows = await together(here.figures, here.territories, asked)
    own = next((one.territory_name for one in rows), None)
    curves = await picture(SCORES_TOGETHER, rows, here.simulation, own)
    deck = Deck(
        f"Observatoire, {here.settings.portal_url}, édité le {french.moment(here.clock.now())}",
        simulation=here.simulation,
    )
    content = await asyncio.to_thread(
        _written, deck, asked, lines, curves, simulation=here.simulation
    )
    mark = "simulation_" if here.simulation else ""
    place = french.plain(asked.territory.nom)
    name = f"{mark}comparaison_{place}_{asked.network}_{asked.month}.pptx"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type=MEDIA, headers=headers)


def _written(
    deck: Deck, asked: Asked, lines: Sequence[Listed], curves: str, *, simulation: bool
) -> bytes:
    territory, who = asked.territory, group_of(asked)
    about = f"{network_of(asked.network).name} · {french.month(asked.month)} · {who}"
    own = next((one for one in lines if one.territory == territory.code), None)
    deck.slide(f"Comparer {territory.nom}", f"{about} · points sur 100")
    deck.words(_standing(territory, own, len(lines)), top=4.2, height=2)
    if curves:
        question = f"{SCORES_TOGETHER.question} Les scores du mois sont au tableau."
        deck.picture(curves, question, left=MARGIN, top=6.6, height=10.2)
    for kpi in KPIS:
        one = measured(lines, own, kpi, who)
        if one.known > 1:
            _spread(deck, one, about, territory.nom, simulation=simulation)
    deck.slide("Compte par compte", f"{about} · points sur 100, avec la marge")
    head = ["Compte", "Score", "Marge", *(kpi.label for kpi in KPIS if _told(lines, kpi.slug))]
    deck.table(head, _rows(lines, own), top=4.2)
    if more := _left_out(lines, asked):
        deck.words([(more, 12, False, "soft")], top=16.8, height=1)
    return deck.content()


def _standing(
    territory: Territory, own: Listed | None, many: int
) -> list[tuple[str, int, bool, str]]:
    counted = f"{french.plural(many, 'compte noté', 'comptes notés')}"
    if own is None or own.score is None:
        return [
            (f"{territory.nom} n’a pas de compte noté ce mois-là ; {counted}.", 18, False, "ink")
        ]
    now, low, high = (french.number(one, 1) for one in (own.score, own.low, own.high))
    said = f"{territory.nom}{NO_BREAK}: {now}, entre {low} et {high} ; {counted}."
    return [(said, 18, True, "ink")]


def _spread(deck: Deck, one: Measured, about: str, territory: str, *, simulation: bool) -> None:
    deck.slide(one.kpi.label, f"{about} · {one.kpi.says}")
    median = f"médiane{NO_BREAK}: {one.median}"
    said = median if one.own_dot is None else (
        f"{one.value} : mieux que {one.better_than} sur {one.known}, {median}"
    )  # fmt: skip
    deck.words([(said, 24, True, "ink")], top=4.2, height=2)
    dot = f"un point, un compte ; le grand, {territory} ; le trait, la médiane."
    ends = f"De 0 à {one.most} et plus : {dot}"
    deck.picture(
        dots(one, simulation=simulation),
        f"{one.kpi.label} : {said}. {ends}",
        left=MARGIN,
        top=7,
        height=5,
    )
    deck.words([(ends, 14, False, "soft")], top=12.4, height=1.2)


def dots(one: Measured, *, simulation: bool) -> str:
    """Draw a KPI over accounts: a dot each, one's own larger, a line at the median."""

    def at(percent: float) -> float:
        return 20 + percent / 100 * (WIDE - 40)

    others = "".join(
        f'<circle cx="{at(dot):.1f}" cy="100" r="9" fill="{PALETTE["soft"]}" opacity="0.35"/>'
        for dot in one.dots
    )
    mine = "" if one.own_dot is None else (
        f'<circle cx="{at(one.own_dot):.1f}" cy="100" r="17" fill="{PALETTE["accent"]}"/>'
    )  # fmt: skip
    stamp = "" if not simulation else (
        f'<text x="{WIDE / 2}" y="{HIGH - 12}" text-anchor="middle" font-family="Arial" '
        f'font-size="26" fill="{PALETTE["soft"]}" opacity="0.6">SIMULATION</text>'
    )  # fmt: skip
    line = f'stroke="{PALETTE["ink"]}" stroke-width="3"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}" '
        f'viewBox="0 0 {WIDE} {HIGH}"><rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>'
        f'<line x1="20" x2="{WIDE - 20}" y1="100" y2="100" {line}/>{others}'
        f'<line x1="{at(one.middle):.1f}" x2="{at(one.middle):.1f}" y1="50" y2="150" {line}/>'
        f"{mine}{stamp}</svg>"
    )


def _rows(lines: Sequence[Listed], own: Listed | None) -> list[list[str]]:
    """Return the lines of the table: the first ones, one's own in any case."""
    names = dict(zip((one.account for one in lines), named_apart(lines), strict=True))
    shown = list(lines[:ROWS_AT_MOST])
    if own is not None and own not in shown:
        shown[-1] = own
    kpis = [kpi for kpi in KPIS if _told(lines, kpi.slug)]
    return [
        [
            names[one.account],
            french.number(one.score, 1),
            f"{french.number(one.low, 1)} à {french.number(one.high, 1)}",
            *(french.quantity(getattr(one, kpi.slug), kpi.unit) for kpi in kpis),
        ]
        for one in shown
    ]


def _told(lines: Sequence[Listed], slug: str) -> bool:
    return any(getattr(one, slug) is not None for one in lines)


def _left_out(lines: Sequence[Listed], asked: Asked) -> str:
    said: list[str] = []
    if len(lines) > ROWS_AT_MOST:
        said.append(f"{ROWS_AT_MOST} comptes sur {len(lines)} ; tous sont dans le fichier CSV.")
    if withheld := note(asked.network):
        said.append(withheld)
    return " ".join(said)
