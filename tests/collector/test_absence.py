"""Who is not there: hidden, closed, renamed, or a post deleted, each by its own proof."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.accounts import AccountObserved
from contracts.networks import BY_SLUG
from contracts.posts import PostObserved
from libs.clock import SteppedClock
from simulation.country.accounts import Account
from simulation.country.days import DAY, HOUR
from simulation.country.world import World
from tests.collector.accelerated import Accelerated, SimulatedWire
from tests.collector.simulated import registered
from tests.simulation.collecting import busiest

pytestmark = pytest.mark.proof

START = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)
NOW = int(START.timestamp())
PEOPLED = [slug for slug, network in BY_SLUG.items() if not network.paced]
REREAD = [slug for slug in PEOPLED if BY_SLUG[slug].freshness.readings]
AFTERWARDS = 12
"""Days after an account came back: each post known before is to be read again by then."""
FATE = ("closed_at", "renamed_at", "hidden_spans")


@pytest.fixture(scope="module")
def country() -> World:
    return World(size=60)


@pytest.fixture
def world(country):
    before = [(one, {name: getattr(one, name) for name in FATE}) for one in country.accounts]
    for account in country.accounts:
        account.hidden_spans = []
    yield country
    for account, fate in before:
        for name, value in fate.items():
            setattr(account, name, value)
    country.refresh()


class Story:
    """Some days of one account, as the collector sees it."""

    def __init__(self, world: World, network: str) -> None:
        self.line = Accelerated(world, SteppedClock(START), ())
        self.account: Account = busiest(self.line.networks, network)
        self.account.renamed_at = self.account.closed_at = None
        world.refresh()
        self.line.register(registered(self.account, START))

    async def lasts(self, days: float) -> None:
        await self.line.run(timedelta(days=days), timedelta(seconds=30), timedelta(hours=1))

    @property
    def kept(self):
        assert isinstance(self.line.wire, SimulatedWire)
        return [event for _, event in self.line.wire.kept]

    def posts(self, state: str) -> dict[str, PostObserved]:
        found = (one for one in self.kept if isinstance(one, PostObserved) and one.state == state)
        return {one.native_id: one for one in found}

    def seen_after(self, moment: int) -> bool:
        """Whether the account was read since a moment: itself, or a post of its."""
        kinds = (AccountObserved, PostObserved)
        return any(
            isinstance(one, kinds) and one.observed_at.timestamp() >= moment for one in self.kept
        )

    @property
    def causes(self) -> set[str]:
        return {one.cause for one in self.line.outcomes}


def deleted_there(world: World, account: Account, until: int) -> int:
    """How many posts the account itself deleted, that the collector may have known."""
    posts = world.press.between(account, NOW - 30 * DAY, until)
    return sum(1 for post in posts if post.deleted_at is not None and post.deleted_at < until)


@pytest.mark.parametrize("hours", [5, 5 * 24])
@pytest.mark.parametrize("network", PEOPLED)
async def test_who_was_hidden_and_comes_back_has_its_posts_back(world, network, hours):
    story = Story(world, network)
    since, until = NOW + 2 * DAY, NOW + 2 * DAY + hours * HOUR
    story.account.hidden_spans = [(since, until)]
    world.refresh()
    await story.lasts(2 + hours / 24 + AFTERWARDS)
    end = until + AFTERWARDS * DAY
    assert story.seen_after(until + HOUR), story.causes
    assert len(story.posts("deleted")) <= deleted_there(world, story.account, end)
    before = {name for name, one in story.posts("present").items()
              if one.published_at.timestamp() < since}  # fmt: skip
    assert before
    if network in REREAD:
        again = {name for name, one in story.posts("present").items()
                 if name in before and one.observed_at.timestamp() > until}  # fmt: skip
        assert again, "posts of before are read again once they are back"


@pytest.mark.parametrize("network", PEOPLED)
async def test_who_is_closed_takes_no_post_away(world, network):
    story = Story(world, network)
    story.account.closed_at = NOW + 2 * DAY
    world.refresh()
    await story.lasts(6)
    gone = {name for one in story.line.outcomes for name in one.gone}
    # Of an account that its owner alone opens nothing is said any more than that her token ended.
    proof = "credential" if story.account.rules.by_consent else "refused"
    assert gone == {story.account.id} or proof in story.causes
    told = story.posts("deleted").values()
    assert not [one for one in told if one.observed_at.timestamp() > NOW + 2 * DAY]
    assert not story.seen_after(NOW + 2 * DAY + HOUR)


@pytest.mark.parametrize("network", [one for one in PEOPLED if BY_SLUG[one].profiles_per_request])
async def test_who_is_renamed_is_followed_or_asked_for_a_name(world, network):
    story = Story(world, network)
    if not story.account.rules.renames:
        pytest.skip("accounts of this network keep their names")
    story.account.renamed_at = NOW + DAY
    world.refresh()
    await story.lasts(9)
    new = story.account.observed_handle(NOW + 2 * DAY)
    if new in {name for one in story.line.outcomes for name in one.renamed.values()}:
        assert story.seen_after(NOW + 8 * DAY)
    else:
        assert {"refused", "gone"} & story.causes


@pytest.mark.parametrize("network", REREAD)
async def test_a_post_is_deleted_once_and_only_after_its_account_was_seen(world, network):
    story = Story(world, network)
    await story.lasts(3)
    known = story.posts("present")
    assert known
    told = [one for one in story.kept if isinstance(one, PostObserved) and one.state == "deleted"]
    assert len({one.native_id for one in told}) == len(told)
    assert len(told) <= deleted_there(world, story.account, NOW + 3 * DAY)
