"""Copies under embargo: made by the team for whoever asks, read by a link that ends.

The files are those of the month, which is public as provisional: the embargo is on its being final
as it is. Their names and each of their lines say until when.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from contracts.networks import SCORED
from services.api.entering.agent import who
from services.api.entering.recognising import new_secret
from services.api.figures.views import PERIODS
from services.api.store.errors import UnknownError
from services.api.store.months.embargoes import LONGEST_ID, Embargo
from services.api.web.access import by_link, in_team
from services.api.web.parameters import MONTH, CsvVariant, Here
from services.api.web.rendering import page
from services.api.web.streamed import streamed
from services.api.words.month_state import final_at

desk = APIRouter(dependencies=[Depends(in_team)])
links = APIRouter(dependencies=[Depends(by_link)])

GONE = "Ce lien n’a jamais été donné, ou a été fermé : demandez une autre copie à l’équipe."
LIFTED = (
    "L’embargo a pris fin : les fichiers sont sur la page « Données ouvertes », qui dit si le mois "
    "est provisoire ou définitif."
)


@desk.post("/bureau/publication/embargo")
async def make(
    request: Request,
    here: Here,
    period: Annotated[str, Form(alias="periode", pattern=MONTH)],
    name: Annotated[str, Form(alias="pour", min_length=2, max_length=LONGEST_ID)],
) -> Response:
    """Make a copy of an announced month, and show its link, once: only a hash of it is kept."""
    notice = await asyncio.to_thread(here.store.month_notices.of, period)
    until = final_at(period, notice.due) if notice else None
    if until is None or until <= here.clock.now():
        raise HTTPException(409, "Une copie sous embargo se fait entre l’annonce et son terme.")
    secret = new_secret()
    made = await asyncio.to_thread(
        here.store.embargoes.make, secret, period, name.strip(), until, who(request)
    )
    link = f"{here.settings.portal_url.rstrip('/')}/embargo/{secret}"
    answer = page(request, "embargo_lien.html", copy=made, link=link)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@desk.post("/bureau/publication/embargo/{copy}/fin")
async def close(here: Here, copy: str) -> Response:
    """End a link before its time."""
    try:
        closed = await asyncio.to_thread(here.store.embargoes.close, copy)
    except UnknownError:
        raise HTTPException(404, "Aucune copie n’a cet identifiant.") from None
    return RedirectResponse(f"/bureau/publication?periode={closed.period}#embargo", 303)


async def copy_of(here: Here, secret: str) -> Embargo:
    """Return the copy of a link. Raises 404, and 410 once the embargo is over."""
    here_now = here.clock.now()
    copy = await asyncio.to_thread(here.store.embargoes.of_link, secret)
    if copy is None or copy.closed_at is not None:
        raise HTTPException(404, GONE)
    if not copy.open(here_now):
        raise HTTPException(410, LIFTED)
    return copy


Copy = Annotated[Embargo, Depends(copy_of)]


@links.get("/embargo/{secret}")
async def show(request: Request, here: Here, secret: str, copy: Copy) -> Response:
    """Show the files of a copy, and until when the month is none but provisional."""
    await asyncio.to_thread(here.store.embargoes.opened, secret)
    months = {one.period: one for one in await here.figures.read(PERIODS)}
    if copy.period not in months:
        raise HTTPException(410, "Ce mois a été retiré : rien de cette copie ne doit être publié.")
    return page(
        request,
        "embargo.html",
        copy=copy,
        month=months[copy.period],
        secret=secret,
        networks=SCORED,
    )


@links.get("/embargo/{secret}/{network}.csv")
async def file(
    request: Request, here: Here, copy: Copy, network: str, variant: CsvVariant = "standard"
) -> Response:
    """Give the file of a network, marked."""
    if network not in SCORED:
        raise HTTPException(404, "Ce réseau n’est pas noté.")
    if copy.period not in {one.period for one in await here.figures.read(PERIODS)}:
        raise HTTPException(410, "Ce mois a été retiré : rien de cette copie ne doit être publié.")
    name = here.files.name(copy.period, network, variant, copy.until)
    return await streamed(
        request,
        here.files.csv(copy.period, network, variant, copy.until),
        "text/csv; charset=utf-8",
        disposition=f'attachment; filename="{name}"',
    )
