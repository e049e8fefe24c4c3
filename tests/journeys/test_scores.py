"""A month of the invented France: the api's scores are those of the independent reading.

From the raw events on the broker, `libs/verify` recomputes barème, scores, intervals, ranks
and reasons by docs/methodology.md; the scorer computed them in the engine. They agree on every
account (issue: "must show", 3).
"""

import os
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from contracts.networks import BY_SLUG, SCORED
from contracts.territories.categories import Category
from libs import verify
from libs.engine.client import connect
from libs.process import application
from services.api import app as api
from services.api.figures.medians import medians_of, shares
from services.api.figures.queries import Queries
from services.api.figures.synthesis import networks_held, synthesis
from services.api.figures.territory_months import territory_months
from services.api.figures.views import (
    ACCOUNT_KPIS,
    ACCOUNT_SCORE,
    MONTH_CELLS,
    NETWORK_USES,
    RANKING,
    TERRITORY_ACCOUNTS,
)
from services.api.words.standing.moves import move
from services.scorer.methodologies import methodology
from services.scorer.month.bareme_table import establish
from services.scorer.month.month import compute
from services.scorer.month.period import Month
from tests.journeys.invented_months import Events, Months, written_months
from tests.portal.contradictions import contradictions
from tests.portal.test_pages import text_of

