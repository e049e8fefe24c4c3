"""« Publications » of a territory's account: each beside its own normal, and what makes react."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from statistics import median
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from cachetools import LRUCache
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from contracts.networks import network_of
from contracts.panels.publications import EFFECTS, NORMALS
from contracts.posts import CONTEST, KIND_LABELS, POST_TOPIC_LABELS
from contracts.territories import Territory
from libs import french
from libs.clock import Clock
from services.api.figures.queries import Figures
from services.api.figures.rows import KnownAccount, PostReadings, Row
from services.api.figures.views import ACCOUNT_DAYS, ACCOUNT_PERFORMANCE
from services.api.files.performance import COLUMNS
from services.api.files.redistribution import counters_may_leave, note
from services.api.files.sending import send_csv
from services.api.installation import Installation
from services.api.pages.pictures import answered, titles
from services.api.pages.recomputing import recompute
from services.api.pages.territories.account import choose
from services.api.pages.territories.kept import View, detailed_view
from services.api.pages.territories.territory import known
from services.api.performance.contrasts import HOURS, WEEKDAYS, part_of_day
from services.api.performance.copies import with_copies
from services.api.performance.findings import Analysis, analyse
from services.api.performance.growth import Shock, shocks
from services.api.performance.posts import COMPARED_WITHIN, Compared, Post, Reading, compare
from services.api.web.panels import picture
from services.api.web.parameters import CsvVariant, Here, published_month
from services.api.web.rendering import page
from services.api.words import performance as words
from services.api.words.roles import role

router = APIRouter()

SORTS = {
    "date": "les plus récentes",
    "normale": "le mieux, face à l’habituel",
    "moins": "le moins bien, face à l’habituel",
    "interactions": "le plus d’interactions",
    "taux": "le plus d’interactions par abonné",
}
POSTS_IN_SHORT, POSTS_A_PAGE = 10, 25
FEWEST_A_CELL = 5
"""Posts of a day and an hour, without which the grid says nothing of them."""

ANALYSES_KEPT = 200
"""Accounts whose analysis is remembered."""

_analysed: LRUCache[tuple[str, bytes], "Read"] = LRUCache(ANALYSES_KEPT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks: an account of a territory, a sort, filters."""

    territory: Territory
    account: KnownAccount
    accounts: Sequence[KnownAccount]
    sort: str = "date"
    kind: str = ""
    topic: str = ""
    text: str = ""
    number: int = 1

    def query(self, **changes: str) -> dict[str, str]:
        """Return the query of this page, something changed."""
        kept = {
            "compte": self.account.account,
            "tri": "" if self.sort == "date" else self.sort,
            "type": self.kind,
            "sujet": self.topic,
            "mots": self.text,
        }
        return {name: value for name, value in (kept | changes).items() if value}


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of an account and what was found in it."""

    compared: Sequence[Compared]
    analysis: Analysis
    shocks: Sequence[Shock]


class Drawn(Row):
    """A line of a chart: of effects, or of posts beside their normal."""

    what: str = ""
    times: float | None = None
    least: float | None = None
    most: float | None = None
    published_at: datetime | None = None
    kind: str = ""
    ratio: float | None = None
    young: str = "non"


async def asked_of(
    here: Here,
    code: str,
    compte: Annotated[str | None, Query(max_length=200)] = None,
    reseau: Annotated[str | None, Query(max_length=20)] = None,
    tri: Annotated[str, Query(max_length=20)] = "",
    format_: Annotated[str, Query(max_length=20, alias="type")] = "",
    sujet: Annotated[str, Query(max_length=30)] = "",
    mots: Annotated[str, Query(max_length=100)] = "",
    numero: Annotated[int, Query(ge=1, le=10_000, alias="page")] = 1,
) -> Asked:
    """Return what an address asks. Raises 404 where no account is measured."""
    territory = here.territories.resolve(code)
    if territory is None or not here.measured(territory):
        raise HTTPException(404, f"Aucune collectivité mesurée ici n’a le code « {code} ».")
    period = await published_month(here.figures, None) or ""
    accounts, scores, _ = await known(here.figures, territory.code, period)
    analysed = [one for one in accounts if network_of(one.network).interactions]
    chosen = choose(
        [one for one in scores if one.account in {held.account for held in analysed}],
        reseau,
        compte,
    )
    wanted = compte or (chosen.account if chosen else None)
    account = next((one for one in analysed if one.account == wanted), None) or next(
        iter(analysed), None
    )
    if account is None:
        raise HTTPException(404, f"{territory.nom} n’a pas de compte dont on lise les réactions.")
    return Asked(
        territory,
        account,
        accounts,
        tri if tri in SORTS else "date",
        format_ if format_ in KIND_LABELS else "",
        sujet if sujet in POST_TOPIC_LABELS else "",
        mots.strip(),
        numero,
    )


Understood = Annotated[Asked, Depends(asked_of)]


async def read(figures: Figures, clock: Clock, asked: Asked) -> Read:
    """Read two years of an account, and what its territory said elsewhere; analyse them once."""
    today = clock.now().astimezone(french.PARIS).date()
    since = (today - 2 * COMPARED_WITHIN).isoformat()

    async def posts(account: str, first: str) -> list[PostReadings]:
        return await figures.read(
            ACCOUNT_PERFORMANCE, None, account=account, date_from=first, date_to=today.isoformat()
        )

    a_year = (today - COMPARED_WITHIN).isoformat()
    others = [one for one in asked.accounts if one.account != asked.account.account]
    own, days = await asyncio.gather(
        posts(asked.account.account, since),
        figures.read(
            ACCOUNT_DAYS, None, account=asked.account.account, date_from=a_year,
            date_to=today.isoformat(),
        ),
    )  # fmt: skip
    elsewhere = await asyncio.gather(*(posts(one.account, a_year) for one in others))
    seen = hashlib.blake2b(repr((own, days, elsewhere)).encode(), digest_size=16).digest()
    key = (asked.account.account, seen)
    if key not in _analysed:
        told = [
            (one.network, [post_of(row, one.network) for row in rows])
            for one, rows in zip(others, elsewhere, strict=True)
        ]
        followers = [(one.day, one.followers) for one in days if one.followers is not None]
        mine = [post_of(row, asked.account.network) for row in own]
        _analysed[key] = await asyncio.to_thread(_found, mine, told, followers)
    return _analysed[key]


def _found(
    own: Sequence[Post],
    others: Sequence[tuple[str, Sequence[Post]]],
    followers: Sequence[tuple[date, int]],
) -> Read:
    compared = compare(with_copies(own, others))
    since = max((one.post.published_at for one in compared), default=None)
    year = [one for one in compared if since and one.post.published_at > since - COMPARED_WITHIN]
    return Read(year, analyse(year), shocks(followers, year))


def post_of(row: PostReadings, network: str) -> Post:
    """Return a post as the analysis takes it."""
    return Post(
        post=row.post,
        network=network,
        published_at=row.published_at,
        kind=row.kind,
        readings=tuple(
            Reading(timedelta(seconds=age), gathered)
            for age, gathered in zip(row.ages, row.gathered, strict=True)
        ),
        followers=row.followers,
        address=row.address,
        text=row.text,
        text_length=row.text_length,
        hashtags=tuple(row.hashtags),
        topics=tuple(row.topics),
        fingerprint=row.fingerprint,
        deleted=row.state == "deleted",
    )


def shown(asked: Asked, compared: Sequence[Compared]) -> list[Compared]:
    """Return the posts that the filters keep, in the order asked."""
    kept = [
        one
        for one in compared
        if (not asked.kind or one.post.kind == asked.kind)
        and (not asked.topic or asked.topic in one.post.topics)
        and (not asked.text or asked.text.lower() in (one.post.text or "").lower()
             or asked.text.lstrip("#").lower() in one.post.hashtags)
    ]  # fmt: skip
    if asked.sort == "date":
        return kept
    sign = 1 if asked.sort == "moins" else -1

    def value(one: Compared) -> float | int | None:
        if asked.sort == "interactions":
            return one.interactions
        return one.rate if asked.sort == "taux" else one.ratio

    return sorted(kept, key=lambda one: (value(one) is None, sign * (value(one) or 0)))


def grid(analysis: Analysis) -> list[tuple[str, list[tuple[int, float | None]]]]:
    """Return, by day of the week, (posts, times the median of all) of each part of the day.

    None where there are too few posts to say.
    """
    cells: dict[tuple[int, int], list[float]] = {}
    rates: list[float] = []
    for post in analysis.posts:
        reading = post.counted
        if reading is None or reading.interactions is None or not post.followers:
            continue
        rate = reading.interactions / post.followers
        rates.append(rate)
        cells.setdefault((post.local.weekday(), part_of_day(post)), []).append(rate)
    usual = median(rates) if rates else 0.0

    def cell(day: int, part: int) -> tuple[int, float | None]:
        found = cells.get((day, part), [])
        enough = len(found) >= FEWEST_A_CELL and usual > 0
        return len(found), median(found) / usual if enough else None

    return [
        (name, [cell(day, part) for part in range(len(HOURS))]) for day, name in enumerate(WEEKDAYS)
    ]


def effects_drawn(analysis: Analysis) -> list[Drawn]:
    """Return the lines of the chart of effects."""
    return [
        Drawn(what=words.subject(one), times=one.times, least=one.low, most=one.high)
        for one in sorted(analysis.findings, key=lambda one: -one.times)
    ]


def normals_drawn(compared: Sequence[Compared]) -> list[Drawn]:
    """Return the points of the chart of posts beside their normal."""
    return [
        Drawn(
            published_at=one.post.published_at,
            kind=one.post.kind,
            ratio=one.ratio,
            young="oui" if one.young else "non",
        )
        for one in compared
        if one.ratio is not None
    ]


@dataclass(frozen=True, slots=True)
class WithoutMarked:
    """The score of a month with all posts, and without contests and outliers (`posts` of them)."""

    period: str
    score: float
    without: float | None
    posts: int


async def without_marked(
    here: Installation, account: str, compared: Sequence[Compared]
) -> WithoutMarked | None:
    """Recompute the latest month without its contests and outliers; None where it has none."""
    period = await published_month(here.figures, None) or ""
    marked = {
        one.post.post for one in compared
        if one.marked and one.post.local.strftime("%Y-%m") == period
    }  # fmt: skip
    if not marked:
        return None
    found = await recompute(here, account, period, marked)
    if found is None or found.published.score is None:
        return None
    score = None if found.score is None else float(found.score)
    return WithoutMarked(period, float(found.published.score), score, len(marked))


CHARTS = {"effets": EFFECTS, "normale": NORMALS}


@router.get("/graphiques/publications/{code}/{chart}.{kind}")
async def draw(
    here: Here,
    asked: Understood,
    chart: Literal["effets", "normale"],
    kind: Literal["svg", "png"],
    etroit: bool = False,
    titre: bool = False,
) -> Response:
    """Give the picture of effects, or of posts; a PNG always says what it is of."""
    found = await read(here.figures, here.clock, asked)
    panel = CHARTS[chart]
    rows = effects_drawn(found.analysis) if chart == "effets" else normals_drawn(found.compared)
    titled = None
    if titre or kind == "png":
        who = f"{asked.territory.nom} ({asked.account.handle})"
        today = here.clock.now().astimezone(french.PARIS).strftime("%Y-%m")
        titled = titles(here.settings, panel, who, network_of(asked.account.network).name, today)
    drawn = await picture(panel, rows, here.simulation, narrow=etroit, titled=titled)
    if not drawn:
        raise HTTPException(404, "Rien à dessiner pour ce compte.")
    name = f"publications_{chart}_{french.plain(asked.territory.nom)}_{asked.account.network}"
    return await answered(here.simulation, drawn, name, kind)


@router.get("/publications/{code}.csv")
async def take(here: Here, asked: Understood, variant: CsvVariant = "standard") -> Response:
    """Give the posts as a file, without the counters that the network lets nobody hand on."""
    lines = shown(asked, (await read(here.figures, here.clock, asked)).compared)
    open_to_all = counters_may_leave(asked.account.network)
    columns = [one for one in COLUMNS if open_to_all or not one.raw]
    name = f"publications_{asked.territory.code}_{asked.account.network}"
    return send_csv(here.settings.installation, name, lines, columns, variant)


def _lines(asked: Asked, compared: Sequence[Compared], *, full: bool) -> dict[str, Any]:
    """Return the posts of one page of the list, and where that page is; in short, the first few."""
    lines = shown(asked, compared)
    last = max(1, -(-len(lines) // POSTS_A_PAGE)) if full else 1
    number = min(asked.number, last)
    first = POSTS_A_PAGE * (number - 1)
    said = {"first": first + 1, "number": number, "last": last, "many": len(lines)}
    return {"lines": lines[first : first + (POSTS_A_PAGE if full else POSTS_IN_SHORT)], **said}


def _drawn(found: Read) -> dict[str, Any]:
    """Return what makes people react, in words, as a grid of the week, and for the pictures."""
    return {
        "summary": words.summary(found.analysis),
        "grid": grid(found.analysis) if found.analysis.enough else [],
        "hours": [name for name, _, _ in HOURS],
        "effects": effects_drawn(found.analysis),
        "normals": len(normals_drawn(found.compared)),
        "panels": {"effects": EFFECTS, "normals": NORMALS},
    }


@router.get("/publications/{code}")
async def show(
    request: Request, here: Here, asked: Understood, vue: View | None = None
) -> Response:
    """Show what makes people react, then the posts of a year."""
    found = await read(here.figures, here.clock, asked)
    full = detailed_view(request, vue)
    address = f"/publications/{asked.territory.code}"
    return page(
        request,
        "publications.html",
        asked=asked,
        territory=asked.territory,
        full=full,
        view=vue,
        accounts=[one for one in asked.accounts if network_of(one.network).interactions],
        roles={one.account: role(one.role, asked.territory.kind) for one in asked.accounts},
        found=found,
        over=words.span([one.post.published_at for one in found.compared], here.clock.now()),
        words=words,
        **_lines(asked, found.compared, full=full),
        **_drawn(found),
        marked=sum(one.marked for one in found.compared),
        score=await without_marked(here, asked.account.account, found.compared),
        copied=_copied(found.compared),
        charts=f"/graphiques{address}",
        sorts=SORTS,
        kinds={one.post.kind: KIND_LABELS[one.post.kind] for one in found.compared},
        topics=_present(found.compared),
        labels=POST_TOPIC_LABELS,
        contest=CONTEST,
        kind_labels=KIND_LABELS,
        address=partial(_address, address, asked, **({"vue": vue} if vue else {})),
        note=note(asked.account.network),
    )


def _present(compared: Sequence[Compared]) -> Mapping[str, str]:
    known = Counter(topic for one in compared for topic in one.post.topics)
    return {slug: name for slug, name in POST_TOPIC_LABELS.items() if slug in known}


def _copied(compared: Sequence[Compared]) -> int:
    return sum(bool(one.post.elsewhere) for one in compared)


def _address(address: str, asked: Asked, **changes: str) -> str:
    return f"{address}?{urlencode(asked.query(**changes))}"
