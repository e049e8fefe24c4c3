"""Counts, medians and files of a month of the whole invented France, as pages tell them.

The scores are those of the independent reading, put into the real engine: pages, lists and files
say the same of every network and category.
"""

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
import pytest_asyncio

from contracts.networks import BY_SLUG, SCORED
from contracts.territories import Territories
from libs.clock import SteppedClock
from libs.engine.client import connect
from libs.engine.migrate import migrate
from libs.process import application
from libs.settings import Settings
from libs.verify.bareme import quantiles
from libs.verify.month import BILLION, MILLION
from services.api import app as api
from services.api.figures.medians import medians_of, shares
from services.api.figures.queries import Queries
from services.api.figures.views import ACCOUNT_KPIS, MONTH_CELLS, RANKING
from services.scorer.intake.sink import EngineSink
from services.scorer.methodologies import methodology
from services.scorer.month.methodology_tables import store_methodology
from services.scorer.month.placing import in_place, summed
from simulation.country.days import moment_of
from simulation.country.world import SEED, World
from simulation.history.export import export_world
from tests.journeys.invented_scores import VERSION, Told, told
from tests.portal.test_pages import text_of

pytestmark = [
    pytest.mark.proof,
    pytest.mark.engine,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(600),
]

PERIOD = "2026-10"
COMPUTED = datetime(2026, 11, 9, 6, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
MONTH = f"/api/v1/months/{PERIOD}"
KEPT = (
    "period", "methodology", "network", "category", "account", "territory", "stratum", "origin",
    "rank", "ranked", "low_rank", "high_rank", "stratum_rank", "stratum_ranked",
    "stratum_low_rank", "stratum_high_rank", "posts", "gaps", "scope",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class France:
    """The scored accounts of a month by network and category, and where they can be read."""

    cells: dict[tuple[str, str], list[Told]]
    figures: Queries
    portal: httpx.AsyncClient
    digest: str


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def france(
    clickhouse_url: str, tmp_path_factory: pytest.TempPathFactory, database: str
) -> AsyncIterator[France]:
    folder = tmp_path_factory.mktemp("france")
    world = World(SEED)
    export_world(world, folder, moment_of("2026-11-24"))
    settings = Settings(
        installation="simulation", clickhouse_url=clickhouse_url, database_name=database,
        territories_file=folder / "territories.jsonl.gz", kafka_url="127.0.0.1:9",
    )  # fmt: skip
    places = Territories.load(settings.territories_file)
    await migrate(clickhouse_url, settings.database, places)
    cells: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in told(world, PERIOD, []):
        cells[one.score.network, one.score.category].append(one)
    digest = await _stored(settings, places, cells)
    figures = Queries(clickhouse_url, settings.database)
    service = api.build(settings, clock=SteppedClock(NOW))
    await service.start()
    transport = httpx.ASGITransport(application(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as portal:
        yield France(cells, figures, portal, digest)
    await service.stop()
    await figures.stop()


async def _stored(
    settings: Settings, places: Territories, cells: dict[tuple[str, str], list[Told]]
) -> str:
    """Put the month into the engine; return its hash."""
    sink = EngineSink(settings.clickhouse_url, settings.database)
    client = await connect(settings.clickhouse_url, settings.database)
    for held in cells.values():
        ordered = sorted(held, key=lambda one: -one.score.score)
        await sink.insert("scores", [_line(one, n, places) for n, one in enumerate(ordered)])
    await store_methodology(client, methodology(VERSION))
    digest, accounts, ranked = await summed(client, in_place(PERIOD, VERSION))
    line = {
        "period": PERIOD, "methodology": VERSION, "revision": 1, "state": "final",
        "published": True, "reason": "", "bareme_reference": PERIOD, "hash": digest,
        "accounts": accounts, "ranked": ranked, "computed_at": f"{COMPUTED:%Y-%m-%d %H:%M:%S}",
    }  # fmt: skip
    await sink.insert("months", [json.dumps(line).encode()])
    await sink.close()
    await client.close()
    return digest


def _line(one: Told, place: int, places: Territories) -> bytes:
    score, territory = one.score, places.get(one.score.territory)
    stored = {name: getattr(score, name) or 0 for name in KEPT} | {
        name: getattr(score, name) for name in KEPT if "rank" in name
    }
    stored |= {name: int(getattr(score, name) * 100) for name in ("score", "low", "high")}
    stored |= {
        "stratum": score.stratum or "", "reason": "", "place": place, "following": 40,
        "territory_name": territory.nom, "population": territory.population,
        "departement": territory.departement or "", "region": territory.region or "",
        "handle": one.account.id, "address": f"https://{score.network}.example/{score.account}",
        "measured": score.posts, "hidden_posts": 0, "deleted_posts": 0,
        "figures": {kpi.kpi: round(kpi.value * BILLION) for kpi in one.kpis},
        "points": {kpi.kpi: round(kpi.points * MILLION) for kpi in one.kpis},
    }  # fmt: skip
    return json.dumps(stored).encode()


async def test_the_median_of_every_cell_is_that_of_its_accounts(france):
    """As many do less as do more, of the accounts that the page counts."""
    found = 0
    for held in france.cells.values():
        values: dict[str, list[int]] = defaultdict(list)
        for one in held:
            for kpi in one.kpis:
                values[kpi.kpi].append(round(kpi.value * BILLION))
        one = held[0].score
        parts = await france.figures.read(ACCOUNT_KPIS, account=one.account, period=PERIOD)
        told = shares(parts, await medians_of(france.figures, one))
        assert {kpi.kpi for kpi in told} == {*values}
        for kpi in told:
            assert abs(kpi.cell_median * BILLION - quantiles(values[kpi.kpi])[1]) <= 1
            found += 1
    assert found > 150


async def test_every_list_counts_the_same_accounts(france):
    """The palmarès, the file, the account's own « sur 425 » and what compares them."""
    cells = await france.figures.read(MONTH_CELLS, period=PERIOD)
    lines = {network: await _file(france, network) for network in SCORED}
    for (network, category), held in france.cells.items():
        counted = [one for one in cells if (one.network, one.category) == (network, category)]
        ranking = await france.figures.read(
            RANKING, network=network, category=category, period=PERIOD, departement="", region=""
        )
        territories = {one.score.territory for one in held}
        assert sum(one.accounts for one in counted) == len(held) == len(ranking)
        assert sum(one.territories for one in counted) == len(territories)
        assert {one.ranked for one in ranking} == {len(held)}
        for one in ranking:
            assert one.reach == pytest.approx(one.followers / one.population, abs=1e-8)
        assert sum(one["categorie"] == category for one in lines[network]) == len(held)
        page = await france.portal.get(
            "/palmares", params={"reseau": network, "categorie": category}
        )
        said = text_of(page.text).replace(" ", "")
        least = "moinsdedixsontnotés" if len(held) < 10 else f"des{len(held)}decettecatégorie"
        assert least in said, (network, category)


async def _file(france: France, network: str) -> list[dict[str, str]]:
    answer = await france.portal.get(f"{MONTH}/{network}.csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_every_file_has_the_digest_that_is_printed(france):
    """By the commands of the page; the text of the month has each line but withheld bounds."""
    page = (await france.portal.get("/donnees")).text
    listed = (await france.portal.get(f"{MONTH}/sha256.txt")).text.splitlines()
    digests = {name: digest for digest, name in (line.split("  ") for line in listed)}
    for path in [f"/{network}.csv{end}" for network in SCORED for end in ("", "?variant=excel")]:
        name, content = await _named(france, path)
        digest = hashlib.sha256(content).hexdigest()
        assert digests.pop(name) == digest
        assert digest in page, path
    name, content = await _named(france, "/empreinte.txt")
    assert digests == {name: hashlib.sha256(content).hexdigest()}
    months = (await france.portal.get("/api/v1/months")).json()
    assert months[0]["hash"] == france.digest
    assert months[0]["ranked"] == sum(len(held) for held in france.cells.values())
    assert france.digest in page
    hundredths = {
        (one.score.account, one.score.network, str(int(one.score.score * 100)))
        for held in france.cells.values()
        for one in held
    }
    lines = [line.split(";") for line in content.decode().split("\n")]
    assert {(line[0], line[1], line[5]) for line in lines} == hundredths
    bounded = {BY_SLUG[line[1]].redistribution for line in lines if line[6]}
    assert bounded == {"counters"}


async def _named(france: France, path: str) -> tuple[str, bytes]:
    answer = await france.portal.get(MONTH + path)
    return answer.headers["content-disposition"].split('"')[1], answer.content
