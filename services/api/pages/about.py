"""Pages about the observatory itself: method, sources, rights, what to do about an error."""

import re
from functools import cache
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from contracts.jobs import CAUSES
from contracts.kpis import KPIS
from contracts.networks import NETWORKS
from services.api.figures.views import PERIODS, SOURCES
from services.api.web.parameters import Here
from services.api.web.rendering import FOLDER, page
from services.api.words import source_state
from services.api.words.lessons import lessons

router = APIRouter()

METHODOLOGY = FOLDER.parents[1] / "docs" / "methodology.md"

FRAME = (
    '<div class="scroll" tabindex="0" role="region" aria-label="Tableau {number}">'
    "<table>{table}</table></div>"
)
"""Tables of a text scroll by themselves on a narrow screen, by keyboard too."""


_OWN = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")
"""An address of ours: browsers take `\\` for `/`, and leave out tabs and ends of lines."""

NUMBERED = re.compile(r"<(h2|p)>(\d+(?:\.\d+)?)\. ")
"""What begins with a number can be led to by it: /methodologie#6.3."""
CHAPTER = re.compile(r'<h2 id="(\d+)">\d+\. (.*?)</h2>')
TITLE = re.compile(r"<h1>.*?</h1>\s*")


@cache
def as_html(written: str) -> Markup:
    """Return a text of ours, written in Markdown, as HTML."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = NUMBERED.sub(r'<\1 id="\2">\2. ', markdown.render(written))
    before, *tables = text.replace("<th>", '<th scope="col">').split("<table>")
    framed = [before]
    for number, table in enumerate(tables, 1):
        body, _, after = table.partition("</table>")
        framed.append(FRAME.format(number=number, table=body) + after)
    return Markup("".join(framed))  # noqa: S704


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


@router.get("/lecons")
async def learn(request: Request) -> Response:
    """List the lessons."""
    return page(request, "lecons.html", lessons=lessons().values(), kpis=KPIS)


@router.get("/lecons/{slug}")
async def lesson(request: Request, slug: str) -> Response:
    """Show a short lesson."""
    if (found := lessons().get(slug)) is None:
        raise HTTPException(404, "Aucune leçon n’a ce nom.")
    return page(request, "lecon.html", lesson=found, text=as_html(found.text))


@router.get("/sources")
async def sources(request: Request, here: Here) -> Response:
    """Show how the reading of each network goes, and under which terms."""
    now, started = here.clock.now(), here.settings.clock_epoch if here.simulation else None
    read = {one.network: one for one in await here.figures.read(SOURCES)}
    return page(
        request,
        "sources.html",
        networks=NETWORKS,
        read=read,
        states={network: source_state.state(one, now, started) for network, one in read.items()},
        unread=source_state.unread,
        begins=source_state.begins(now, started),
        late=source_state.LATE,
        causes={cause: words.brief for cause, words in CAUSES.items()},
    )


@router.get("/mentions-legales")
async def legal(request: Request) -> Response:
    """Show who publishes this installation."""
    return page(request, "mentions.html")


@router.get("/vos-droits")
async def rights(request: Request) -> Response:
    """Show what is read about people, for how long, and how to object."""
    return page(request, "droits.html")


@router.get("/accessibilite")
async def accessibility(request: Request) -> Response:
    """Show the state of accessibility: not compliant until an audit says otherwise."""
    return page(request, "accessibilite.html")


@router.get("/signaler")
async def report(request: Request, adresse: Annotated[str, Query(max_length=300)] = "") -> Response:
    """Show how to say that something is wrong."""
    ours = _OWN.fullmatch(adresse) is not None
    return page(request, "signaler.html", address=adresse, ours=ours)
