"""« Apprendre »: the lessons, listed, filtered and searched by GET, and each on its page."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.kpis import BY_SLUG
from services.api.web.markdown import as_html
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.lessons import (
    CHOICES,
    LEVELS,
    SUBJECTS,
    beside,
    lessons,
    search,
)

router = APIRouter()

LONGEST_SEARCH = 100
"""Characters."""


@router.get("/apprendre")
async def listed(
    request: Request, q: Annotated[str, Query(max_length=LONGEST_SEARCH)] = ""
) -> Response:
    """List the lessons that answer the filters of the address; what is not known is told."""
    given = {name: value for name, value in request.query_params.items() if value and name != "q"}
    chosen = {name: one for name, one in given.items() if one in CHOICES.get(name, {})}
    found = search(chosen, q)
    return page(
        request,
        "apprendre.html",
        subjects=[
            (label, [one for one in found if one.subject == slug])
            for slug, label in SUBJECTS.items()
        ],
        found=len(found),
        lessons=len(lessons()),
        narrowed=bool(chosen or q.strip()),
        ignored=[f"{name[:40]} = {one[:40]}" for name, one in given.items() if name not in chosen],
        choices=CHOICES,
        chosen=chosen,
        typed=q,
        levels=LEVELS,
        kpis=BY_SLUG,
    )


@router.get("/apprendre/{slug}")
async def lesson(
    request: Request,
    here: Here,
    slug: str,
    territory: Annotated[str, Query(alias="pour", max_length=20)] = "",
) -> Response:
    """Show a lesson, what to take away, those beside it, and the way back to a territory."""
    found = lessons().get(slug)
    if found is None:
        raise HTTPException(404, "Aucune leçon n’a ce nom.")
    before, after = beside(found)
    return page(
        request,
        "lecon.html",
        lesson=found,
        territory=here.territories.get(territory),
        text=as_html(found.text),
        taken=as_html(found.taken),
        subject=SUBJECTS[found.subject],
        level=LEVELS[found.level],
        choices=CHOICES,
        before=before,
        after=after,
        kpis=BY_SLUG,
    )


@router.get("/lecons")
@router.get("/lecons/{slug}")
async def moved(slug: str = "") -> Response:
    """Lead on from where lessons were."""
    known = f"/{slug}" if slug in lessons() else ""
    return RedirectResponse(f"/apprendre{known}", 301)
