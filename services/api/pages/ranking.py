"""The TOP 100, with filters that are a form read by GET: its address is the exact view."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.kpis import KPIS
from contracts.territories import Kind
from services.api.figures.queries import Figures
from services.api.figures.rows import Listed
from services.api.figures.views import ACCOUNT_ROLES, MONTH_REVISIONS, PERIODS, RANKING
from services.api.files.redistribution import note, withhold
from services.api.pages.choices import CATEGORIES, DEFAULT_CATEGORY, SCORED, areas
from services.api.pages.home import podium
from services.api.web.headers import OWN_COOKIE as OWN
from services.api.web.parameters import Here, Period
from services.api.web.rendering import page
from services.api.words.month_state import withdrawn
from services.api.words.roles import role
from services.api.words.sentences import figure
from services.api.words.standing import bands, first_half
from services.api.words.standing.moves import since
from services.api.words.standing.places import span

router = APIRouter()

ACCOUNTS_SHOWN = 100
"""The first ones of a list: « TOP 100 »."""

Choice = Annotated[str, Query(max_length=40)]
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, once understood; `ignored` is what was not, as it was written."""

    network: str
    category: str
    departement: str
    region: str
    ignored: list[str]

    def of_network(self, network: str, month: str) -> dict[str, str]:
        """Return the filters of a form, of a network and month."""
        return {
            "reseau": network,
            "categorie": self.category,
            "periode": month,
            "departement": self.departement,
            "region": self.region,
        }


async def listed(figures: Figures, asked: Asked, network: str, month: str) -> Sequence[Listed]:
    """Return the first lines of a network and month that filters let through."""
    return await figures.read(
        RANKING,
        ACCOUNTS_SHOWN,
        network=network,
        category=asked.category,
        period=month,
        departement=asked.departement,
        region=asked.region,
    )


def understood(
    given: Mapping[str, str], networks: Choices, departements: Choices, regions: Choices
) -> Asked:
    """Return the filters of an address that are known here, and tell the others."""
    choices = {
        "reseau": networks,
        "categorie": CATEGORIES,
        "departement": departements,
        "region": regions,
    }
    kept = {name: given[name] for name, known in choices.items() if given[name] in dict(known)}
    ignored = [
        f"{name[:40]} = {value[:40]}"
        for name, value in given.items()
        if value and name not in kept and name != "periode"
    ]
    return Asked(
        kept.get("reseau", ""),
        kept.get("categorie", DEFAULT_CATEGORY if given["categorie"] else ""),
        kept.get("departement", ""),
        kept.get("region", ""),
        ignored,
    )


@router.get("/palmares")
async def top(
    request: Request,
    here: Here,
    reseau: Choice = "",
    categorie: Choice = DEFAULT_CATEGORY,
    periode: Period = None,
    departement: Choice = "",
    region: Choice = "",
) -> Response:
    """Show the first hundred accounts, of the first half alone (decision 0013)."""
    periods = await here.figures.read(PERIODS)
    month = periode or (periods[0].period if periods else "")
    month_told = next((one for one in periods if one.period == month), None)
    typed = {"reseau": reseau, "categorie": categorie, "departement": departement, "region": region}
    given = dict(request.query_params) | typed
    departements = areas(here.measured_of(Kind.DEPARTEMENT))
    regions = areas(here.measured_of(Kind.REGION))
    asked = understood(given, SCORED, departements, regions)
    network = asked.network or (await podium(here.figures, month))[0]
    lines = await listed(here.figures, asked, network, month)
    unusual = await asyncio.to_thread(here.store.circumstances.out_of_the_norm, (month,))
    return page(
        request,
        "palmares.html",
        **_table(
            lines, network, month_told.methodology if month_told else "", banded=asked.category
        ),
        own_account=_own_account(request, lines),
        roles={one.account: role(one.role) for one in await here.figures.read(ACCOUNT_ROLES)},
        unusual=unusual,
        periods=periods,
        state=month_told.state if month_told else None,
        withdrawn="" if month_told else withdrawn(month, await here.figures.read(MONTH_REVISIONS)),
        chosen=asked.of_network(network, month),
        ignored=asked.ignored,
        category=dict(CATEGORIES).get(asked.category, ""),
        networks=SCORED,
        categories=CATEGORIES,
        departements=departements,
        regions=regions,
    )


def _table(
    lines: Sequence[Listed], network: str, methodology: str, *, banded: str
) -> dict[str, Any]:
    """Return the lines of the first half, in bands of equals, and what heads their columns."""
    told = first_half.shown(lines)
    headed = [kpi for kpi in KPIS if kpi.in_rankings and not note(network)]
    groups = bands.grouped(told) if banded else [("", told)]
    return {
        "lines": told,
        "bands": [(said, [withhold(one, one.network) for one in band]) for said, band in groups],
        "moves": {one.account: since(one, methodology) for one in told},
        "columns": 4 + (note(network) is None) + len(headed),
        "headed": headed,
        "figure": figure,
        "span": span,
        "shown": ACCOUNTS_SHOWN,
        "kept_back": len(told) < len(lines),
        "ranked": any(one.rank is not None for one in lines),
        "ranked_in_all": next((one.ranked for one in lines if one.ranked is not None), None),
    }


def _own_account(request: Request, lines: Sequence[Listed]) -> str | None:
    """Return the first account told that belongs to the reader's own territory."""
    own = request.cookies.get(OWN)
    return next((one.account for one in first_half.shown(lines) if one.territory == own), None)
