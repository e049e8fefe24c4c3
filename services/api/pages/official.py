"""« Ce compte est-il officiel ? »: an address, whose account it is, and who says so."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.networks import network_of
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
    reported: Annotated[bool, Query(alias="signale")] = False,
) -> Response:
    """Show the question, and the answer to an address."""
    told, why = None, ""
    if adresse.strip():
        here.throttles.questions.take(request)
        told, why = await answer(here.store, adresse)
    return page(
        request,
        "officiel.html",
        address=adresse.strip(),
        told=told,
        why=why,
        reported=reported,
        imitated=[one for code in told.imitates if (one := here.territories.get(code))]
        if told
        else [],
        said=VERDICTS[told.verdict] if told else None,
        network=network_of(told.network).name if told and told.network else "",
        places=[one for code in told.territories if (one := here.territories.get(code))]
        if told
        else [],
    )
