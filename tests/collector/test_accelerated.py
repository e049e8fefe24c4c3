"""A day of an invented world: no quota exceeded by the server's own account, everybody fresh."""

from datetime import UTC, datetime, timedelta

from contracts.accounts import AccountObserved
from contracts.networks import BY_SLUG
from contracts.posts import PostObserved
from contracts.topics import ACCOUNTS_OBSERVED, POSTS_OBSERVED
from simulation.world import World
from tests.collector.accelerated import Accelerated

START = datetime(2026, 11, 2, 6, tzinfo=UTC)


async def test_a_day_within_quotas_and_freshness() -> None:
    line = Accelerated(World("quotas", 16), START)
    await line.run(timedelta(days=1), timedelta(seconds=1), timedelta(minutes=10))
    for name, bucket in line.networks.ledger.summary().items():
        assert bucket["refused"] == 0, name
        assert int(str(bucket["most_in_a_window"])) <= int(str(bucket["limit"])), name
    now = line.clock.now()
    refused = {end.subject for end in line.outcomes if end.cause in ("refused", "gone")}
    unseen = {name for end in line.outcomes for name in end.gone} | refused
    assert {end.network for end in line.outcomes} == set(BY_SLUG)
    for subject in line.planner.subjects.values():
        if subject.id in unseen:
            continue
        freshness = subject.network.freshness
        assert subject.posts_at is not None, subject.id
        late = now - subject.posts_at
        pace = subject.pace or timedelta(seconds=freshness.posts)
        assert late <= max(timedelta(seconds=freshness.posts), pace), subject.id
    seen = {event.account for event in line.wire.of(ACCOUNTS_OBSERVED)}
    with_counters = {
        subject.id
        for subject in line.planner.subjects.values()
        if subject.network.account_counters and subject.id not in unseen
    }
    assert with_counters <= seen


async def test_figures_are_the_world_s_own_where_they_can_be_seen() -> None:
    line = Accelerated(World("truth", 8), START)
    await line.run(timedelta(minutes=30), timedelta(seconds=1), timedelta(minutes=10))
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
