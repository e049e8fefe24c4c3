"""« Ce compte est-il officiel ? »: an address, whose account it is, and who says so."""

from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.networks import network_of
from contracts.territories import Territories, Territory
from libs.matching.asked import meant
from services.api.routes.official import ADDRESS_CHARACTERS, answer
from services.api.web.parameters import Here
from services.api.web.rendering import page
from services.api.words.official import VERDICTS

router = APIRouter()

Address = Annotated[str, Query(max_length=ADDRESS_CHARACTERS)]


@router.get("/officiel")
async def show(
    request: Request,
    here: Here,
    adresse: Address = "",
    reported: Annotated[Literal["", "1", "connu"], Query(alias="signale")] = "",
) -> Response:
    """Show the question, and the answer to an address."""
    told, why = None, ""
    if adresse.strip():
        here.throttles.questions.take(request)
        told, why = await answer(here.store, adresse)
    imitated = _named(here.territories, told.imitates if told else ())
    return page(
        request,
        "officiel.html",
        address=adresse.strip(),
        told=told,
        why=why,
        reported=reported,
        imitated=imitated,
        imitated_name=_typed(here.territories, imitated[0]) if imitated else "",
        said=VERDICTS[told.verdict] if told else None,
        network=network_of(told.network).name if told and told.network else "",
        places=_named(here.territories, told.territories if told else ()),
    )


def _named(territories: Territories, codes: Iterable[str]) -> list[Territory]:
    return [one for code in codes if (one := territories.get(code))]


def _typed(territories: Territories, territory: Territory) -> str:
    """Return the name of a territory as a form takes it; its code where two have it."""
    name = territories.place(territory)
    return name if meant(territories, name) == [territory] else territory.code
