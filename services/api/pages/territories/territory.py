"""The page of a territory: where its networks stand, what to do, then one account in detail."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from contracts.networks import BY_SLUG, NETWORKS, network_of
from contracts.panels import panels_at
from contracts.territories import Category, Territories, Territory
from services.api.declaring.exports import declarable
from services.api.declaring.months import by_account
from services.api.figures.absences import with_absences
from services.api.figures.month_rows import MonthCell, TerritoryNetwork
from services.api.figures.queries import Figures
from services.api.figures.rows import (
    BaremeKnots,
    KnownAccount,
    Listed,
    TerritoryAccount,
    TerritoryScore,
)
from services.api.figures.synthesis import networks_held, synthesis
from services.api.figures.territory_months import TerritoryMonths, territory_months
from services.api.figures.views import (
    ACCOUNT_OUTCOMES,
    BAREME_KNOTS,
    MONTH_CELLS,
    NETWORK_USES,
    PERIODS,
    RANKING,
    TERRITORY_ACCOUNTS,
)
from services.api.installation import Installation
from services.api.pages.territories.account import (
    Detail,
    Seen,
    advised,
    by_network,
    choose,
    detailed,
    drawn,
    electoral_state,
    places_told,
    seen,
)
from services.api.pages.territories.around import above, alike, below
from services.api.pages.territories.kept import View, detailed_view, own
from services.api.pages.territories.noted import noted, reader_of
from services.api.store import Store
from services.api.watching.unmeasured import nearest
from services.api.web.headers import asked_anew
from services.api.web.parameters import Here, Period
from services.api.web.rendering import page
from services.api.words import circumstances, elections, sentences
from services.api.words.contests import FIGURES
from services.api.words.month_state import expected
from services.api.words.roles import role
from services.api.words.standing import first_half, moves, places, rulers, strip
from services.api.words.unread import Unread, absent, unread

router = APIRouter()

HEAD = 5
"""How many of the first of its size are named to an account of the second half."""
HEAD_LOOKED_AT = 100
"""Lines of a ranking among which these are found."""

UNREAD = "not_observed"
"""The reason of accounts that no reading reached."""

WORDS: Mapping[str, Any] = {
    "networks": BY_SLUG,
    "network_of": network_of,
    "say": sentences,
    "contested_figures": FIGURES,
    "moves": moves,
    "expected": expected,
    "places": places,
    "absent": absent,
}
"""What the template says figures by."""


@router.get("/territoires/{code}")
async def show(
    request: Request,
    here: Here,
    code: str,
    periode: Period = None,
    reseau: Annotated[str | None, Query(max_length=20)] = None,
    compte: Annotated[str | None, Query(max_length=200)] = None,
    vue: View | None = None,
) -> Response:
    """Show a territory: measured, or facts only where no figure may stand."""
    territory = here.territories.resolve(code)
    if territory is None:
        raise HTTPException(404, f"Aucune collectivité n’a le code « {code} ».")
    if territory.code != code:
        return RedirectResponse(f"/territoires/{territory.code}", 301)
    if not here.measured(territory):
        return page(
            request,
            "territoire_reel.html",
            **_facts(here.territories, territory),
            alike=len(alike(here.territories, territory)),
            like=await nearest(here.figures, territory),
        )
    return await _measured(request, here, territory, _Asked(periode, reseau, compte, vue))


def _facts(territories: Territories, territory: Territory) -> dict[str, Any]:
    """Return what every page of a territory says of it and of those around."""
    return {
        "territory": territory,
        "place": territories.place(territory),
        "above": above(territories, territory),
        "below": below(territories, territory),
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks of the page: a month, an account (else a network's), how much."""

    month: str | None
    network: str | None
    account: str | None
    view: View | None


