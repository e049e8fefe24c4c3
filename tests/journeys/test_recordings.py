"""Real input: the networks' recorded answers, through the whole line, come out as recorded.

Served over HTTP to the real collector, through broker, intake and engine; what the api reads is
exactly the figures recorded, null where absent, with why ("must show", 2). That each file gives
events or a named refusal is shown in tests/collector/test_recordings.py.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.networks import BY_SLUG
from contracts.territories import Territories
from libs.clock import SteppedClock
from libs.engine.migrate import migrate
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.api.figures.queries import Figures, Queries
from services.api.figures.rows import AccountPost, Row
from services.api.figures.views import ACCOUNT_OBSERVATIONS, ACCOUNT_POSTS
from services.scorer import app as scorer
from tests.collector.recorded import Replayed, replay_recordings
from tests.deadlines import until_found

pytestmark = [
    pytest.mark.broker,
    pytest.mark.engine,
    pytest.mark.recordings,
    pytest.mark.asyncio(loop_scope="module"),
]

NAME = "journey-recordings"
EVER = {"date_from": "2005-01-01", "date_to": "2026-12-31"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def line(
    kafka_url: str, clickhouse_url: str, recordings: Path
) -> AsyncIterator[tuple[list[Replayed], Figures]]:
    settings = Settings(
        installation="simulation",
        kafka_url=kafka_url,
        clickhouse_url=clickhouse_url,
        topic_namespace=NAME,
        database_name=NAME.replace("-", "_"),
    )
    clock = SteppedClock(datetime(2026, 11, 24, tzinfo=UTC))
    await create_topics(kafka_url, NAME)
    await migrate(clickhouse_url, settings.database, Territories.load())
    wire = Wire(kafka_url, "simulation", namespace=NAME)
    intake = scorer.build(settings, broker=wire, clock=clock)
    await intake.start()
    replayed = await replay_recordings(wire, recordings)
    # Nothing kept: the first answer, asked before intake has stored it, is not the last one.
    figures = Queries(settings.clickhouse_url, settings.database, kept_seconds=0)
    await _taken_in(figures, replayed)
    yield replayed, figures
    await figures.stop()
    await intake.stop()


async def _taken_in(figures: Figures, replayed: list[Replayed]) -> None:
    """Wait for what was published last."""
    last = next(one for one in reversed(replayed) if one.accounts)
    (account, *_) = last.accounts
    await until_found(
        lambda: figures.read(ACCOUNT_OBSERVATIONS, account=account, **EVER), seconds=60
    )


def differs(told: Row, recorded: Mapping[str, int | None]) -> list[str]:
    """Say which figures are not those recorded, and which null does not say why."""
    wrong = [
        f"{name}: {getattr(told, name)}, recorded {value}"
        for name, value in recorded.items()
        if getattr(told, name) != value
    ]
    return wrong + [
        f"{name} is null without a reason"
        for name, value in recorded.items()
        if value is None and name not in told.absent
    ]


async def test_the_api_gives_back_the_counters_of_accounts(line):
    replayed, read = line
    wrong: dict[str, Any] = {}
    compared = 0
    for one in replayed:
        for account, figures in one.accounts.items():
            rows = await read.read(ACCOUNT_OBSERVATIONS, account=account, **EVER)
            found = differs(rows[0], figures) if rows else ["nothing"]
            if found:
                wrong[f"{one.mapped} {account}"] = found
            compared += 1
    assert wrong == {}
    assert compared > 10


async def test_the_api_gives_back_the_counters_of_posts(line):
    replayed, read = line
    wrong: dict[str, Any] = {}
    compared = 0
    for number, one in enumerate(replayed):
        if not one.posts or not BY_SLUG[one.mapped.slug].post_counters:
            continue
        told: dict[str, AccountPost] = {}
        for subject in one.mapped.subjects:
            account = f"recorded-{number}-{subject.subject}"
            rows = await read.read(ACCOUNT_POSTS, account=account, **EVER)
            told |= {row.post: row for row in rows}
        for post, figures in one.posts.items():
            found = differs(told[post], figures) if post in told else ["nothing"]
            if found:
                wrong[f"{number} {one.mapped.slug} {post}"] = found
            compared += 1
    assert wrong == {}
    assert compared > 50
