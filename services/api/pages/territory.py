"""The page of a territory: where it stands, why, against whom, what to do next."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.networks import BY_SLUG, KNOWN, NETWORKS, network_of
from contracts.panels import ma_collectivite as panels
from contracts.panels import panels_at
from contracts.panels.panel import Panel
from contracts.territories import Category, Territory
from services.api.figures.queries import Figures
from services.api.figures.rows import (
    AccountPost,
    KpiShare,
    RankedAccount,
    TerritoryAccount,
    TerritoryScore,
)
from services.api.figures.views import (
    ACCOUNT_DAYS,
    ACCOUNT_OUTCOMES,
    ACCOUNT_POSTS,
    ACCOUNT_SCORE_KPIS,
    MONTH_CELLS,
    PERIODS,
    RANKING,
    TERRITORY_ACCOUNTS,
    TERRITORY_SCORES,
)
from services.api.installation import Installation
from services.api.watching.unmeasured import nearest
from services.api.web.panels import Figure, Loaded, figure, load
from services.api.web.parameters import Here, Period
from services.api.web.rendering import page
from services.api.words import halves, moves, places, sentences
from services.api.words.elections import electoral_period
from services.api.words.french import PARIS
from services.api.words.unread import Unread, unread

router = APIRouter()

BEST_POSTS = 3
HEAD = 5
"""How many of the first of its size are named to an account of the second half."""
HEAD_LOOKED_AT = 100
PEERS_ENOUGH = 3
"""Rows at most that are no neighbourhood, when those of the second half are left out."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown of one account, over what its panels look at."""

    loaded: Loaded

    @property
    def kpis(self) -> list[KpiShare]:
        """Return the score taken apart."""
        return self.loaded.of(ACCOUNT_SCORE_KPIS)

    @property
    def posts(self) -> list[AccountPost]:
        """Return the posts of the days looked at."""
        return self.loaded.of(ACCOUNT_POSTS)

    @property
    def best_posts(self) -> list[AccountPost]:
        """Return the recent posts that made most people react, those still present."""
        recent = cast("list[AccountPost]", self.loaded.shown(panels.REACTIONS))
        known = [one for one in recent if one.state == "present" and one.engagement is not None]
        return sorted(known, key=lambda one: -(one.engagement or 0.0))[:BEST_POSTS]

    @property
    def weekly_posts(self) -> float | None:
        """Return the usual rhythm, in posts a week; None when the account was not yet observed."""
        if not (days := self.loaded.of(ACCOUNT_DAYS)):
            return None
        observed = (self.loaded.today - days[0].day).days + 1
        return 7 * len(self.posts) / max(7, observed)