async def _measured(
    request: Request, here: Installation, territory: Territory, asked: _Asked
) -> Response:
    """Show accounts and scores; a page of its own where no account is known."""
    periods = await here.figures.read(PERIODS)
    at = seen(periods, asked.month or (periods[0].period if periods else ""), here.clock.now())
    accounts, scores, months = await known(here.figures, territory.code, at.month)
    reader = reader_of(request, territory.code)
    around = _facts(here.territories, territory)
    agents = await asyncio.to_thread(_of_agents, here.store, territory, reader)
    always = {**around, **agents, "own": own(request, territory)}
    if not accounts:
        like = await nearest(here.figures, territory)
        return page(request, "territoire_sans_compte.html", **always, like=like)
    full = detailed_view(request, asked.view)
    chosen = choose(scores, asked.network, asked.account)
    listed: Sequence[TerritoryAccount] = ()
    if full or chosen is None or chosen.reason == UNREAD:
        accounts = listed = await with_absences(here.figures, territory.code, accounts)
    read, cells, uses = await asyncio.gather(
        _read(here.figures, territory, chosen, listed, months, at, full=full),
        here.figures.read(MONTH_CELLS, period=at.month),
        here.figures.read(NETWORK_USES),
    )
    told = await asyncio.to_thread(_told, here.store, territory, chosen, at)
    electoral = await electoral_state(here.store, territory, at.last)
    shown = page(
        request, "territoire.html", **always, **told,
        declarable=declarable(), full=full, view=asked.view, reader=reader,
        noted=await noted(here.store, chosen.account, at, reader) if full and chosen else [],
        periods=periods, month=at.month, at=at, chosen=chosen, ignored=_ignored(chosen, asked),
        advice=advised(chosen, read.detail, at, read.knots, scores, around["below"], electoral),
        **_networks(here.territories, accounts, networks_held(months.of(at.month), accounts, uses)),
        **_account(chosen, read, full=full),
        **_elections(electoral, read.detail, at),
        **_first_screen(territory, accounts, scores, cells, at.month),
        **_standing(chosen, territory, cells),
        **WORDS,
    )  # fmt: skip
    return asked_anew(shown, when=any(one.open for one in told["contests"]))


def _of_agents(store: Store, territory: Territory, reader: str) -> dict[str, Any]:
    """Return who speaks for the territory, and what its agents declared: that to `reader` alone."""
    code = territory.code
    return {
        "declared": by_account(store.declarations.of_territory(code)) if reader else (),
        "faces": store.delegations.faces(code),
    }


@dataclass(frozen=True, slots=True)
class _Read:
    """What the engine knows of the account that the page is about."""

    detail: Detail | None
    head: Sequence[Listed]
    missed: Unread | None
    knots: Sequence[BaremeKnots]


async def _read(
    figures: Figures,
    territory: Territory,
    chosen: TerritoryScore | None,
    listed: Sequence[TerritoryAccount],
    months: TerritoryMonths,
    at: Seen,
    *,
    full: bool,
) -> _Read:
    """Read what a page shows of its account, all of it or in short."""
    shown = panels_at("score", "account") if full else ()
    detail, head, missed, knots = await asyncio.gather(
        detailed(figures, chosen, months, at, shown),
        _head(figures, territory, chosen if full else None),
        _missed(figures, listed, chosen),
        _knots(figures, chosen, needed=full or not at.past),
    )
    return _Read(detail, head, missed, knots)


def _told(
    store: Store, territory: Territory, chosen: TerritoryScore | None, at: Seen
) -> dict[str, Any]:
    """Return what people said of the account and of its territory, and when the month is final."""
    account = chosen.account if chosen else ""
    provisional = chosen is not None and chosen.state == "provisional"
    notice = store.month_notices.of(at.month) if provisional else None
    said = store.circumstances.of(territory.code)
    return {
        "contests": store.contests.of_account(account),
        "replies": store.rights.replies(account),
        "impostors": store.accounts.impostors(territory.code),
        "staff": circumstances.staff(said.staff) if said.staff is not None else "",
        "unusual": circumstances.CAUSES[said.unusual[at.month]] if at.month in said.unusual else "",
        "due": notice.due if notice else None,
    }


def _networks(
    territories: Territories, accounts: Sequence[KnownAccount], networks: Sequence[TerritoryNetwork]
) -> dict[str, Any]:
    """Return what is said of all networks of a territory together."""
    return {
        "homes": {one.account: _home(territories, one) for one in accounts},
        "missing": _missing(accounts),
        "overall": strip.overall(synthesis(networks), networks),
    }


def _account(chosen: TerritoryScore | None, read: _Read, *, full: bool) -> dict[str, Any]:
    """Return what was read of the account, with what the full page draws of it."""
    detail = read.detail
    ruled = rulers.rulers(detail.kpis, chosen, read.knots) if full and detail and chosen else []
    return {
        "detail": detail,
        "head": read.head,
        "missed": read.missed,
        "score_figures": drawn(chosen, detail, panels_at("score")) if full else [],
        "account_figures": drawn(chosen, detail, panels_at("account")) if full else [],
        "rulers": ruled,
    }


def _elections(
    electoral: elections.ElectoralState | None, detail: Detail | None, at: Seen
) -> dict[str, Any]:
    """Return what an electoral period changes on the page."""
    return {
        "electoral": electoral,
        "muted": electoral is not None and electoral.muted,
        "rhythms": _rhythms(electoral, detail, at),
    }


