"""« Contester ce chiffre »: one click, shown at once, answered in public.

Anybody may, without an account. What an agent contests for their own territory is said to be the
territory's. Words go to the desk alone, so that no page repeats what a stranger wrote; the figure,
the day, the answer, and whether the territory itself contests are public.
"""

import asyncio
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.api.entering.agent import agent_of
from services.api.figures.queries import first
from services.api.figures.views import ACCOUNT_SCORE
from services.api.store.contests import LONGEST_ANSWER, LONGEST_WORDS, Contest
from services.api.store.errors import TransitionError, UnknownError
from services.api.web.access import in_team
from services.api.web.parameters import MONTH, Here, month_of
from services.api.web.rendering import page
from services.api.words.contests import FIGURES, OUTCOMES, Figure, Outcome, by_whom

router = APIRouter()
desk = APIRouter(dependencies=[Depends(in_team)])

ANSWERED_WITHIN = timedelta(days=15)
"""What the page promises of an answer."""

UNKNOWN = "Personne n’a contesté ce chiffre."


@router.post("/contester/{account}")
async def contest(
    request: Request,
    here: Here,
    account: str,
    period: Annotated[str, Form(alias="periode", pattern=MONTH)],
    figure: Annotated[Figure, Form(alias="chiffre")] = "score",
    words: Annotated[str, Form(alias="precision", max_length=LONGEST_WORDS)] = "",
) -> Response:
    """Mark a figure as contested, and lead back to it."""
    line = await first(here.figures, ACCOUNT_SCORE, account=account, period=period)
    if line is None:
        raise HTTPException(404, "Ce compte n’a pas de chiffre pour ce mois.")
    here.throttles.contests.take(request)
    agent = agent_of(request)
    own = line.territory if agent and agent.may("writing", line.territory or "") else None
    made = await asyncio.to_thread(
        here.store.contests.contest,
        account,
        period,
        figure,
        words.strip(),
        agent=agent.id if agent else None,
        territory=None if agent is None or agent.team else own,
    )
    asked = urlencode({"compte": account, "periode": period, "conteste": made.id})
    return RedirectResponse(f"/territoires/{line.territory}?{asked}#contester", 303)


@router.get("/contestations/{account}")
async def history(request: Request, here: Here, account: str) -> Response:
    """Show the contests of an account, and what was answered to each."""
    contests = await asyncio.to_thread(here.store.contests.of_account, account)
    month = contests[0].period if contests else await month_of(here.figures, None)
    line = await first(here.figures, ACCOUNT_SCORE, account=account, period=month)
    if line is None and not contests:
        raise HTTPException(404, "Ce compte n’a aucun chiffre à contester.")
    territory = here.territories.get(line.territory or "") if line else None
    return page(
        request,
        "contestations.html",
        account=account,
        code=territory.code if territory else "",
        name=territory.nom if territory else account,
        contests=contests,
        within=ANSWERED_WITHIN,
        figures=FIGURES,
        outcomes=OUTCOMES,
        by_whom=by_whom,
    )


@desk.get("/contestations")
async def waiting(request: Request, here: Here) -> Response:
    """Show the desk what waits for an answer, oldest last."""
    contests = await asyncio.to_thread(here.store.contests.waiting)
    return page(
        request,
        "contestations_bureau.html",
        contests=contests,
        figures=FIGURES,
        outcomes=OUTCOMES,
        by_whom=by_whom,
        within=ANSWERED_WITHIN,
        longest=LONGEST_ANSWER,
    )


@desk.post("/contestations/{contest}/reponse")
async def answer(
    here: Here,
    contest: str,
    outcome: Annotated[Outcome, Form(alias="suite")],
    said: Annotated[str, Form(alias="reponse", min_length=10, max_length=LONGEST_ANSWER)],
) -> Response:
    """Answer a contest, in public and for good."""
    try:
        done: Contest = await asyncio.to_thread(
            here.store.contests.answer, contest, outcome, said.strip()
        )
    except UnknownError:
        raise HTTPException(404, UNKNOWN) from None
    except TransitionError:
        raise HTTPException(409, "Une réponse a déjà été donnée.") from None
    return RedirectResponse(f"/contestations/{done.account}#c-{done.id}", 303)
