"""What a network asked of one leader, the next one knows: it is left alone until then."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.jobs import Progress
from contracts.networks import NETWORKS
from services.collector.planning.planner import Planner
from tests.collector.connecting.test_connections import registered as account_of
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


OWNERS = [network.slug for network in NETWORKS if network.consent is not None]


def of_owners(network: str, *connected: str) -> Planner:
    """Return a planner of two accounts of which these are read by their owners' tokens."""
    planner = Planner(origin="live", credentials={}, host_of=lambda *_: "")
    planner.owned(connected, START)
    for account in ("acc-1", "acc-2"):
        planner.register(account_of(account, network), START)
    return planner


def rounds(planner: Planner, begins: datetime, ends: datetime, cause: str, **said: object) -> int:
    """Plan each second, all that is asked ending so; return how much was asked."""
    asked = 0
    while begins < ends:
        for job in planner.plan(begins):
            asked += 1
            planner.advance(ended(job, cause, begins, **said), begins)
        begins += SECOND
    return asked


@pytest.mark.parametrize("network", OWNERS)
def test_an_owner_whose_network_asked_for_a_pause_is_left_alone_until_then(network):
    """Hers was asked again at once, twice a round, for ever."""
    planner = of_owners(network, "acc-1", "acc-2")
    mine, *others = planner.plan(START)
    for job in (mine, *others):
        cause = "rate_limited" if job.bucket == mine.bucket else "unchanged"
        planner.advance(ended(job, cause, START, retry_at=UNTIL), START)
    assert mine.bucket not in {job.bucket for job in planner.plan(UNTIL - SECOND)}
    assert mine.bucket in {job.bucket for job in planner.plan(UNTIL + SECOND)}


@pytest.mark.parametrize("network", OWNERS)
@pytest.mark.parametrize("cause", ["rate_limited", "credential", "refused", "unavailable"])
def test_an_owner_whose_network_refuses_is_asked_a_few_times(network, cause):
    planner = of_owners(network, "acc-1")
    asked = rounds(planner, START, START + timedelta(minutes=1), cause)
    assert 0 < asked <= 30


@pytest.mark.parametrize("network", OWNERS)
def test_what_is_left_of_an_owners_quota_is_obeyed(network):
    planner = of_owners(network, "acc-1")
    assert rounds(planner, START, START + 30 * SECOND, "rate_limited", quota_left=0) <= 2


def test_the_next_leader_leaves_an_owner_alone_too():
    planner = of_owners("threads", "acc-1")
    rows: list[Progress] = []
    for job in planner.plan(START):
        rows += planner.progress(
            planner.advance(ended(job, "rate_limited", START, retry_at=UNTIL), START), START
        )
    after = of_owners("threads", "acc-1")
    for row in rows:
        after.remember(Progress.read(row.encode()), START)
    assert after.plan(UNTIL - SECOND) == []
    after.owned((), UNTIL - SECOND)
    after.owned({"acc-1"}, UNTIL - SECOND)
    assert after.plan(UNTIL - SECOND), "she connected it again"


@pytest.mark.parametrize(("cause", "said"), [("rate_limited", {}), ("done", {"quota_left": 0})])
def test_another_token_of_an_owner_begins_anew(cause, said):
    planner = of_owners("threads", "acc-1")
    for job in planner.plan(START):
        planner.advance(ended(job, cause, START, retry_at=UNTIL, **said), START)
    assert planner.plan(START + SECOND) == []
    planner.owned((), START + SECOND)
    planner.owned({"acc-1"}, START + SECOND)
    assert planner.plan(START + SECOND)


@pytest.mark.parametrize("about", ["acc-2", "acc-9"])
def test_nobody_speaks_of_the_token_of_another_account(about):
    planner = of_owners("threads", "acc-1")
    job = planner.plan(START)[0]
    forged = job.model_copy(update={"bucket": f"threads:owner-{about}"})
    planner.advance(ended(forged, "rate_limited", START, retry_at=UNTIL), START)
    assert planner.buckets.pauses() == {}
