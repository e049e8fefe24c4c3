"""The codebook of the open files."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.api.files.codebook import ENTRIES, CodebookEntry, entries
from services.api.files.csv import wants_csv
from services.api.files.sending import send_csv
from services.api.web.parameters import CsvVariant, Here

router = APIRouter(tags=["mois"])


@router.get("/codebook", response_model=list[CodebookEntry])
@router.get("/codebook.csv", include_in_schema=False, response_model=None)
async def show(
    request: Request, here: Here, variant: CsvVariant = "standard"
) -> list[CodebookEntry] | Response:
    """Say of every column of every file what it says, in which unit, and whether it may leave."""
    if not wants_csv(request):
        return list(entries())
    return send_csv(here.settings.installation, "codebook", entries(), ENTRIES, variant)
