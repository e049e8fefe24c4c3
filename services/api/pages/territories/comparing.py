"""« Comparer »: a territory beside those of its size, or a list of one's own; the address is it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import median
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import StringConstraints

from contracts.kpis import KPIS, Kpi
from contracts.networks import network_of
from contracts.panels.comparer import SCORES_TOGETHER
from contracts.territories import Category, Territories, Territory
from libs import french
from libs.french import NARROW, NO_BREAK
from libs.matching.territories import find
from services.api.figures.queries import Figures
from services.api.figures.rows import Listed
from services.api.figures.territory_months import territory_months
from services.api.figures.views import (
    ACCOUNT_ROLES,
    MONTH_REVISIONS,
    PERIODS,
    RANKING,
)
from services.api.files.columns import RANKING as COLUMNS
from services.api.files.columns import closing
from services.api.files.redistribution import counters_may_leave, note, withhold
from services.api.files.sending import send_csv
from services.api.installation import Installation
from services.api.pages.choices import SCORED
from services.api.pages.territories.account import choose
from services.api.pages.territories.around import alike
from services.api.web.parameters import CsvVariant, Here, Period
from services.api.web.rendering import page
from services.api.words.month_state import withdrawn
from services.api.words.roles import role
from services.api.words.sentences import figure
from services.api.words.standing.moves import since

router = APIRouter()

MOST_LINES = 500
"""Accounts compared on one page."""

FIRST, BESIDE, FEW = 3, 2, 10
"""How many lines a telephone shows before it is asked for all: the best, those on each side of
one's own; so few are shown whole."""
GROUPS = {
    "taille": "même taille",
    "categorie": "même catégorie",
    "departement": "même département",
    "epci": "même intercommunalité",
}
ACCOUNTS = {
    "": "mairies et collectivités",
    "tourisme": "offices de tourisme",
    "tous": "tous les comptes",
}
"""Which accounts are compared: one of a tourist office lives on other seasons and other readers."""
Typed = Annotated[str, StringConstraints(max_length=200)]
SORTS = {"score": "Score", **{kpi.slug: kpi.label for kpi in KPIS}}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address compares: a network and a month, with a group or a list of one's own."""

    territory: Territory
    network: str
    month: str
    group: str
    listed: tuple[str, ...] = ()
    sort: str = "score"
    accounts: str = ""

    def query(self, **changes: str) -> dict[str, str]:
        """Return the query of this comparison, something changed."""
        kept = {
            "reseau": self.network,
            "periode": self.month,
            "groupe": "" if self.listed or self.group == "taille" else self.group,
            "avec": ",".join(self.listed),
            "tri": "" if self.sort == "score" else self.sort,
            "comptes": self.accounts,
        }
        return kept | changes


@dataclass(frozen=True, slots=True)
class Measured:
    """A KPI over the accounts compared: its median, one's own value, how many have less."""

    kpi: Kpi
    median: str
    value: str
    better_than: int
    known: int
    dots: Sequence[float] = field(default_factory=list[float])
    own_dot: float | None = None
    middle: float = 0.0
    most: str = ""
    said: str = ""


async def asked_of(
    here: Here,
    code: str,
    periode: Period = None,
    reseau: Annotated[str | None, Query(max_length=20)] = None,
    groupe: Annotated[str, Query(max_length=20)] = "",
    avec: Annotated[str, Query(max_length=20_000)] = "",
    tri: Annotated[str, Query(max_length=20)] = "",
    comptes: Annotated[str, Query(max_length=20)] = "",
) -> Asked:
    """Return what an address asks, once understood. Raises 404 for an unknown territory."""
    territory = here.territories.resolve(code)
    if territory is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    periods = await here.figures.read(PERIODS)
    month = periode or (periods[0].period if periods else "")
    network = reseau or ""
    if network not in dict(SCORED):
        scores = (await territory_months(here.figures, territory.code)).of(month)
        chosen = choose([one for one in scores if one.network in dict(SCORED)], None)
        network = chosen.network if chosen else SCORED[0][0]
    codes = [one for one in avec.split(",") if one in here.territories]
    return Asked(
        territory,
        network,
        month,
        groupe if groupe in GROUPS else "taille",
        tuple(dict.fromkeys(codes)),
        tri if tri in SORTS and (codes or counters_may_leave(network)) else "score",
        comptes if comptes in ACCOUNTS else "",
    )


Understood = Annotated[Asked, Depends(asked_of)]


