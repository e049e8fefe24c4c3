"""The codebook of the open files."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.api import codebook
from services.api.csv_files import csv_response, wants_csv
from services.api.routes.parameters import CsvVariant, Here

router = APIRouter(tags=["mois"])


class CodebookEntry(BaseModel):
    """A column of a file: what it says, its unit, whether it may be handed on."""

    file: str
    place: int
    column: str
    says: str
    unit: str
    text: str
    redistributable: str


@router.get("/codebook", response_model=list[CodebookEntry])
@router.get("/codebook.csv", include_in_schema=False, response_model=None)
async def show(
    request: Request, here: Here, variant: CsvVariant = "standard"
) -> list[CodebookEntry] | Response:
    """Say of every column of every file what it says, in which unit, and whether it may leave."""
    if not wants_csv(request):
        return [CodebookEntry(**asdict(one)) for one in codebook.entries()]
    return csv_response(
        "codebook",
        codebook.entries(),
        codebook.ENTRIES,
        origin=lambda _: here.settings.installation,
        simulation=here.simulation,
        variant=variant,
    )
