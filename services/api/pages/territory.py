"""The page of a territory: where it stands, why, against whom, what to do next."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.networks import BY_SLUG, NETWORKS
from contracts.panels import ma_collectivite as panels
from contracts.panels.panel import Panel
from contracts.territories import Territory
from services.api import sentences
from services.api.elections import electoral_period
from services.api.french import PARIS
from services.api.installation import Installation
from services.api.pages.figures import Figure, figure
from services.api.rendering import page
from services.api.routes.parameters import Here, Period
from services.api.rows import (
    AccountDay,
    AccountPost,
    KpiShare,
    ListedTerritory,
    MonthScore,
    Peer,
    Row,
    TerritoryAccount,
    TerritoryScore,
)
from services.api.views import (
    ACCOUNT_DAYS,
    ACCOUNT_POSTS,
    ACCOUNT_SCORE_KPIS,
    ACCOUNT_SCORES,
    PEERS,
    PERIODS,
    TERRITORIES_WITH_ACCOUNTS,
    TERRITORY_ACCOUNTS,
    TERRITORY_SCORES,
)

router = APIRouter()

DAYS_SHOWN = timedelta(days=90)
POSTS_SHOWN = timedelta(days=30)
"""Texts are kept 30 days; what made people react is shown while it can still be read."""
BEST_POSTS = 3


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown of one account, over `DAYS_SHOWN` up to `until` (Europe/Paris)."""

    until: date
    kpis: list[KpiShare]
    history: list[MonthScore]
    peers: list[Peer]
    days: list[AccountDay]
    posts: list[AccountPost]

    @property
    def recent(self) -> list[AccountPost]:
        """Return the posts whose text can still be read."""
        since = self.until - POSTS_SHOWN
        return [one for one in self.posts if one.published_at.astimezone(PARIS).date() >= since]

    @property
    def best_posts(self) -> list[AccountPost]:
        """Return the recent posts that made most people react, those still present."""
        known = [
            one for one in self.recent if one.state == "present" and one.engagement is not None
        ]
        return sorted(known, key=lambda one: -(one.engagement or 0.0))[:BEST_POSTS]

    @property
    def weekly_posts(self) -> float | None:
        """Return the usual rhythm, in posts a week; None when the account was not yet observed."""
        if not self.days:
            return None
        observed = (self.until - self.days[0].day).days + 1
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
    listed = await here.figures.read(TERRITORIES_WITH_ACCOUNTS)
    like = comparable(territory, listed)
    return page(
        request,
        "territoire_reel.html",
        territory=territory,
        place=here.territories.place(territory),
        alike=_alike(here, territory),
        like=like,
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


def comparable(territory: Territory, listed: Sequence[ListedTerritory]) -> ListedTerritory | None:
    """Return the measured territory most like a real one: its stratum, then its size."""
    candidates = [one for one in listed if one.accounts and one.kind == territory.kind.value]
    population = territory.population or 0
    return min(
        candidates,
        key=lambda one: (
            one.category != territory.category.value,
            one.stratum != territory.stratum,
            abs((one.population or 0) - population),
            one.code,
        ),
        default=None,
    )


async def _measured(
    request: Request,
    here: Installation,
    territory: Territory,
    month: str | None,
    network: str | None,
) -> Response:
    periods = await here.figures.read(PERIODS)
    month = month or (periods[0].period if periods else "")
    accounts, scores = await asyncio.gather(
        here.figures.read(TERRITORY_ACCOUNTS, territory=territory.code),
        here.figures.read(TERRITORY_SCORES, territory=territory.code, period=month),
    )
    accounts = [one for one in accounts if one.official]
    shown = {one.account for one in accounts if one.network != "rss"}
    scores = [one for one in scores if one.account in shown]
    told = {one.account for one in scores}
    chosen = choose(scores, network)
    detail = await _detail(here, chosen.account, month) if chosen else None
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
        missing=[
            one.name
            for one in NETWORKS
            if one.slug not in {known.network for known in accounts} and one.slug != "rss"
        ],
        scores={one.account: one for one in scores},
        tabs=by_network([one for one in accounts if one.account in told]),
        chosen=chosen,
        detail=detail,
        figures=_figures(chosen, detail) if chosen and detail else {},
        electoral=electoral,
        derived=chosen is not None and BY_SLUG[chosen.network].derived_metrics,
        say=sentences,
    )


def choose(scores: Sequence[TerritoryScore], network: str | None) -> TerritoryScore | None:
    """Return the account that the page is about: of the network asked, else the best known one.

    Scored ones come first, then those of the network most used in France.
    """
    of_network = [one for one in scores if one.network == network] or list(scores)
    return min(
        of_network,
        key=lambda one: (
            one.score is None,
            one.reason in ("not_observed", "unscored_network"),
            -BY_SLUG[one.network].use_in_france,
            one.account,
        ),
        default=None,
    )


def by_network(accounts: Sequence[TerritoryAccount]) -> list[TerritoryAccount]:
    """Return the accounts in the order of the networks."""
    order = [one.slug for one in NETWORKS]
    return sorted(accounts, key=lambda one: (order.index(one.network), one.handle))


async def _detail(here: Installation, account: str, month: str) -> Detail:
    today = here.clock.now().astimezone(PARIS).date()
    end = today.isoformat()
    read = here.figures.read
    kpis, history, peers, days, posts = await asyncio.gather(
        read(ACCOUNT_SCORE_KPIS, account=account, period=month),
        read(ACCOUNT_SCORES, account=account),
        read(PEERS, account=account, period=month),
        read(
            ACCOUNT_DAYS, account=account, date_from=(today - DAYS_SHOWN).isoformat(), date_to=end
        ),
        read(
            ACCOUNT_POSTS, account=account, date_from=(today - DAYS_SHOWN).isoformat(), date_to=end
        ),
    )
    return Detail(today, kpis, history, peers, days, posts)


def _figures(chosen: TerritoryScore, detail: Detail) -> dict[str, Figure]:
    """Return what there is to draw; derived figures only where the network's terms allow them."""
    wanted: list[tuple[Panel, Sequence[Row]]] = [
        (panels.SCORE_SHARES, detail.kpis),
        (panels.SCORE_HISTORY, detail.history),
        (panels.PEERS, detail.peers),
        (panels.FOLLOWERS, detail.days),
        (panels.RHYTHM, detail.posts),
    ]
    if BY_SLUG[chosen.network].derived_metrics:
        wanted.append((panels.REACTIONS, detail.recent))
    return {
        panel.slug: figure(panel, rows, chosen.account, chosen.period) for panel, rows in wanted
    }
