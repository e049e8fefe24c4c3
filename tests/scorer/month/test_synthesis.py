"""The score of a territory: the engine's is that of the independent reading (methodology, 14)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.accounts import AccountRegistered, Ownership
from contracts.territories import Territories
from libs import verify
from libs.engine.client import Engine, connect
from libs.engine.insert import insert
from services.api.figures.month_rows import TerritoryNetwork
from services.api.figures.queries import Queries
from services.api.figures.synthesis import networks_held, synthesis
from services.api.figures.territory_months import territory_months
from services.api.figures.views import NETWORK_USES, TERRITORY_ACCOUNTS
from services.scorer.methodologies import CURRENT, methodology
from services.scorer.month.methodology_tables import store_published_methodologies
from tests.events import NOON, account_registered
from tests.tables import create_tables

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="module")]

RULES = verify.rules_of(CURRENT)
NETWORKS = ("facebook", "instagram", "bluesky", "youtube", "tiktok")
ROLES = ("main", "service", "mayor", "tourism", "other")
NUMBERS = count(1)

Interval = tuple[int, int, int]
"""Low, score and high, in hundredths of a point."""


@dataclass(frozen=True)
class Held:
    """An account of a territory in a month; without an interval it is not ranked."""

    territory: str
    network: str
    role: str
    days: int
    interval: Interval | None


intervals = st.lists(st.integers(0, 10_000), min_size=3, max_size=3).map(
    lambda three: (sorted(three)[0], sorted(three)[1], sorted(three)[2])
)
accounts = st.builds(
    Held,
    st.sampled_from(("00001", "00002", "00003")),
    st.sampled_from(NETWORKS),
    st.sampled_from(ROLES),
    st.integers(0, 2),
    st.none() | intervals,
)
weights = st.dictionaries(
    st.sampled_from(NETWORKS), st.integers(1, 1_000) | st.sampled_from((20, 30, 60))
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine(clickhouse_url: str, database: str) -> AsyncIterator[Engine]:
    await create_tables(clickhouse_url, database, Territories((), ()))
    client = await connect(clickhouse_url, database)
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def figures(engine: Engine, clickhouse_url: str, database: str) -> AsyncIterator[Queries]:
    queries = Queries(clickhouse_url, database, kept_seconds=0)
    yield queries
    await queries.stop()


async def published(
    engine: Engine, held: Sequence[Held], use: Mapping[str, int]
) -> tuple[str, list[AccountRegistered], dict[str, verify.Verdict]]:
    """Publish a month of its own; return its period, and the same for the independent reading."""
    number = next(NUMBERS)
    period, version = f"{3000 + number}-01", f"weighed-{number}"
    registered: list[AccountRegistered] = []
    verdicts: dict[str, verify.Verdict] = {}
    for place, one in enumerate(held):
        name = f"{number}-{place}"
        owners = (
            Ownership(territory="00009", role="main"),
            Ownership(territory=one.territory, role=one.role, home=True),
        )
        at = NOON + timedelta(days=one.days)
        registered.append(account_registered(name, at, network=one.network, owners=owners))
        verdict = verify.Verdict(name, one.network, one.territory)
        if one.interval:
            low, score, high = one.interval
            verdict = replace(verdict, score=score, low=low, high=high)
        verdicts[name] = verdict
    own = {"period": period, "methodology": version}
    scores = [
        {
            **own, "network": one.network, "account": one.account, "territory": one.territory,
            "score": one.score, "low": one.low, "high": one.high,
            "reason": "" if one.score is not None else "few_posts",
        }
        for one in verdicts.values()
    ]  # fmt: skip
    told = [
        {"methodology": version, "network": network, "weight": weight, "least_share": 60}
        for network, weight in use.items()
    ]
    month = {**own, "revision": 1, "state": "final", "published": True, "hash": "0" * 64}
    await insert(engine, "accounts", [one.model_dump(mode="json") for one in registered])
    await insert(engine, "scores", scores)
    await insert(engine, "methodology_networks", told)
    await insert(engine, "months", [{**month, "computed_at": "2026-11-09 08:00:00"}])
    return period, registered, verdicts


async def asked(figures: Queries, territory: str, period: str) -> list[TerritoryNetwork]:
    months = await territory_months(figures, territory)
    accounts = await figures.read(TERRITORY_ACCOUNTS, territory=territory)
    return networks_held(months.of(period), accounts, await figures.read(NETWORK_USES))


async def agree(
    engine: Engine, figures: Queries, held: Sequence[Held], use: Mapping[str, int]
) -> None:
    period, registered, verdicts = await published(engine, held, use)
    read = verify.syntheses(replace(RULES, use=use), registered, verdicts)
    assert read.keys() == {one.territory for one in held}
    for territory, wanted in read.items():
        networks = await asked(figures, territory, period)
        found = synthesis(networks)
        of_score = (found.score, found.low, found.high)
        assert [None if one is None else int(one * 100) for one in of_score] == [
            wanted.score,
            wanted.low,
            wanted.high,
        ]
        assert found.held == len(wanted.accounts)
        if wanted.score is not None:
            assert found.scored == len(wanted.scored)
        assert {one.network: one.account for one in networks} == wanted.accounts


months = given(held=st.lists(accounts, min_size=1, max_size=12), use=weights)
test_the_engine_and_the_independent_reading_agree = settings(max_examples=15)(months(agree))
test_they_agree_on_many_months = pytest.mark.proof(settings(max_examples=60)(months(agree)))


@pytest.mark.parametrize(("weight", "known"), [(60, True), (59, False)])
async def test_six_tenths_of_what_is_held_must_have_a_score(engine, figures, weight, known):
    held = [
        Held("00001", "facebook", "main", 0, (1_000, 2_000, 3_000)),
        Held("00001", "instagram", "main", 0, None),
        Held("00001", "youtube", "main", 0, None),
    ]
    use = {"facebook": weight, "instagram": 100 - weight}
    period, *_ = await published(engine, held, use)
    found = synthesis(await asked(figures, "00001", period))
    assert (found.held, found.weighed, found.scored, found.share) == (3, 2, 1, weight)
    assert found.score == (Decimal("20.00") if known else None)


async def test_a_filled_database_learns_what_networks_weigh(engine):
    """Months computed before it was kept are told of when the scorer starts."""
    own = {"period": "2026-08", "methodology": CURRENT, "revision": 1, "state": "final"}
    month = {**own, "published": True, "hash": "0" * 64, "computed_at": "2026-09-09 08:00:00"}
    await insert(engine, "months", [month])
    await store_published_methodologies(engine)
    rows = await engine.query(
        "SELECT network, weight, source != '', year FROM methodology_networks FINAL"
        f" WHERE methodology = '{CURRENT}'"
    )
    uses = methodology(CURRENT).synthetic.use_in_france
    assert {row[0]: (row[1], bool(row[2]), row[3]) for row in rows.result_rows} == {
        network: (use.weight, bool(use.source), use.year) for network, use in uses.items()
    }