async def compared(figures: Figures, territories: Territories, asked: Asked) -> list[Listed]:
    """Return the accounts compared, best first by what is sorted on."""
    everybody = bool(asked.listed) or asked.group in ("departement", "epci")
    lines = await figures.read(
        RANKING,
        network=asked.network,
        category="" if everybody else asked.territory.category.value,
        period=asked.month,
        departement="",
        region="",
    )
    tourist = {one.account for one in await figures.read(ACCOUNT_ROLES) if one.role == "tourism"}
    kept = [
        one
        for one in lines
        if _with(territories, asked, one)
        and (asked.accounts == "tous" or (one.account in tourist) == (asked.accounts != ""))
    ]
    return sorted(kept, key=lambda one: (-_sorted_on(one, asked.sort), one.territory_name))


def _with(territories: Territories, asked: Asked, line: Listed) -> bool:
    """Whether a line is of the group, or of the list; one's own always is."""
    territory = asked.territory
    if line.territory == territory.code:
        return True
    if asked.listed:
        return line.territory in asked.listed
    if asked.group == "departement":
        same = line.category == territory.category.value
        return same and line.departement == territory.departement
    if asked.group == "epci":
        other = territories.get(line.territory)
        return territory.epci is not None and other is not None and other.epci == territory.epci
    return asked.group == "categorie" or (line.stratum or None) == territory.stratum


def _sorted_on(line: Listed, sort: str) -> float:
    value = line.score if sort == "score" else getattr(line, sort)
    return -1.0 if value is None else float(value)


def near(lines: Sequence[Listed], own: Listed | None) -> set[str]:
    """Return the accounts that a telephone shows first: the best, and those around one's own."""
    shown = {one.account for one in lines[:FIRST]}
    if own is None or len(lines) <= FEW:
        return {one.account for one in lines[:FEW]}
    place = next((n for n, one in enumerate(lines) if one.account == own.account), 0)
    return shown | {one.account for one in lines[max(0, place - BESIDE) : place + BESIDE + 1]}


def measured(lines: Sequence[Listed], own: Listed | None, kpi: Kpi, who: str) -> Measured:
    """Return how a KPI is spread over accounts (`who` says whose), and where one's own stands."""
    values = sorted(value for one in lines if (value := getattr(one, kpi.slug)) is not None)
    mine: float | None = getattr(own, kpi.slug) if own else None
    most = values[int(0.95 * (len(values) - 1))] or 1 if values else 1
    middle = median(values) if values else None

    def across(value: float) -> float:
        return round(min(100.0, 100 * float(value) / float(most)), 2)

    fewer = sum(value < mine for value in values) if mine is not None else 0
    return Measured(
        kpi,
        french.quantity(middle, kpi.unit),
        french.quantity(mine, kpi.unit),
        fewer,
        len(values),
        [across(value) for value in values],
        across(mine) if mine is not None else None,
        across(middle) if middle is not None else 0.0,
        french.quantity(most, kpi.unit),
        ""
        if own is None or mine is None
        else f"{own.territory_name}, {kpi.label.lower()}{NO_BREAK}: "
        f"{french.quantity(mine, kpi.unit)}, mieux que {fewer} comptes "
        f"sur {len(values)} ({who}){NARROW}; médiane{NO_BREAK}: "
        f"{french.quantity(middle, kpi.unit)}.",
    )


def told(here: Installation, asked: Asked, own: Listed | None, methodology: str) -> str:
    """Write what goes after a figure that is copied: score, margin, source, date."""
    invented = "SIMULATION, chiffres inventés. " if here.simulation else ""
    score = ""
    if own is not None and own.score is not None:
        now, low, high = (french.number(one, 1) for one in (own.score, own.low, own.high))
        score = f"Score{NO_BREAK}: {now} sur{NO_BREAK}100, entre {low} et {high}. "
    return (
        f"{score}{network_of(asked.network).name}, {french.month(asked.month)}. {invented}"
        f"Source{NO_BREAK}: Observatoire, méthodologie{NO_BREAK}{methodology}, consulté le "
        f"{french.day(here.clock.now())}, {here.settings.portal_url}{_address(asked)}"
    )


@router.get("/comparer/{code}.csv")
async def take(here: Here, asked: Understood, variant: CsvVariant = "standard") -> Response:
    """Give the comparison as a file, without what the network lets nobody hand on."""
    if not counters_may_leave(asked.network):
        asked = replace(asked, sort="score")
    lines = [
        withhold(one, one.network) for one in await compared(here.figures, here.territories, asked)
    ]
    name = f"comparaison_{asked.territory.code}_{asked.network}_{asked.month}"
    columns = [*COLUMNS, *closing(asked.month, note(asked.network))]
    return send_csv(here.settings.installation, name, lines, columns, variant)