def _first_screen(
    territory: Territory,
    accounts: Sequence[KnownAccount],
    scores: Sequence[TerritoryScore],
    cells: Sequence[MonthCell],
    month: str,
) -> dict[str, Any]:
    """Return the accounts of a territory, their scores, and what is said of all of them."""
    told = {one.account: one for one in scores}
    roles = {one.account: role(one.role, territory.kind) for one in accounts}
    known = by_network(accounts)
    tiles = strip.tiles([one for one in known if one.account in told], told, roles)
    told_apart, never = strip.account_by_account(tiles)
    return {
        "accounts": known,
        "roles": roles,
        "scores": told,
        "tiles": tiles,
        "sentence": strip.sentence(tiles, cells, month) if tiles else "",
        "account_by_account": told_apart,
        "never_scored": never,
    }


def _standing(
    chosen: TerritoryScore | None, territory: Territory, cells: Sequence[MonthCell]
) -> dict[str, Any]:
    """Return what may be said of where the account stands that the page is about."""
    if chosen is None:
        return {"told": False, "ranking": False, "among": None, "derived": False}
    network = network_of(chosen.network)
    return {
        "told": places_told(chosen),
        "ranking": network.scored and territory.category is not Category.AUTRES,
        "among": places.field(chosen, cells),
        "derived": network.derived_metrics,
    }


def _missing(accounts: Sequence[KnownAccount]) -> list[str]:
    """Return the networks on which no account is known, of those that anybody may be read on."""
    held = {one.network for one in accounts}
    read = (one for one in NETWORKS if not one.paced and not one.by_owner)
    return [one.name for one in read if one.slug not in held]


def _ignored(chosen: TerritoryScore | None, asked: _Asked) -> tuple[str, str] | None:
    """Return what the address asked and the page does not show: which filter, and its value."""
    if chosen is None:
        return None
    if asked.account and asked.account != chosen.account:
        return ("compte", asked.account)
    if asked.network and asked.network != chosen.network and not asked.account:
        return ("réseau", asked.network)
    return None


def _rhythms(
    electoral: elections.ElectoralState | None, detail: Detail | None, at: Seen
) -> tuple[elections.Rhythm | None, elections.Rhythm | None]:
    """Return the rhythm before an electoral period, and that of the month."""
    if electoral is None or detail is None:
        return (None, None)
    before = elections.rhythm_before(detail.history, electoral.period.opens)
    return before, elections.rhythm_of(detail.history, at.month)


async def known(
    figures: Figures, code: str, month: str
) -> tuple[Sequence[KnownAccount], list[TerritoryScore], TerritoryMonths]:
    """Return the official accounts of a territory, the lines of a month that a page shows, all."""
    found, months = await asyncio.gather(
        figures.read(TERRITORY_ACCOUNTS, territory=code), territory_months(figures, code)
    )
    accounts = [one for one in found if one.official]
    shown = {one.account for one in accounts if not network_of(one.network).paced}
    return accounts, [one for one in months.of(month) if one.account in shown], months


def _home(territories: Territories, account: KnownAccount) -> str:
    """Return the name of whom an account is counted for."""
    home = territories.get(account.home_territory or "")
    return home.nom if home else "une autre collectivité"


async def _head(
    figures: Figures, territory: Territory, chosen: TerritoryScore | None
) -> list[Listed]:
    """Return the first accounts of its size (else of its category), for one not told of places."""
    if chosen is None or places_told(chosen):
        return []
    lines = await figures.read(
        RANKING,
        HEAD_LOOKED_AT,
        network=chosen.network,
        category=territory.category.value,
        period=chosen.period,
        departement="",
        region="",
    )
    told = [one for one in first_half.shown(lines) if one.account != chosen.account]
    return ([one for one in told if one.stratum == chosen.stratum] or told)[:HEAD]


async def _knots(
    figures: Figures, chosen: TerritoryScore | None, *, needed: bool
) -> list[BaremeKnots]:
    """Return the barème of a month; none where neither a ruler nor what a step changes is told."""
    if chosen is None or chosen.score is None or not needed:
        return []
    return await figures.read(BAREME_KNOTS, methodology=chosen.methodology)


async def _missed(
    figures: Figures, accounts: Sequence[TerritoryAccount], chosen: TerritoryScore | None
) -> Unread | None:
    """Tell why the account that the page is about could not be read; None when it was."""
    if chosen is None or chosen.reason != UNREAD:
        return None
    account = next(one for one in accounts if one.account == chosen.account)
    return unread(account, await figures.read(ACCOUNT_OUTCOMES, account=chosen.account))
