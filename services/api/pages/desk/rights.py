"""« Vos droits »: what is read about people, how to ask, and what the desk has to answer.

Anybody asks; the team answers by the address that was given, and who asked is then forgotten. A
reply to a figure is shown beside it once the team has published it.
"""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.channels import BY_SCHEME
from contracts.networks import NETWORKS
from services.api.figures.queries import first
from services.api.figures.views import ACCOUNT_SCORE
from services.api.store.errors import TransitionError, UnknownError
from services.api.store.rights import (
    LONGEST_ABOUT,
    LONGEST_CONTACT,
    LONGEST_REQUEST,
    Kind,
    Outcome,
)
from services.api.web.access import in_team
from services.api.web.markdown import as_html
from services.api.web.parameters import MONTH, Here
from services.api.web.rendering import FOLDER, page

router = APIRouter()
desk = APIRouter(dependencies=[Depends(in_team)])

PAGE = "/vos-droits"
QUEUE = "/bureau/droits"

KINDS: Mapping[Kind, str] = {
    "objection": "m’opposer : ne plus rien relever de ce compte ou de cette personne",
    "erasure": "effacer ce qui a été relevé",
    "rectification": "rectifier ce qui est faux",
    "access": "savoir ce qui est gardé de moi",
    "reply": "répondre à un chiffre (droit de réponse)",
}

DOCUMENTS: Mapping[str, str] = {
    "registre": "processing-register.md",
    "analyse-d-impact": "impact-assessment.md",
}
"""Documents for whoever protects data, by the name that addresses have."""


@router.get(PAGE)
async def rights(
    request: Request,
    asked: Annotated[Kind | None, Query(alias="demande")] = None,
    account: Annotated[str, Query(alias="compte", max_length=LONGEST_ABOUT)] = "",
    period: Annotated[str | None, Query(alias="periode", pattern=MONTH)] = None,
    sent: Annotated[bool, Query(alias="envoye")] = False,
) -> Response:
    """Show what is read about people, for how long, and the form to ask."""
    shorter = [f"{one.name} ({one.retention_days} jours)" for one in NETWORKS if one.retention_days]
    return page(
        request,
        "droits.html",
        shorter=shorter,
        kinds=KINDS,
        asked=asked,
        account=account,
        period=period or "",
        sent=sent,
        most={"words": LONGEST_REQUEST, "about": LONGEST_ABOUT, "contact": LONGEST_CONTACT},
    )


@router.post(PAGE)
async def ask(
    request: Request,
    here: Here,
    kind: Annotated[Kind, Form(alias="demande")],
    about: Annotated[str, Form(alias="compte", min_length=2, max_length=LONGEST_ABOUT)],
    words: Annotated[str, Form(alias="texte", min_length=10, max_length=LONGEST_REQUEST)],
    contact: Annotated[str, Form(alias="courriel", max_length=LONGEST_CONTACT)],
    period: Annotated[str, Form(alias="periode", max_length=7)] = "",
) -> Response:
    """Bring a request to the desk. A reply is to the figure of an account and a month (404)."""
    if BY_SCHEME["mailto"].address(contact.strip()) is None:
        raise HTTPException(422, "Ce n’est pas une adresse électronique.")
    month = period or None
    if kind == "reply":
        line = month and await first(here.figures, ACCOUNT_SCORE, account=about, period=month)
        if not line:
            raise HTTPException(
                404,
                "Ce compte n’a pas de chiffre pour ce mois : partez de la page de la collectivité.",
            )
    here.throttles.rights.take(request)
    asked = (kind, about.strip(), words.strip(), contact.strip(), month)
    await asyncio.to_thread(here.store.rights.ask, *asked)
    return RedirectResponse(f"{PAGE}?envoye=1#demande", 303)


@router.get(PAGE + "/{document}")
async def document(request: Request, document: str) -> Response:
    """Show the register of processing, or the model of an impact assessment."""
    file = FOLDER.parents[1] / "docs" / DOCUMENTS.get(document, "")
    if not file.is_file():
        raise HTTPException(404, "Ce document n’est pas joint à cette installation.")
    text = as_html(file.read_text(encoding="utf-8"))
    return page(request, "droits_document.html", text=text, document=document)


@desk.get(QUEUE)
async def waiting(request: Request, here: Here) -> Response:
    """Show the team the requests without an answer, what is due first first."""
    found = await asyncio.to_thread(here.store.rights.waiting)
    return page(request, "bureau_droits.html", requests=found, kinds=KINDS)


@desk.post(QUEUE + "/{demand}")
async def close(
    here: Here, demand: str, outcome: Annotated[Outcome, Form(alias="suite")]
) -> Response:
    """Note that a request was answered: who asked is forgotten, a reply that is granted shown."""
    try:
        await asyncio.to_thread(here.store.rights.close, demand, outcome)
    except UnknownError:
        raise HTTPException(404, "Aucune demande n’a cet identifiant.") from None
    except TransitionError:
        raise HTTPException(409, "Une réponse a déjà été donnée.") from None
    return RedirectResponse(QUEUE, 303)
