"""One account of a territory, as pages show it: which one, over which days, and its panels."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar, cast

from contracts.networks import KNOWN, network_of
from contracts.panels import ma_collectivite as panels
from contracts.panels.panel import Panel
from contracts.territories import Kind, Territory
from libs import french
from libs.french import PARIS
from services.api.figures.medians import medians_of, shares
from services.api.figures.queries import Figures
from services.api.figures.rows import (
    AccountPost,
    BaremeKnots,
    KnownAccount,
    KpiShare,
    MonthScore,
    Period,
    TerritoryScore,
)
from services.api.figures.territory_months import TerritoryMonths
from services.api.figures.views import (
    ACCOUNT_DAYS,
    ACCOUNT_KPIS,
    ACCOUNT_POSTS,
    ACCOUNT_SCORES,
    PEERS,
)
from services.api.store import Store
from services.api.web.panels import Figure, Loaded, figure, load
from services.api.words.advice.choosing import Advice, advise
from services.api.words.advice.situation import Situation
from services.api.words.elections import ElectoralState, electoral_period
from services.api.words.standing import first_half

A = TypeVar("A", bound=KnownAccount)

BEST_POSTS = 3
"""Posts named on the page of an account."""

MONTHS_ENOUGH = 3
"""Months of scores from which a curve says anything."""
PEERS_ENOUGH = 3
"""Rows at most that are no neighbourhood, when those of the second half are left out."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The month that a page is about, and the days that it looks at.

    A past month is seen as it was: its own days, to the last of them. The latest one is seen from
    today, back as far as each panel looks (`first` is None).
    """

    month: str
    first: date | None
    last: date

    @property
    def past(self) -> bool:
        """Whether a later month is published."""
        return self.first is not None


def seen(periods: Sequence[Period], month: str, now: datetime) -> Seen:
    """Return how a month is seen at an instant."""
    today = now.astimezone(PARIS).date()
    if not month or not periods or month >= periods[0].period:
        return Seen(month, None, today)
    first = french.first_day(month)
    return Seen(month, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


async def electoral_state(store: Store, territory: Territory, day: date) -> ElectoralState | None:
    """Return the electoral period that a day is in, and what the territory answered of it."""
    if (period := electoral_period(day)) is None:
        return None
    given = await asyncio.to_thread(store.elections.of, territory.code, period.slug)
    return ElectoralState(period, given)


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown of one account, over what its panels look at.

    `medians` are those of its network and category, by KPI.
    """

    loaded: Loaded
    medians: Mapping[str, float | None]

    @property
    def kpis(self) -> list[KpiShare]:
        """Return the score taken apart."""
        return shares(self.loaded.of(ACCOUNT_KPIS), self.medians)

    @property
    def history(self) -> list[MonthScore]:
        """Return the months of the account, oldest first."""
        return self.loaded.of(ACCOUNT_SCORES)

    @property
    def posts(self) -> list[AccountPost]:
        """Return the posts of the days looked at."""
        return self.loaded.of(ACCOUNT_POSTS)

    @property
    def best_posts(self) -> list[AccountPost]:
        """Return the recent posts that made people react most, those still present."""
        recent = cast("list[AccountPost]", self.loaded.shown(panels.REACTIONS))
        known = [one for one in recent if one.state == "present" and one.engagement is not None]
        return sorted(known, key=lambda one: -(one.engagement or 0.0))[:BEST_POSTS]

    @property
    def engagement(self) -> float | None:
        """Return the mean of the engagement of the posts looked at; None where none is known."""
        known = [one.engagement for one in self.posts if one.engagement is not None]
        return sum(known) / len(known) if known else None

    @property
    def weekly_posts(self) -> float | None:
        """Return the rhythm in posts a week; None when the account was not yet observed."""
        if not (days := self.loaded.of(ACCOUNT_DAYS)):
            return None
        observed = (self.loaded.today - days[0].day).days + 1
        return 7 * len(self.posts) / max(7, observed)


def choose(
    scores: Sequence[TerritoryScore], network: str | None, account: str | None = None
) -> TerritoryScore | None:
    """Return the account that a page is about: the one asked, of the network asked, else the best.

    Scored ones come first, then those of the network that pages show first.
    """
    if named := [one for one in scores if one.account == account]:
        return named[0]
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


def by_network(accounts: Sequence[A]) -> list[A]:
    """Return the accounts in the order of the networks, the main one of each before the others."""
    return sorted(
        accounts,
        key=lambda one: (
            _place(one.network),
            one.network,
            one.role not in (None, "main"),
            one.handle,
        ),
    )


def _place(network: str) -> int:
    """Return the place of a network on pages; one that nobody knows is last."""
    return next((place for place, one in enumerate(KNOWN) if one.slug == network), len(KNOWN))


def _in_short(chosen: TerritoryScore, at: Seen) -> Sequence[Panel]:
    """Return panels whose figures a short page speaks of: the usual rhythm, what helps, what to do.

    Without a score nothing helps, and of a past month nothing is to do.
    """
    if chosen.score is None:
        return (panels.SCORE_HISTORY,)
    helps = (panels.SCORE_HISTORY, panels.SCORE_SHARES)
    return helps if at.past else (*helps, panels.PEERS)


async def detailed(
    figures: Figures,
    chosen: TerritoryScore | None,
    months: TerritoryMonths,
    at: Seen,
    shown: Sequence[Panel],
) -> Detail | None:
    """Read what the panels shown of an account look at, and what is said of it in short."""
    if chosen is None:
        return None
    wanted = (*shown, *_in_short(chosen, at))
    known = {ACCOUNT_SCORES.name: await months.history(figures, chosen.account)}
    loaded = await load(figures, wanted, chosen.account, at.month, at.last, at.first, known)
    apart = ACCOUNT_KPIS.name in loaded.rows
    return Detail(loaded, await medians_of(figures, chosen) if apart else {})


def advised(
    chosen: TerritoryScore | None,
    detail: Detail | None,
    at: Seen,
    knots: Sequence[BaremeKnots],
    scores: Sequence[TerritoryScore],
    covered: Sequence[Territory],
    electoral: ElectoralState | None,
) -> Advice | None:
    """Return what to do about an account, one of those of its territory, which covers others."""
    if chosen is None or detail is None:
        return None
    return advise(
        Situation(
            score=chosen,
            kpis=detail.kpis,
            day=at.last,
            knots=knots,
            history=detail.history,
            members=sum(one.kind is Kind.COMMUNE for one in covered),
            others=[one for one in scores if one.account != chosen.account],
            peers=detail.loaded.of(PEERS),
            outside=electoral is not None and not electoral.muted,
        )
    )


def places_told(chosen: TerritoryScore) -> bool:
    """Whether the page says places: there are none, or they are of the first half."""
    return first_half.half(chosen) in (None, first_half.Half.FIRST)


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
    alone = 1 if places_told(chosen) else PEERS_ENOUGH
    least = {panels.PEERS.slug: alone + 1, panels.SCORE_HISTORY.slug: MONTHS_ENOUGH}
    return [one for one in figures if one.picture and one.known >= least.get(one.panel.slug, 1)]
