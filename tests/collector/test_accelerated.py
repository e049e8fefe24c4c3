"""Three bad days of a small invented world, judged as the week of `tests.collector.week` is.

The whole week of 2,000 accounts is a command of its own (docs/simulation.md).
"""

import asyncio
from collections import Counter

import pytest

from contracts.accounts import AccountObserved
from contracts.event import Event
from contracts.networks import BY_SLUG, HOUR
from contracts.posts import PostObserved
from contracts.topics import ACCOUNTS_RENEWED
from tests.collector.accelerated import SimulatedWire
from tests.collector.bad_week import RENAMED
from tests.collector.judgement import Judgement
from tests.collector.week import Week, small_week

TERRITORIES, DAYS = 20, 3
CLAIMS = ("quota", "fresh", "renamed", "deleted", "invented", "figures")
FAULTS = {"429", "500", "503", "broken", "html", "slow", "closed", "expired_token"}

Judged = tuple[Week, dict[str, list[str]]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Three days with every fault, and what is wrong with them."""
    return asyncio.run(small_week(TERRITORIES, DAYS))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_holds(judged, claim):
    assert judged[1][claim] == []


def test_what_is_claimed_of_was_there_to_be_seen(judged):
    week = judged[0]
    kinds = Counter((gap.kind, gap.network) for gap in week.judgement.gaps)
    assert {network for kind, network in kinds if kind == "posts"} == set(BY_SLUG)
    assert {account.network for account in week.renamed} == set(RENAMED)
    assert sum(count for (kind, _), count in kinds.items() if kind == "seventh day") > 20
    assert sum(count for (kind, _), count in kinds.items() if kind == "deletion") > 0
    assert {network for network, what in week.judgement.compared if what == "equal"} == {
        slug for slug, network in BY_SLUG.items() if network.account_counters
    }
    assert week.judgement.compared["youtube", "null"] > 0
    hidden = {account.network for account in week.hidden}
    # The one account of Mastodon of so small a country is renamed.
    by_owner = {slug for slug, network in BY_SLUG.items() if network.by_owner}
    assert hidden == set(BY_SLUG) - {"mastodon"} - by_owner
    assert len(week.hidden) >= len(week.line.world.accounts) // 50
    unseen = {
        account.network
        for account in week.hidden
        for at in (*week.judgement.gone[account.id], *week.judgement.refused[account.id])
        if not account.open_at(at)
    }
    # Who hides for six hours is not missed by who asks once a day.
    rarely = {slug for slug, one in BY_SLUG.items() if one.freshness.posts > 6 * HOUR}
    # A channel's feed that answers 404 says nothing of the channel.
    assert unseen >= hidden - {"youtube"} - rarely
    assert week.judgement.refused["refused"], "the handle that Bluesky refuses was asked alone"
    assert {"refused"} < {name for names in week.judgement.asked_alone for name in names}
    assert {kind for kind, _, _ in week.line.struck} == FAULTS
    assert week.line.networks.ledger.buckets


def test_owners_let_the_collector_read_their_accounts_all_along(judged):
    week = judged[0]
    owned = {one.id for one in week.line.world.accounts if one.rules.by_consent}
    assert week.line.connections.good == owned
    assert isinstance(week.line.wire, SimulatedWire)
    renewed = Counter(one.network for one in week.line.wire.of(ACCOUNTS_RENEWED))
    # A token of a day is renewed every twelve hours, one of thirty days not yet.
    assert renewed["tiktok"] >= 2 * DAYS - 1
    assert set(renewed) == {"tiktok"}


def first(week: Week, kind: type[Event], network: str) -> Event:
    """Return the first event of a kind of a network that has likes or followers."""
    assert isinstance(week.line.wire, SimulatedWire)
    return next(
        event
        for _, event in week.line.wire.kept
        if isinstance(event, kind)
        and event.network == network
        and (getattr(event, "likes", None) or getattr(event, "followers", None))
    )


@pytest.mark.parametrize(
    ("kind", "network", "spoil", "claim"),
    [
        (AccountObserved, "bluesky", lambda e: {"followers": e.followers + 1}, "figures"),
        (AccountObserved, "instagram", lambda _: {"followers": 0}, "figures"),
        (AccountObserved, "facebook", lambda e: {"following": 0, "absent": {}}, "invented"),
        (PostObserved, "mastodon", lambda e: {"likes": e.likes - 1}, "figures"),
        (PostObserved, "facebook", lambda _: {"views": 0}, "invented"),
        (PostObserved, "instagram", lambda e: {"published_at": e.observed_at}, "figures"),
        (PostObserved, "bluesky", lambda _: {"native_id": "at://nobody"}, "invented"),
        (PostObserved, "bluesky", lambda _: {"state": "deleted"}, "deleted"),
        (PostObserved, "mastodon", lambda _: {"likes": None, "absent": {}}, "figures"),
    ],
)
def test_what_is_wrong_is_found(judged, kind, network, spoil, claim):
    week = judged[0]
    event = first(week, kind, network)
    judgement = Judgement(week.line.world, week.judgement.start, week.judgement.end)
    judgement.hear(event)
    assert not judgement.problems
    judgement.hear(event.model_copy(update=spoil(event)))
    assert judgement.problems[claim]


def test_silence_is_found(judged):
    week = judged[0]
    judgement = Judgement(week.line.world, week.judgement.start, week.judgement.end)
    judgement.conclude(week.renamed, week.by_hand)
    assert len(judgement.problems["fresh"]) >= len(judgement.visible)
    assert len(judgement.problems["renamed"]) == len(week.renamed)