@router.get("/territoires/{code}")
async def show(
    request: Request,
    here: Here,
    code: str,
    periode: Period = None,
    reseau: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """Show a territory: measured, or facts only where no figure may stand."""
    territory = here.territories.resolve(code)
    if territory is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    if territory.code != code:
        return RedirectResponse(f"/territoires/{territory.code}", 301)
    if not here.measured(territory):
        return await _facts_only(request, here, territory)
    return await _measured(request, here, territory, periode, reseau)


async def _facts_only(request: Request, here: Installation, territory: Territory) -> Response:
    return page(
        request,
        "territoire_reel.html",
        territory=territory,
        place=here.territories.place(territory),
        alike=_alike(here, territory),
        like=await nearest(here.figures, territory),
    )


def _alike(here: Installation, territory: Territory) -> int:
    """Return how many real territories are of its stratum, or of its category."""
    same = [
        one
        for one in here.territories
        if one.origin == territory.origin
        and (
            one.stratum == territory.stratum
            if territory.stratum
            else one.category is territory.category
        )
    ]
    return len(same)


async def _measured(
    request: Request,
    here: Installation,
    territory: Territory,
    month: str | None,
    network: str | None,
) -> Response:
    periods = await here.figures.read(PERIODS)
    month = month or (periods[0].period if periods else "")
    accounts, scores = await known(here.figures, territory.code, month)
    if not accounts:
        return await _without_account(request, here, territory)
    told = {one.account for one in scores}
    chosen = choose(scores, network)
    detail, head, missed, cells = await asyncio.gather(
        detailed(here, chosen, month),
        _head(here, territory, chosen),
        _missed(here, accounts, chosen),
        here.figures.read(MONTH_CELLS, period=month),
    )
    today = here.clock.now().astimezone(PARIS).date()
    electoral = electoral_period(today)
    return page(
        request,
        "territoire.html",
        territory=territory,
        place=here.territories.place(territory),
        periods=periods,
        month=month,
        accounts=by_network(accounts),
        homes={one.account: _home(here, one) for one in accounts},
        missing=[
            one.name
            for one in NETWORKS
            if one.slug not in {known.network for known in accounts} and not one.paced
        ],
        scores={one.account: one for one in scores},
        tabs=by_network([one for one in accounts if one.account in told]),
        chosen=chosen,
        told=chosen is not None and _places_told(chosen),
        ignored=network if network and network != (chosen and chosen.network) else None,
        detail=detail,
        head=head,
        missed=missed,
        ranking=chosen is not None and network_of(chosen.network).scored and _ranked(territory),
        score_figures=drawn(chosen, detail, panels_at("score")),
        account_figures=drawn(chosen, detail, panels_at("account")),
        electoral=electoral,
        derived=chosen is not None and network_of(chosen.network).derived_metrics,
        networks=BY_SLUG,
        network_of=network_of,
        say=sentences,
        moves=moves,
        places=places,
        among=places.field(chosen, cells) if chosen is not None else None,
    )


async def known(
    figures: Figures, code: str, month: str
) -> tuple[list[TerritoryAccount], list[TerritoryScore]]:
    """Return the official accounts of a territory, and the lines of a month that a page shows."""
    accounts, scores = await asyncio.gather(
        figures.read(TERRITORY_ACCOUNTS, territory=code),
        figures.read(TERRITORY_SCORES, territory=code, period=month),
    )
    accounts = [one for one in accounts if one.official]
    shown = {one.account for one in accounts if not network_of(one.network).paced}
    return accounts, [one for one in scores if one.account in shown]


async def _without_account(request: Request, here: Installation, territory: Territory) -> Response:
    return page(
        request,
        "territoire_sans_compte.html",
        territory=territory,
        place=here.territories.place(territory),
        like=await nearest(here.figures, territory),
    )


def _places_told(chosen: TerritoryScore) -> bool:
    """Whether the page says places: there are none, or they are of the first half."""
    return halves.half(chosen) in (None, halves.Half.FIRST)


def _ranked(territory: Territory) -> bool:
    """Whether the palmarès has a list of its category."""
    return territory.category is not Category.AUTRES


def _home(here: Installation, account: TerritoryAccount) -> str:
    """Return the name of whom an account is counted for."""
    home = here.territories.get(account.home_territory or "")
    return home.nom if home else "une autre collectivité"


async def _head(
    here: Installation, territory: Territory, chosen: TerritoryScore | None
) -> list[RankedAccount]:
    """Return the first accounts of its size (else of its category), for one not told of places."""
    if chosen is None or _places_told(chosen):
        return []
    lines = await here.figures.read(
        RANKING,
        HEAD_LOOKED_AT,
        network=chosen.network,
        category=territory.category.value,
        period=chosen.period,
        departement="",
        region="",
    )
    told = [one for one in halves.told(lines) if one.account != chosen.account]
    return ([one for one in told if one.stratum == chosen.stratum] or told)[:HEAD]


async def _missed(
    here: Installation, accounts: Sequence[TerritoryAccount], chosen: TerritoryScore | None
) -> Unread | None:
    """Tell why the account that the page is about could not be read; None when it was."""
    if chosen is None or chosen.reason != "not_observed":
        return None
    account = next(one for one in accounts if one.account == chosen.account)
    return unread(account, await here.figures.read(ACCOUNT_OUTCOMES, account=chosen.account))


def choose(scores: Sequence[TerritoryScore], network: str | None) -> TerritoryScore | None:
    """Return the account that the page is about: of the network asked, else the best known one.

    Scored ones come first, then those of the network that pages show first.
    """
    of_network = [one for one in scores if one.network == network] or list(scores)
    return min(
        of_network,
        key=lambda one: (
            one.score is None,
            one.reason in ("not_observed", "unscored_network"),
            _place(one.network),
            one.account,
        ),
        default=None,
    )


def by_network(accounts: Sequence[TerritoryAccount]) -> list[TerritoryAccount]:
    """Return the accounts in the order of the networks, those that nobody knows last."""
    return sorted(accounts, key=lambda one: (_place(one.network), one.network, one.handle))


def _place(network: str) -> int:
    """Return the place of a network on pages; one that nobody knows is last."""
    return next((place for place, one in enumerate(KNOWN) if one.slug == network), len(KNOWN))


async def detailed(here: Installation, chosen: TerritoryScore | None, month: str) -> Detail | None:
    """Read what panels about an account look at."""
    if chosen is None:
        return None
    today = here.clock.now().astimezone(PARIS).date()
    wanted = panels_at("score", "account")
    return Detail(await load(here.figures, wanted, chosen.account, month, today))


def drawn(
    chosen: TerritoryScore | None, detail: Detail | None, wanted: Sequence[Panel]
) -> list[Figure]:
    """Return what there is to draw; derived figures only where the network's terms allow them."""
    if chosen is None or detail is None:
        return []
    derived = network_of(chosen.network).derived_metrics
    figures = [
        figure(one, detail.loaded.shown(one), chosen.account, chosen.period)
        for one in wanted
        if derived or not one.derived
    ]
    alone = 1 if _places_told(chosen) else PEERS_ENOUGH
    return [
        one
        for one in figures
        if one.picture and not (one.panel is panels.PEERS and len(one.rows) <= alone)
    ]
