"""What the engine answers of the posts of an account: all readings, followers of the time."""

import asyncio
from datetime import timedelta

import pytest

from services.api.figures.queries import Queries
from services.api.figures.views import ACCOUNT_PERFORMANCE
from services.api.pages.territories.publications import post_of
from tests.api.engine_world import fill
from tests.api.world import NOW

pytestmark = pytest.mark.engine
ACCOUNT = "00101-bluesky"


@pytest.fixture(scope="module")
def filled(clickhouse_url: str, database: str) -> tuple[str, str]:
    asyncio.run(fill(clickhouse_url, database))
    return clickhouse_url, database


async def test_each_post_comes_once_with_its_readings(filled):
    queries = Queries(*filled)
    try:
        rows = await queries.read(
            ACCOUNT_PERFORMANCE, None, account=ACCOUNT,
            date_from="2026-08-01", date_to=NOW.date().isoformat(),
        )  # fmt: skip
    finally:
        await queries.stop()
    assert len({row.post for row in rows}) == len(rows) > 40
    assert [row.published_at for row in rows] == sorted(row.published_at for row in rows)
    posts = [post_of(row, "bluesky") for row in rows]
    old = [one for one in posts if one.published_at < NOW - timedelta(days=8)]
    assert all(one.counted and (one.counted.interactions or 0) > 7 for one in old)
    assert {one.young for one in posts} == {True, False}
    assert {one.kind for one in posts} == {"photo", "text", "video"}
    assert any(one.followers for one in posts)
    assert all(one.hashtags == ("essai",) for one in posts)
    assert any(one.text for one in posts)
