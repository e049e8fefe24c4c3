"""« Nos communes »: a syndicate administers communes that granted it, shows its name, leaves."""

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from contracts.territories import Territory
from services.api.entering.agent import who
from services.api.entering.journal import between
from services.api.figures.queries import Figures
from services.api.figures.rows import TerritoryScore
from services.api.figures.territory_months import territory_months
from services.api.figures.views import PERIODS
from services.api.files.csv import Column, attached, csv_file, file_name
from services.api.pages.agents.team import place_of
from services.api.pages.sheets.pdf import composed
from services.api.store.agents.delegations import AT_MOST
from services.api.store.errors import ConflictError, TooManyError, UnknownError
from services.api.watching.asked.places import the_place
from services.api.web.access import administers_itself, may_itself, public, reads_territory
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter()
faces = APIRouter(dependencies=[Depends(public)])

PAGE = "/equipe/{code}/communes"
LOGO_PAGE = "/delegues/{code}/logo.png"
LONGEST_PROOF = 300
LARGEST_LOGO = 100 * 1024
"""Bytes of a PNG; `LONGEST_PROOF` is in characters."""

WIDEST_LOGO = 1200
"""Pixels of either side."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"
NO_LOGO = "Le logo est une image PNG de 100 Ko et de 1 200 points de côté au plus."
FULL = f"{AT_MOST} communes au plus."


@router.get(PAGE, dependencies=[Depends(reads_territory)])
async def show(request: Request, here: Here, code: str) -> Response:
    """Show the communes of a delegate, what is asked for, and how it is shown beside them."""
    place = place_of(here.territories, code)
    found = await asyncio.to_thread(here.store.delegations.of_delegate, place.code)
    return page(
        request,
        "communes.html",
        place=place,
        communes=[(one, here.territories.get(one.territory)) for one in found],
        face=await asyncio.to_thread(here.store.delegations.face, place.code),
        most=AT_MOST,
        longest=LONGEST_PROOF,
        administrator=may_itself(request, code),
    )


@router.post(PAGE, dependencies=[Depends(administers_itself)])
async def ask(
    request: Request,
    here: Here,
    code: str,
    sought: Annotated[str, Form(alias="commune", max_length=100)],
    proof: Annotated[str, Form(alias="preuve", min_length=10, max_length=LONGEST_PROOF)],
) -> Response:
    """Ask to administer a commune: it answers, or the observatory's team by the proof."""
    place = place_of(here.territories, code)
    try:
        commune = the_place(here.territories, sought, lambda _: None)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    if commune.code == place.code:
        raise HTTPException(409, "C’est votre propre collectivité.")
    here.throttles.teams.take(request, f"delegation {place.code}")
    try:
        await asyncio.to_thread(
            here.store.delegations.ask, place.code, commune.code, proof.strip(), who(request)
        )
    except ConflictError:
        raise HTTPException(409, f"{commune.nom} est déjà demandée ou déjà à vous.") from None
    except TooManyError:
        raise HTTPException(409, FULL) from None
    between(request, commune.code)
    return RedirectResponse(f"{PAGE.format(code=place.code)}#liste", 303)


