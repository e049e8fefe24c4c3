"""Months: their revisions, one file a network, and what checks them."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import AfterValidator

from services.api.figures.month_rows import GivenLine, MonthRevision
from services.api.figures.views import MONTH_REVISIONS, PERIODS
from services.api.files.columns import REVISIONS
from services.api.files.csv import wants_csv
from services.api.files.feed import AtomResponse, revisions_feed
from services.api.files.parquet import MEDIA
from services.api.files.redistribution import require_scores
from services.api.files.sending import send_csv
from services.api.web.parameters import SLUGS, CsvVariant, Here, known_network
from services.api.web.streamed import streamed
from services.api.words.month_state import withdrawn

router = APIRouter(tags=["mois"])
TEXT = "text/plain; charset=utf-8"


NetworkPath = Annotated[
    str,
    AfterValidator(known_network),
    Path(description="Réseau", json_schema_extra={"enum": SLUGS}),
]


async def published(
    here: Here, period: Annotated[str, Path(description="Mois « AAAA-MM »")]
) -> str:
    """Return the month of the address. Raises 404, with those that are published."""
    months = [one.period for one in await here.figures.read(PERIODS)]
    if period not in months:
        await _refuse_withdrawn(here, period)
        known = ", ".join(months) or "aucun encore"
        raise HTTPException(404, f"« {period} » n’est pas un mois publié ({known}).")
    return period


Month = Annotated[str, Depends(published)]


async def _refuse_withdrawn(here: Here, period: str) -> None:
    """Raise 410, with the reason, for a month that was published and is taken away."""
    if said := withdrawn(period, await here.figures.read(MONTH_REVISIONS)):
        raise HTTPException(410, said)


@router.get("/months", response_model=list[MonthRevision])
@router.get("/months.csv", include_in_schema=False, response_model=None)
async def revisions(
    request: Request, here: Here, variant: CsvVariant = "standard"
) -> list[MonthRevision] | Response:
    """Give every revision of every published month, the latest day of computation first."""
    found = await here.figures.read(MONTH_REVISIONS)
    if not wants_csv(request):
        return found
    return send_csv(here.settings.installation, "revisions", found, REVISIONS, variant)


@router.get("/months.atom", response_class=AtomResponse)
async def feed(here: Here) -> Response:
    """Give the revisions as a feed to follow."""
    found = await here.figures.read(MONTH_REVISIONS)
    return AtomResponse(revisions_feed(found, here.settings.portal_url, simulation=here.simulation))


@router.get("/years/{year}/{network}.csv", include_in_schema=False, response_model=None)
async def year(
    request: Request,
    here: Here,
    year: Annotated[str, Path(pattern=r"^20\d\d$")],
    network: NetworkPath,
    variant: CsvVariant = "standard",
) -> Response:
    """Give the published months of a year as one file, the first month first."""
    require_scores(network)
    found = await here.figures.read(PERIODS)
    periods = sorted(one.period for one in found if one.period.startswith(year))
    if not periods:
        raise HTTPException(404, f"Aucun mois de {year} n’est publié.")
    name = here.files.name(year, network, variant)
    return await streamed(
        request,
        here.files.year(periods, network, variant),
        "text/csv; charset=utf-8",
        disposition=f'attachment; filename="{name}"',
    )


@router.get("/months/{period}/empreinte.txt", response_class=PlainTextResponse)
async def fingerprint(request: Request, here: Here, period: Month) -> Response:
    """Give the text whose SHA-256 is the month's hash (methodology, 12.1)."""
    return await streamed(
        request,
        here.files.hashed_text(period),
        TEXT,
        disposition=f'inline; filename="{here.files.hashed_text_name(period)}"',
    )


@router.get("/months/{period}/sha256.txt", response_class=PlainTextResponse)
async def checksums(here: Here, period: Month) -> Response:
    """Give the SHA-256 of every file of a month, as `sha256sum --check` reads them."""
    found = await here.files.digests(period)
    lines = [f"{one.digest}  {one.name}\n" for one in (*found.files.values(), found.text)]
    return Response(
        "".join(lines),
        media_type=TEXT,
        headers={"Content-Disposition": f'inline; filename="sha256_{period}.txt"'},
    )


@router.get("/months/{period}/{network}.parquet", include_in_schema=False, response_model=None)
async def parquet(here: Here, period: Month, network: NetworkPath) -> Response:
    """Give the file of a network and a month as Parquet, of what its CSV says."""
    require_scores(network)
    name = here.files.parquet_name(period, network)
    return Response(
        await here.files.parquet(period, network),
        media_type=MEDIA,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get("/months/{period}/{network}", response_model=list[GivenLine])
@router.get("/months/{period}/{network}.csv", include_in_schema=False, response_model=None)
async def lines(
    request: Request,
    here: Here,
    period: Month,
    network: NetworkPath,
    variant: CsvVariant = "standard",
) -> Response:
    """Give every account of a network in a month, scored or not, and why not."""
    require_scores(network)
    if not wants_csv(request):
        return await streamed(request, here.files.json(period, network), "application/json")
    name = here.files.name(period, network, variant)
    return await streamed(
        request,
        here.files.csv(period, network, variant),
        "text/csv; charset=utf-8",
        disposition=f'attachment; filename="{name}"',
        digest=await here.files.known_digest(period, network, variant),
    )
