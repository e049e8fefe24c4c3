"""The parameters that several resources take, with their meaning for OpenAPI."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from contracts.event import EARLIEST_MOMENT, LATEST_MOMENT
from contracts.networks import NETWORKS
from contracts.territories import Category, Territory
from libs.clock import Clock
from libs.french import PARIS
from services.api.figures.queries import Figures
from services.api.figures.views import PERIODS
from services.api.files.csv import Variant
from services.api.installation import Installation, installation

MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"
SLUGS = [network.slug for network in NETWORKS]


def known_network(slug: str) -> str:
    """Return the slug of a network; pydantic's error, with those that there are, for another."""
    if slug not in SLUGS:
        raise PydanticCustomError("enum", "no such network", {"expected": SLUGS})
    return slug


Here = Annotated[Installation, Depends(installation)]
Network = Annotated[
    str,
    AfterValidator(known_network),
    Query(description="Réseau", json_schema_extra={"enum": SLUGS}),
]
AnyCategory = Annotated[Category | None, Query(description="Catégorie ; sans elle, toutes")]
Period = Annotated[
    str | None,
    Query(
        pattern=MONTH,
        description="Mois « AAAA-MM » (Europe/Paris) ; sans lui, le dernier",
    ),
]
Departement = Annotated[
    str | None, Query(max_length=5, description="Code du département ; sans lui, tous")
]
Region = Annotated[
    str | None, Query(max_length=5, description="Code INSEE de la région ; sans lui, toutes")
]
RecipientName = Annotated[str, Query(alias="destinataire", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=500, description="Nombre de lignes au plus")]
CsvVariant = Annotated[
    Variant, Query(description="CSV standard, ou « excel » : point-virgule, BOM, virgule décimale")
]


def _day(given: object) -> object:
    """Read a day as it is written: a number is none, nor is a year that no figure has."""
    if given is None or isinstance(given, date):
        return given
    try:
        day = date.fromisoformat(given) if isinstance(given, str) and len(given) == 10 else None
    except ValueError:
        day = None
    if day is None or not EARLIEST_MOMENT.date() <= day < LATEST_MOMENT.date():
        raise PydanticCustomError("day", "no day")
    return day


Day = Annotated[date | None, BeforeValidator(_day)]
DateFrom = Annotated[Day, Query(description="Premier jour ; sans lui, 30 jours avant")]
DateTo = Annotated[Day, Query(description="Dernier jour ; sans lui, aujourd’hui")]

LONGEST_SPAN = timedelta(days=400)
"""Between two days that an address asks for."""


def refusal(parameter: str, kind: str, permitted: Iterable[str] = ()) -> RequestValidationError:
    """Return the 422 of one parameter, as pydantic's own are (`problems.KINDS` has the words)."""
    context = {"expected": list(permitted)}
    return RequestValidationError([{"type": kind, "loc": ("query", parameter), "ctx": context}])


def require_known_parameters(request: Request) -> None:
    """Refuse a parameter that the resource does not have, or gives twice (raises 422).

    A filter that is misspelt would otherwise be left out in silence, and its figures quoted.
    """
    route = request.scope["route"]
    known = sorted(_names(route.dependant)) if isinstance(route, APIRoute) else []
    for name in request.query_params:
        if name not in known:
            raise refusal(name, "unknown_parameter", known)
        if len(request.query_params.getlist(name)) > 1:
            raise refusal(name, "repeated_parameter")


def _names(needed: Dependant) -> set[str]:
    return {one.alias for one in needed.query_params}.union(*map(_names, needed.dependencies))


async def published_month(figures: Figures, period: str | None) -> str | None:
    """Return the month asked for, else the latest; None before the first one.

    Raises 422 for a month that is not published.
    """
    months = [one.period for one in await figures.read(PERIODS)]
    if period is not None and period not in months:
        raise refusal("period", "enum", months)
    return period or next(iter(months), None)


def area(measured: Iterable[Territory], parameter: str, code: str | None) -> str:
    """Return the code asked for as views take it, `''` for all. Raises 422 for an unknown one."""
    if code is None:
        return ""
    codes = sorted(one.code.removesuffix("R") for one in measured)
    if code not in codes:
        raise refusal(parameter, "enum", codes)
    return code


async def month_of(figures: Figures, period: str | None) -> str:
    """Return the month asked for, else the latest one. Raises 404 before the first month."""
    found = period or await published_month(figures, None)
    if found is None:
        raise HTTPException(404, "Aucun mois n’est encore calculé.")
    return found


def days_of(clock: Clock, start: date | None, end: date | None) -> tuple[str, str]:
    """Return first and last day asked for (30 days by default). Raises 422 when they cross."""
    last = end or clock.now().astimezone(PARIS).date()
    first = start or last - timedelta(days=30)
    if first > last or last - first > LONGEST_SPAN:
        raise HTTPException(422, "Les jours demandés sont dans le désordre, ou sur plus de 400.")
    return first.isoformat(), last.isoformat()