@router.post(PAGE + "/identite", dependencies=[Depends(administers_itself)])
async def show_as(
    here: Here,
    code: str,
    name: Annotated[str, Form(alias="nom", max_length=80)] = "",
    logo: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Say by what name and logo the delegate stands on pages and sheets of its communes."""
    place = place_of(here.territories, code)
    image = await logo.read(LARGEST_LOGO + 1) if logo is not None else b""
    if image and not await asyncio.to_thread(drawable, image):
        raise HTTPException(422, NO_LOGO)
    said = " ".join(name.split())
    await asyncio.to_thread(here.store.delegations.show_as, place.code, said, image or None)
    return RedirectResponse(f"{PAGE.format(code=place.code)}#identite", 303)


@router.post(PAGE + "/{commune}/fin", dependencies=[Depends(administers_itself)])
async def leave(request: Request, here: Here, code: str, commune: str) -> Response:
    """Give a commune back: what was open by the delegation closes at once."""
    place = place_of(here.territories, code)
    if await asyncio.to_thread(here.store.delegations.end, place.code, commune):
        between(request, commune)
    return RedirectResponse(f"{PAGE.format(code=place.code)}#liste", 303)


@router.post("/equipe/{code}/delegation/{delegate}", dependencies=[Depends(administers_itself)])
async def answer(
    request: Request,
    here: Here,
    code: str,
    delegate: str,
    said: Annotated[Literal["oui", "non", "fin"], Form(alias="reponse")],
) -> Response:
    """Grant what a delegate asks for, refuse it, or end it."""
    place, store = place_of(here.territories, code), here.store.delegations
    if said == "oui":
        try:
            await asyncio.to_thread(store.grant, delegate, place.code, who(request))
        except UnknownError:
            raise HTTPException(404, "Personne n’attend cette réponse.") from None
        between(request, delegate)
    elif await asyncio.to_thread(store.end, delegate, place.code):
        between(request, delegate)
    return RedirectResponse(f"/equipe/{place.code}#delegations", 303)


@dataclass(frozen=True, slots=True)
class Line:
    """A commune, and one of its accounts with its score of the month; None for none."""

    commune: Territory
    score: TerritoryScore | None


COLUMNS: tuple[Column[Line], ...] = (
    Column("code", "commune.code", "code de la collectivité", code=True),
    Column("collectivite", "commune.nom", "nom de la collectivité"),
    Column("reseau", "score.network", "réseau du compte"),
    Column("compte", "score.handle", "nom du compte"),
    Column("periode", "score.period", "le mois"),
    Column("score", "score.score", "score du mois"),
    Column("score_bas", "score.low", "borne basse de l’intervalle", widened=True),
    Column("score_haut", "score.high", "borne haute de l’intervalle", widened=True),
    Column("motif", "score.reason", "pourquoi il n’y a pas de score"),
)


@router.get(PAGE + ".csv", dependencies=[Depends(reads_territory)])
async def export(here: Here, code: str) -> Response:
    """Give the scores of the last month of every commune whose delegation stands, as one file."""
    place = place_of(here.territories, code)
    held = await asyncio.to_thread(here.store.delegations.of_delegate, place.code)
    communes = [
        found
        for one in held
        if one.granted_at and (found := here.territories.get(one.territory)) is not None
    ]
    content = csv_file(
        await _lines(here.figures, [(one, here.measured(one)) for one in communes]),
        COLUMNS,
        origin=lambda _: here.settings.installation,
        variant="excel",
    )
    name = file_name(f"communes_{place.code}", simulation=here.simulation, variant="excel")
    return attached(content, name)


async def _lines(figures: Figures, communes: Sequence[tuple[Territory, bool]]) -> list[Line]:
    """Return a line for each score of the last month; `communes` say whether they are measured."""
    periods = await figures.read(PERIODS)
    found: list[Line] = []
    for one, measured in communes:
        scores: Sequence[TerritoryScore] = ()
        if periods and measured:
            scores = (await territory_months(figures, one.code)).of(periods[0].period)
        found += [Line(one, score) for score in scores] or [Line(one, None)]
    return found


@faces.get(LOGO_PAGE)
async def logo_of(here: Here, code: str) -> Response:
    """Give the logo of a delegate."""
    face = await asyncio.to_thread(here.store.delegations.face, code)
    if face is None or face.logo is None:
        raise HTTPException(404, "Aucun logo n’est là.")
    return Response(face.logo, media_type="image/png")


_PROOF = b"""\
#set document(title: "logo")
#set text(lang: "fr")
#image(bytes(json(bytes(sys.inputs.sheet)).logo), format: "png", alt: "logo")
"""


def drawable(image: bytes) -> bool:
    """Tell whether sheets can bear it: a small PNG, which is composed once to know."""
    if len(image) > LARGEST_LOGO or not image.startswith(PNG) or len(image) < 24:
        return False
    width, height = struct.unpack(">II", image[16:24])
    if not (0 < width <= WIDEST_LOGO and 0 < height <= WIDEST_LOGO):
        return False
    try:
        composed({"main": _PROOF}, {"logo": list(image)}, EPOCH)
    except Exception:  # of whatever kind typst raises for what is no image
        return False
    return True