@router.get("/comparer/{code}")
async def show(
    request: Request,
    here: Here,
    asked: Understood,
    ajouter: Annotated[Sequence[Typed], Query(max_length=MOST_LINES)] = (),
    ticked: Annotated[bool, Query(alias="cochees")] = False,
) -> Response:
    """Show a territory beside others: of its size by default, else a list of one's own."""
    territory = asked.territory
    if not here.measured(territory):
        like = sorted(alike(here.territories, territory), key=lambda one: one.nom)
        return page(
            request, "comparables.html", territory=territory, like=like,
            place=here.territories.place,
        )  # fmt: skip
    found, unfound = _found(here.territories, here.measured, ajouter)
    if found and not unfound:
        codes = ",".join(dict.fromkeys((*asked.listed, *found)))
        return RedirectResponse(_address(asked, avec=codes, groupe=""), 303)
    lines = await compared(here.figures, here.territories, asked)
    periods = await here.figures.read(PERIODS)
    month = next((one for one in periods if one.period == asked.month), None)
    return page(
        request,
        "comparer.html",
        asked=asked,
        territory=territory,
        **_table(here, asked, lines, month.methodology if month else ""),
        names=[here.territories[one] for one in asked.listed],
        roles={one.account: role(one.role) for one in await here.figures.read(ACCOUNT_ROLES)},
        periods=periods,
        month=month,
        withdrawn="" if month else withdrawn(asked.month, await here.figures.read(MONTH_REVISIONS)),
        unfound=unfound,
        none_ticked=ticked and not any(typed.strip() for typed in ajouter),
        address=partial(_address, asked),
    )


def _found(
    territories: Territories, measured: Callable[[Territory], bool], typed: Sequence[str]
) -> tuple[list[str], str]:
    """Return the codes of the territories typed, and what names none that may have figures."""
    places = {
        one: next(filter(measured, find(territories, one)), None) for one in typed if one.strip()
    }
    unfound = ", ".join(one for one, place in places.items() if place is None)
    return [place.code for place in places.values() if place is not None], unfound


def _table(
    here: Installation, asked: Asked, lines: Sequence[Listed], methodology: str
) -> dict[str, Any]:
    """Return the lines, what is said of them together, and how they can be chosen and sorted."""
    own = next((one for one in lines if one.territory == asked.territory.code), None)
    shown = lines if asked.listed else [withhold(one, one.network) for one in lines]
    closed = bool(note(asked.network)) and not asked.listed
    kpis = [] if closed else list(KPIS)
    group = group_of(asked)
    spread = [measured(shown, own, kpi, group) for kpi in kpis] if len(lines) > 1 else []
    return {
        "account": own.account if own else None,
        "lines": shown[:MOST_LINES],
        "near": near(shown[:MOST_LINES], own),
        "many": len(lines),
        "moves": {one.account: since(one, methodology) for one in lines},
        "kpis": kpis,
        "spread": spread,
        "figure": figure,
        "note": note(asked.network) if closed else None,
        "copied": told(here, asked, own, methodology),
        "curves": f"/graphiques/comparaison/{asked.territory.code}.svg?{urlencode(asked.query())}",
        "together": SCORES_TOGETHER,
        "accounts": ACCOUNTS,
        "networks": SCORED,
        "groups": _groups(asked),
        "group": group,
        "sorts": {slug: name for slug, name in SORTS.items() if slug in _sortable(kpis)},
    }


def _sortable(kpis: Sequence[Kpi]) -> set[str]:
    return {"score", *(kpi.slug for kpi in kpis)}


def _groups(asked: Asked) -> dict[str, str]:
    """Return the groups that this territory has, by name in the address."""
    without = set[str]()
    if asked.territory.stratum is None:
        without.add("categorie")
    if not asked.territory.departement:
        without.add("departement")
    if not asked.territory.epci:
        without.add("epci")
    return {slug: name for slug, name in GROUPS.items() if slug not in without}


def group_of(asked: Asked) -> str:
    """Say who is compared, in a heading."""
    if asked.listed:
        return "une liste choisie"
    if asked.group == "taille" and asked.territory.stratum:
        return f"les communes de {french.stratum(asked.territory.stratum)}"
    label = Category(asked.territory.category).label
    if asked.group == "departement":
        return f"les {label} du même département"
    if asked.group == "epci":
        return "les communes de la même intercommunalité"
    return f"les {label}"


def _address(asked: Asked, **changes: str) -> str:
    kept = {name: value for name, value in asked.query(**changes).items() if value}
    return f"/comparer/{asked.territory.code}?{urlencode(kept)}"
