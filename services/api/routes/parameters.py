"""The parameters that several resources take, with their meaning for OpenAPI."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, HTTPException, Query
from pydantic import AfterValidator

from contracts.networks import NETWORKS
from contracts.territories import Category
from services.api.csv_files import Variant
from services.api.french import PARIS
from services.api.installation import Installation, installation

SLUGS = [network.slug for network in NETWORKS]


def _known(slug: str) -> str:
    if slug not in SLUGS:
        raise ValueError(f"no network {slug}")
    return slug


Here = Annotated[Installation, Depends(installation)]
Network = Annotated[
    str, AfterValidator(_known), Query(description="Réseau", json_schema_extra={"enum": SLUGS})
]
AnyCategory = Annotated[Category | None, Query(description="Catégorie ; sans elle, toutes")]
Period = Annotated[
    str | None,
    Query(
        pattern=r"^20\d\d-(0[1-9]|1[0-2])$",
        description="Mois « AAAA-MM » (Europe/Paris) ; sans lui, le dernier",
    ),
]
Area = Annotated[str | None, Query(max_length=5, pattern=r"^[0-9A-Z]+$")]
Limit = Annotated[int, Query(ge=1, le=500, description="Nombre de lignes au plus")]
CsvVariant = Annotated[
    Variant, Query(description="CSV standard, ou « excel » : point-virgule, BOM, virgule décimale")
]
DateFrom = Annotated[date | None, Query(description="Premier jour ; sans lui, 30 jours avant")]
DateTo = Annotated[date | None, Query(description="Dernier jour ; sans lui, aujourd’hui")]

LONGEST_SPAN = timedelta(days=400)


async def month_of(here: Installation, period: str | None) -> str:
    """Return the month asked for, else the latest one. Raises 404 before the first month."""
    found = period or await here.latest_period()
    if found is None:
        raise HTTPException(404, "Aucun mois n’est encore calculé.")
    return found


def days_of(here: Installation, start: date | None, end: date | None) -> tuple[str, str]:
    """Return first and last day asked for (30 days by default). Raises 422 when they cross."""
    last = end or here.clock.now().astimezone(PARIS).date()
    first = start or last - timedelta(days=30)
    if first > last or last - first > LONGEST_SPAN:
        raise HTTPException(422, "Les jours demandés sont dans le désordre, ou sur plus de 400.")
    return first.isoformat(), last.isoformat()
