"""What a network asked of one leader, the next one knows: it is left alone until then."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.jobs import Progress
from services.collector.planning.planner import Planner
from tests.collector.world import ended, planner_of, registered

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
UNTIL = START + timedelta(minutes=10)
SECOND = timedelta(seconds=1)


def next_leader(rows: list[Progress], network: str, now: datetime) -> Planner:
    """Return the planner that leads next, from what was remembered, read as the scheduler does."""
    planner = planner_of()
    planner.register(registered(network, 0, now), now)
    for row in rows:
        planner.remember(Progress.read(row.encode()), now)
    planner.lead(2)
    return planner


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "youtube", "instagram", "rss"])
@pytest.mark.parametrize("also_known", [False, True])
def test_a_network_that_asked_for_a_pause_is_not_asked_by_the_next_leader(network, also_known):
    planner = planner_of()
    planner.register(registered(network, 0, START), START)
    (job, *others) = planner.plan(START)
    changed = planner.advance(ended(job, "rate_limited", START, retry_at=UNTIL), START)
    for other in others:
        planner.advance(ended(other, "rate_limited", START, retry_at=UNTIL), START)
    rows = planner.progress(changed, START)
    assert planner.progress((), START) == [], "a pause is told once"
    own = [planner.own_progress(START)] if also_known else []
    after = next_leader([*own, *rows], network, START + SECOND)
    assert after.plan(UNTIL - SECOND) == []
    assert after.plan(UNTIL + timedelta(hours=1))


def test_of_two_pauses_the_longer_is_kept_whatever_their_order():
    planner = planner_of()
    planner.register(registered("bluesky", 0, START), START)
    rows: list[Progress] = []
    for job, until in zip(planner.plan(START), (UNTIL, START + SECOND), strict=True):
        planner.advance(ended(job, "rate_limited", START, retry_at=until), START)
        rows += planner.progress((), START)
    assert len(rows) == 2
    for given in (rows, rows[::-1]):
        assert next_leader(given, "bluesky", START).plan(UNTIL - SECOND) == []


def test_a_token_that_was_refused_is_tried_at_once_by_the_next_leader():
    """Whoever mends a token starts the collector again."""
    planner = planner_of()
    planner.register(registered("facebook", 0, START), START)
    job = planner.plan(START)[0]
    changed = planner.advance(ended(job, "credential", START, detail="expired"), START)
    rows = planner.progress(changed, START)
    assert next_leader(rows, "facebook", START + SECOND).plan(START + SECOND)
