"""Pages about the observatory itself: method, sources, rights, what to do about an error."""

import re
from datetime import UTC, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from contracts.jobs import CAUSES, FAILING_FOR
from contracts.networks import NETWORKS
from contracts.networks.table import COLUMNS, noted, told
from services.api.declaring.exports import declarable
from services.api.figures.views import NETWORK_ABSENCES, PERIODS, READING_AGES, SOURCES
from services.api.web.gate import leads_here
from services.api.web.markdown import as_html
from services.api.web.parameters import Here
from services.api.web.rendering import FOLDER, page
from services.api.words import source_state
from services.api.words.unread import absences

router = APIRouter()

METHODOLOGY = FOLDER.parents[1] / "docs" / "methodology.md"
PERFORMANCE = METHODOLOGY.with_name("performance.md")

CHAPTER = re.compile(r'<h2 id="(\d+)">\d+\. (.*?)</h2>')
TITLE = re.compile(r"<h1>.*?</h1>\s*")


@router.get("/methodologie")
async def methodology(request: Request, here: Here) -> Response:
    """Show how scores are made, from the text that the code is checked against."""
    if not METHODOLOGY.is_file():
        raise HTTPException(404, "La méthodologie n’est pas jointe à cette installation.")
    text = as_html(METHODOLOGY.read_text(encoding="utf-8"))
    return page(
        request,
        "methodologie.html",
        text=Markup(TITLE.sub("", text, count=1)),  # noqa: S704
        chapters=CHAPTER.findall(text),
        periods=await here.figures.read(PERIODS),
    )


@router.get("/methodologie/publications")
async def performance(request: Request) -> Response:
    """Show how posts are compared, and when something is said of them."""
    if not PERFORMANCE.is_file():
        raise HTTPException(404, "Cette méthode n’est pas jointe à cette installation.")
    text = as_html(PERFORMANCE.read_text(encoding="utf-8"))
    return page(request, "methodologie_publications.html", text=Markup(text))  # noqa: S704


@router.get("/sources")
async def sources(request: Request, here: Here) -> Response:
    """Show how the reading of each network goes, and under which terms."""
    now, started = here.clock.now(), here.settings.demonstration_began
    read = {one.network: one for one in await here.figures.read(SOURCES)}
    return page(
        request,
        "sources.html",
        networks=NETWORKS,
        told={network.slug: dict(zip(COLUMNS, told(network), strict=True)) for network in NETWORKS},
        only_noted=noted(),
        declarable=sorted(declarable()),
        read=read,
        ages={
            one.network: source_state.ages(one)
            for one in await here.figures.read(READING_AGES, at=now.astimezone(UTC).isoformat())
        },
        absences=absences(await here.figures.read(NETWORK_ABSENCES)),
        states={network: source_state.state(one, now, started) for network, one in read.items()},
        unread=source_state.unread,
        begins=source_state.begins(now, started),
        late=source_state.LATE,
        failing=FAILING_FOR // timedelta(minutes=1),
        causes={cause: words.brief for cause, words in CAUSES.items()},
    )


@router.get("/mentions-legales")
async def legal(request: Request) -> Response:
    """Show who publishes this installation."""
    return page(request, "mentions.html")


@router.get("/accessibilite")
async def accessibility(request: Request) -> Response:
    """Show the state of accessibility: not compliant until an audit says otherwise."""
    return page(request, "accessibilite.html")


@router.get("/signaler")
async def report(request: Request, adresse: Annotated[str, Query(max_length=300)] = "") -> Response:
    """Show how to say that something is wrong."""
    ours = leads_here(adresse)
    return page(request, "signaler.html", address=adresse, ours=ours)
