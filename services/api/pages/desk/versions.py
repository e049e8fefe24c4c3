"""« Versions côte à côte »: an account's month by two versions of the methodology, for the desk.

Both stand in the engine once somebody computed the month beside what is published
(`observatoire score month … --beside`). Revisions of a month replace one another: of those the
public reasons are listed.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response
from markupsafe import Markup

from contracts.territories import Territories, Territory
from services.api.figures.month_rows import TerritoryMonth
from services.api.figures.queries import Figures
from services.api.figures.views import (
    ACCOUNT_VERSIONS,
    MONTH_REVISIONS,
    PERIODS,
    TERRITORY_MONTHS,
)
from services.api.pages.about import METHODOLOGY
from services.api.watching.asked.places import the_place
from services.api.web.access import in_team
from services.api.web.markdown import as_html
from services.api.web.parameters import Here, Period
from services.api.web.rendering import page
from services.api.words.versions import SideBySide, side_by_side

desk = APIRouter(dependencies=[Depends(in_team)])

PAGE = "/bureau/versions"
LONGEST_NAME = 200
PUBLIC_REASON = re.compile(r"^1\.4\. .*$", re.MULTILINE)
"""What the methodology says of its versions, to everybody."""

Version = Annotated[str, Query(max_length=20)]


@desk.get(PAGE)
async def show(
    request: Request,
    here: Here,
    periode: Period = None,
    collectivite: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
    avant: Version = "",
    apres: Version = "",
) -> Response:
    """Show the accounts of a territory by two versions: scores, points, ranks, what changed."""
    periods, revisions = await asyncio.gather(
        here.figures.read(PERIODS), here.figures.read(MONTH_REVISIONS)
    )
    territory = _territory(here.territories, collectivite)
    lines = await _lines(here.figures, territory)
    months = _compared(lines)
    period = periode or next(iter(months), None) or (periods[0].period if periods else "")
    published = next((one.methodology for one in periods if one.period == period), "")
    versions = months.get(period, [])
    new = apres if apres in versions else published if published in versions else ""
    old = avant if avant in versions else next((one for one in versions[::-1] if one != new), "")
    return page(
        request,
        "bureau_versions.html",
        territory=territory,
        asked=collectivite,
        month=period,
        months=list(dict.fromkeys([*months, *(one.period for one in periods)])),
        versions=versions,
        published=published,
        old=old,
        new=new,
        compared=await _sides(here.figures, lines, period, old, new),
        revisions=[one for one in revisions if one.period == period],
        public_reason=_public_reason(),
    )


def _territory(territories: Territories, typed: str) -> Territory | None:
    if not typed.strip():
        return None
    try:
        return the_place(territories, typed, lambda _: None)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


async def _lines(figures: Figures, territory: Territory | None) -> Sequence[TerritoryMonth]:
    if territory is None:
        return ()
    return await figures.read(TERRITORY_MONTHS, territory=territory.code)


def _compared(lines: Sequence[TerritoryMonth]) -> dict[str, list[str]]:
    """Return the months that several versions computed, newest first, with these versions."""
    found: dict[str, set[str]] = {}
    for one in lines:
        found.setdefault(one.period, set()).add(one.methodology)
    return {month: sorted(of) for month, of in sorted(found.items())[::-1] if len(of) > 1}


async def _sides(
    figures: Figures, lines: Sequence[TerritoryMonth], period: str, old: str, new: str
) -> list[SideBySide]:
    """Return each account that both versions have, what moved most first."""
    by = {(one.methodology, one.account): one for one in lines if one.period == period}
    accounts = [account for of, account in by if of == new and (old, account) in by]
    parts = await asyncio.gather(
        *(figures.read(ACCOUNT_VERSIONS, account=one, period=period) for one in accounts)
    )
    found = [
        side_by_side(by[old, account], by[new, account], theirs)
        for account, theirs in zip(accounts, parts, strict=True)
    ]
    return sorted(found, key=lambda one: -abs(one.moved or 0.0))


def _public_reason() -> Markup:
    """Return what the methodology says of its versions; nothing where it is not installed."""
    if not METHODOLOGY.is_file():
        return Markup()
    said = PUBLIC_REASON.search(METHODOLOGY.read_text(encoding="utf-8"))
    return Markup(as_html(said[0].partition(" ")[2])) if said else Markup()  # noqa: S704
