"""What a reader's cookies keep: which territory is their own, and how much its page shows."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from contracts.territories import Territories, Territory
from services.api.web.headers import OWN_COOKIE, VIEW_COOKIE, keep_choice
from services.api.web.parameters import Here

router = APIRouter()

View = Literal["simple", "detaillee"]


@router.post("/ma-collectivite")
async def choose_own(
    here: Here,
    code: Annotated[str, Form(max_length=20)],
    oublier: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Keep in a cookie which territory is the reader's own, or forget it."""
    answer = RedirectResponse(f"/territoires/{_known(here.territories, code).code}", 303)
    if oublier:
        answer.delete_cookie(OWN_COOKIE)
    else:
        keep_choice(answer, OWN_COOKIE, code)
    return answer


@router.post("/vue")
async def choose_view(
    here: Here,
    vue: Annotated[View, Form()],
    code: Annotated[str, Form(max_length=20)],
    compte: Annotated[str, Form(max_length=200)] = "",
    periode: Annotated[str, Form(max_length=7)] = "",
) -> Response:
    """Keep in a cookie how much a page shows, and give the page again."""
    kept = {name: value for name, value in (("compte", compte), ("periode", periode)) if value}
    address = f"/territoires/{_known(here.territories, code).code}"
    answer = RedirectResponse(f"{address}?{urlencode(kept)}" if kept else address, 303)
    keep_choice(answer, VIEW_COOKIE, vue)
    return answer


def own(request: Request, territory: Territory) -> bool:
    """Whether the reader said that this territory is their own."""
    return request.cookies.get(OWN_COOKIE) == territory.code


def detailed_view(request: Request, asked: View | None) -> bool:
    """Whether all is shown: by the address, else by what the reader chose last, else not."""
    return (asked or request.cookies.get(VIEW_COOKIE)) == "detaillee"


def _known(territories: Territories, code: str) -> Territory:
    territory = territories.resolve(code)
    if territory is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    return territory
