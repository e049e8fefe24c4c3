"""Reports of a territory: one page to read, one sheet of A4 (PDF) to print on both sides, slides.

What its maker changes (remarks, no rank) is in the address: it is kept nowhere else. Whoever makes
the address writes what they want there: each remark of theirs says so, and no engine of search
keeps the page.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import Response

from services.api.entering.addresses import key_of, mailbox_of
from services.api.entering.agent import agent_of
from services.api.pages.sheets.letter import letter
from services.api.pages.sheets.pdf import pdf
from services.api.pages.sheets.sheet import REMARK_CHARACTERS, Asked, Sheet, compose, pictures
from services.api.pages.sheets.slides import slides
from services.api.reports import REPORTS
from services.api.web.access import signed_in
from services.api.web.parameters import Here, Period, month_of
from services.api.web.rendering import page

router = APIRouter()
agents = APIRouter(dependencies=[Depends(signed_in)])

FORMS: Mapping[str, tuple[str, Any]] = {
    "pdf": ("application/pdf", pdf),
    "pptx": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        slides,
    ),
}
"""Files of a report: their media type, and what makes one of a sheet and its pictures."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The report that an address names, and what it asks of it, as it was written."""

    sheet: Sheet
    query: str


async def wanted(
    request: Request,
    here: Here,
    slug: str,
    code: str,
    periode: Period = None,
    reseau: Annotated[str | None, Query(max_length=20)] = None,
    compte: Annotated[str | None, Query(max_length=200)] = None,
    rang: Literal["oui", "non"] = "oui",
) -> Wanted:
    """Write the report that an address asks for. Raises 404 where there is none."""
    report, territory = REPORTS.get(slug), here.territories.resolve(code)
    if territory is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    if report is None or not here.measured(territory):
        raise HTTPException(404, "Aucun rapport n’existe à cette adresse.")
    month = await month_of(here.figures, periode)
    given = {one.slug: request.query_params.get(one.slug, "") for one in report.remarks}
    asked = Asked(month, reseau, compte, given, rang == "oui")
    sheet = await compose(here, report, territory, asked)
    if sheet is None:
        raise HTTPException(404, "Rien n’est encore calculé pour cette collectivité et ce mois.")
    kept = {
        "compte": sheet.score.account,
        "periode": month,
        **{one.slug: one.text for one in sheet.remarks if one.rewritten},
        **({} if asked.ranked else {"rang": "non"}),
    }
    return Wanted(sheet, urlencode(kept))


Asking = Annotated[Wanted, Depends(wanted)]


@router.get("/rapports/{slug}/{code}.{kind}")
async def take(here: Here, asked: Asking, kind: Literal["pdf", "pptx"]) -> Response:
    """Give a report as a file: a sheet of A4 to print on both sides (PDF/UA-1), or slides."""
    media, make = FORMS[kind]
    content = await asyncio.to_thread(
        make,
        asked.sheet,
        await pictures(asked.sheet, simulation=here.simulation),
        address=here.settings.portal_url,
        now=here.clock.now(),
        simulation=here.simulation,
    )
    name = f"{asked.sheet.named(here.simulation)}.{kind}"
    return Response(
        content, media_type=media, headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


@router.get("/rapports/{slug}/{code}")
async def show(request: Request, asked: Asking) -> Response:
    """Show a report about the account of a territory that its own page is about."""
    sheet = asked.sheet
    return page(
        request,
        "rapport.html",
        sheet=sheet,
        chosen=sheet.score,
        asked=asked.query,
        rewritten=any(one.rewritten for one in sheet.remarks),
        longest=REMARK_CHARACTERS,
    )


@agents.get("/courriel/{slug}/{code}")
async def offer(request: Request, asked: Asking) -> Response:
    """Ask an agent for their address, of which nothing but a hash is kept."""
    agent = agent_of(request)
    shown = agent.shown if agent and "@" in agent.shown and "•" not in agent.shown else ""
    return page(request, "rapport_courriel.html", sheet=asked.sheet, asked=asked.query, typed=shown)


@agents.post("/courriel/{slug}/{code}")
async def send(
    request: Request,
    here: Here,
    asked: Asking,
    typed: Annotated[str, Form(alias="adresse", max_length=300)],
) -> Response:
    """Mail a report to the agent who asks, at the address that they signed in with."""
    agent, key = agent_of(request), key_of(here.settings)
    assert agent is not None  # `signed_in` has seen to it
    assert key is not None
    found = mailbox_of(key, typed)
    if found is None or not await asyncio.to_thread(
        here.store.entitled.is_of, agent.id, found[0].key
    ):
        raise HTTPException(422, "Ce n’est pas l’adresse avec laquelle vous entrez.")
    here.throttles.addresses.take(request, found[0].key)
    mail = letter(asked.sheet, here.settings.portal_url, asked.query, simulation=here.simulation)
    await asyncio.to_thread(here.store.messages.add, found[1], "monthly_page", mail)
    back = f"/rapports/{asked.sheet.report.slug}/{asked.sheet.territory.code}?{asked.query}"
    return page(
        request,
        "fait.html",
        title="La page est en route",
        text="Elle arrive dans votre messagerie. Rien ne part à un élu : vous transférez.",
        links=[(back, "Revenir à la page")],
    )