pytestmark = [
    pytest.mark.proof,
    pytest.mark.broker,
    pytest.mark.engine,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

REFERENCE = "2026-08"
PERIOD = "2026-09"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def months(
    kafka_url: str, clickhouse_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Months]:
    folder: Path = tmp_path_factory.mktemp("months")
    async with written_months(
        kafka_url,
        clickhouse_url,
        folder,
        # A copy of the repository runs this too, beside it, on the same broker and engine.
        f"journey-scores-{os.getpid()}",
        territories=120,
        since="2026-07-25",
        until_day="2026-10-10",
    ) as months:
        yield months


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def events(months: Months) -> Events:
    return await months.events()


@pytest.fixture(scope="module", params=verify.RULES)
def version(request: pytest.FixtureRequest) -> str:
    """Each version of the methodology: the months are computed anew by it."""
    return request.param


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def scored(months: Months, version: str) -> Months:
    client = await connect(months.settings.clickhouse_url, months.settings.database)
    rules = methodology(version)
    months.clock.step(60)  # of two versions of a month, the one computed last is published
    await establish(client, Month.parse(REFERENCE), rules, months.clock, "simulation")
    for period in (REFERENCE, PERIOD):
        await compute(client, period, version, months.clock, installation="simulation")
    await client.close()
    return months


@pytest.fixture(scope="module")
def rules(version: str) -> verify.Rules:
    return verify.rules_of(version)


@pytest.fixture(scope="module")
def both(
    months: Months, events: Events, rules: verify.Rules
) -> dict[str, dict[str, verify.Verdict]]:
    """Both months as the second reading has them."""
    observed = verify.Observed(events.accounts, events.observed, events.posts, months.places())
    bareme = verify.bareme(rules, REFERENCE, observed)
    return {
        period: verify.verdicts(rules, period, observed, bareme) for period in (REFERENCE, PERIOD)
    }


@pytest.fixture(scope="module")
def verdicts(both: dict[str, dict[str, verify.Verdict]]) -> dict[str, verify.Verdict]:
    return both[PERIOD]


def hundredths(points: float | None) -> int | None:
    return None if points is None else int(Decimal(str(points)) * 100)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def portal(scored: Months) -> AsyncIterator[httpx.AsyncClient]:
    service = api.build(scored.settings, clock=scored.clock)
    await service.start()
    transport = httpx.ASGITransport(application(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await service.stop()


async def rankings(portal: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    """Return every ranked account of the month, as the api lists it."""
    found: dict[str, dict[str, Any]] = {}
    for network in SCORED:
        for category in Category:
            where = {"network": network, "category": category.value, "period": PERIOD}
            answer = await portal.get("/api/v1/rankings", params={**where, "limit": 500})
            assert answer.status_code == 200, answer.text
            found |= {
                row["account"]: row | {"network": network} for row in answer.json()["accounts"]
            }
    return found


async def test_every_scored_account_has_the_same_score_interval_and_rank(portal, verdicts):
    told = await rankings(portal)
    scored = {account for account, verdict in verdicts.items() if verdict.score is not None}
    assert {account: verdicts[account] for account in told.keys() ^ scored} == {}
    differences = {
        account: (found, wanted)
        for account, row in told.items()
        if (found := (*(hundredths(row[k]) for k in ("score", "low", "high")), row["rank"]))
        != (wanted := _as_it_leaves(verdicts[account], row["network"]))
    }
    assert differences == {}


def _as_it_leaves(verdict: verify.Verdict, network: str) -> tuple[int | None, ...]:
    """Return score, bounds (to the ten where counters may not leave, in hundredths) and rank."""
    low, high = verdict.low or 0, verdict.high or 0
    if BY_SLUG[network].redistribution != "counters":
        low, high = low // 1000 * 1000, -(-high // 1000) * 1000
    return (verdict.score, low, high, verdict.rank)


async def test_every_account_has_the_same_reason_interval_and_rank_in_its_stratum(scored, verdicts):
    client = await connect(scored.settings.clickhouse_url, scored.settings.database)
    rows = await client.query(
        "SELECT account, reason, stratum_rank, stratum_ranked, score, low, high "
        f"FROM published_scores WHERE period = '{PERIOD}'"
    )
    await client.close()
    told = {
        account: (reason, rank, ranked, *map(hundredths, points))
        for account, reason, rank, ranked, *points in rows.result_rows
    }
    assert told == {
        account: (v.reason, v.stratum_rank, v.stratum_ranked, v.score, v.low, v.high)
        for account, v in verdicts.items()
    }


async def test_every_account_has_the_same_places_and_the_same_move(scored, both, rules, version):
    queries = Queries(scored.settings.clickhouse_url, scored.settings.database)
    everybody = {"network": "", "category": "", "departement": "", "region": ""}
    lines = await queries.read(RANKING, period=PERIOD, **everybody)
    scores = [
        (await queries.read(ACCOUNT_SCORE, account=one.account, period=PERIOD))[0] for one in lines
    ]
    await queries.stop()
    told = {
        one.account: (
            (one.high_rank, one.low_rank),
            (one.stratum_high_rank, one.stratum_low_rank),
            hundredths(float(found.points)) if (found := move(one, version)) and found.told else 0,
        )
        for one in scores
    }
    read = {
        account: (
            one.places or (None, None),
            one.stratum_places or (None, None),
            verify.moved(one.interval, before, rules) if before else 0,
        )
        for account, one in both[PERIOD].items()
        if one.interval
        for before in [both[REFERENCE][account].interval if account in both[REFERENCE] else None]
    }
    assert told == read
    assert any(moved for *_, moved in told.values())


async def test_no_sentence_about_an_account_is_contradicted_by_its_figures(scored):
    queries = Queries(scored.settings.clickhouse_url, scored.settings.database)
    found: list[str] = []
    everybody = {"network": "", "category": "", "departement": "", "region": ""}
    for period in (REFERENCE, PERIOD):
        cells = await queries.read(MONTH_CELLS, period=period)
        for line in await queries.read(RANKING, period=period, **everybody):
            one = {"account": line.account, "period": period}
            (score,) = await queries.read(ACCOUNT_SCORE, **one)
            parts = await queries.read(ACCOUNT_KPIS, **one)
            kpis = shares(parts, await medians_of(queries, score))
            found += contradictions(score, kpis, cells)
    await queries.stop()
    assert found == []


async def test_few_posts_are_counted_on_a_page_as_its_table_counts_them(portal, verdicts):
    """Over ninety days: the sentence, and the days listed below it."""
    few = [one for one in verdicts.values() if one.reason == "few_posts"]
    told = {one.account: await _counted(portal, one) for one in few}
    assert {account: {*counts} for account, counts in told.items() if len({*counts}) > 1} == {}
    assert len({counts[0] for counts in told.values()}) > 2


async def _counted(portal: httpx.AsyncClient, of: verify.Verdict) -> tuple[int, int]:
    page = await portal.get(f"/territoires/{of.territory}?compte={of.account}&vue=detaillee")
    said = re.search(r"90 jours[^:]*: (\d+) publication", text_of(page.text))
    assert said is not None, of.account
    rhythm = page.text.partition('id="rhythm"')[2].partition("</figure>")[0]
    days = re.findall(r'<td class="n">(\d+)</td>', rhythm)
    return int(said[1]), sum(map(int, days))


async def test_every_territory_has_the_same_score_over_its_networks(
    scored, events, verdicts, rules
):
    read = verify.syntheses(rules, events.accounts, verdicts)
    assert {one.score is None for one in read.values()} == {True, False}
    queries = Queries(scored.settings.clickhouse_url, scored.settings.database)
    uses = await queries.read(NETWORK_USES)
    told = {}
    for territory in read:
        months = await territory_months(queries, territory)
        accounts = await queries.read(TERRITORY_ACCOUNTS, territory=territory)
        one = synthesis(networks_held(months.of(PERIOD), accounts, uses))
        told[territory] = tuple(hundredths(points) for points in (one.score, one.low, one.high))
    await queries.stop()
    assert told == {name: (one.score, one.low, one.high) for name, one in read.items()}


async def test_the_month_shows_scores_and_reasons(verdicts, events, rules):
    """The comparison would prove little on a month without variety."""
    networks = {one.account: one.network for one in events.accounts}
    scored = {networks[name] for name, verdict in verdicts.items() if verdict.score is not None}
    assert scored == set(rules.networks)
    reasons = {verdict.reason for verdict in verdicts.values()}
    assert {None, "unscored_network", "few_posts"} <= reasons
    assert sum(verdict.score is not None for verdict in verdicts.values()) > 60
    assert any(verdict.rank is not None for verdict in verdicts.values())
    assert len({verdict.score for verdict in verdicts.values()}) > 40
