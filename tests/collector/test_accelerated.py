"""Half a day of an invented world: no quota exceeded by its own account, everybody fresh."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from contracts.accounts import AccountObserved
from contracts.networks import BY_SLUG
from contracts.posts import PostObserved
from contracts.topics import ACCOUNTS_OBSERVED, POSTS_OBSERVED
from simulation.world import World
from tests.collector.accelerated import Accelerated

START = datetime(2026, 11, 2, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def line() -> Accelerated:
    """A collector that has run for nine hours over a small world."""
    line = Accelerated(World(size=8), START)
    asyncio.run(line.run(timedelta(hours=9), timedelta(seconds=1), timedelta(minutes=30)))
    return line


def test_no_quota_is_exceeded_by_the_server_s_own_account(line: Accelerated) -> None:
    for name, bucket in line.networks.ledger.summary().items():
        assert bucket["refused"] == 0, name
        assert int(str(bucket["most_in_a_window"])) <= int(str(bucket["limit"])), name


def test_everybody_who_may_be_seen_is_fresh(line: Accelerated) -> None:
    now = line.clock.now()
    refused = {end.subject for end in line.outcomes if end.cause in ("refused", "gone")}
    unseen = {name for end in line.outcomes for name in end.gone} | refused
    assert {end.network for end in line.outcomes} == set(BY_SLUG)
    for subject in line.planner.subjects.values():
        if subject.id in unseen:
            continue
        freshness = subject.network.freshness
        assert subject.posts_at is not None, subject.id
        pace = subject.pace or timedelta(seconds=freshness.posts)
        most = max(timedelta(seconds=freshness.posts), pace)
        assert now - subject.posts_at <= most, subject.id
    with_counters = {
        subject.id
        for subject in line.planner.subjects.values()
        if subject.network.account_counters and subject.id not in unseen
    }
    assert with_counters <= {event.account for event in line.wire.of(ACCOUNTS_OBSERVED)}


def test_figures_are_the_world_s_own_where_they_can_be_seen(line: Accelerated) -> None:
    accounts = {account.id: account for account in line.world.accounts}
    observed: list[AccountObserved] = line.wire.of(ACCOUNTS_OBSERVED)
    assert observed
    for event in observed:
        account, at = accounts[event.account], int(event.observed_at.timestamp())
        if event.network == "youtube":
            assert (event.followers is None) == account.hidden
            continue
        assert event.followers == line.world.followers(account, at)
    posts: list[PostObserved] = line.wire.of(POSTS_OBSERVED)
    assert len({post.network for post in posts}) >= 4
    assert all(post.published_at <= post.observed_at for post in posts)
