"""The parser tests of the line on answers of the fictional networks, and what is odd in them.

The suite that every network of the collector inherits is run whole, with the network's own causes
and headers; the tests that stand in a network's own file are about one situation each: those that
the world has are provoked here.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import ClassVar

import pytest

from contracts.accounts import AccountObserved
from contracts.networks import BY_SLUG
from contracts.posts import PostObserved
from libs.clock import SteppedClock
from services.collector.network import Parsed
from services.collector.networks import reader_of
from simulation.accounts import Account
from simulation.networks import rss
from simulation.networks.mastodon import INSTANCES
from simulation.platforms import Networks
from simulation.posts import Post
from simulation.world import World
from tests.collector.networks import (
    test_bluesky,
    test_facebook,
    test_instagram,
    test_mastodon,
    test_rss,
    test_youtube,
)
from tests.simulation.collecting import Good, asked, busiest, good, subject_of
from tests.suites.network import NOW, NetworkSuite, accounts_of, job_of, posts_of

SUITES: Mapping[str, type[NetworkSuite]] = {
    "bluesky": test_bluesky.TestBluesky,
    "facebook": test_facebook.TestFacebook,
    "instagram": test_instagram.TestInstagram,
    "mastodon": test_mastodon.TestMastodon,
    "rss": test_rss.TestRss,
    "youtube": test_youtube.TestYoutube,
}


@cache
def answers(network: str) -> Good:
    """What the networks answer now to a job of each operation."""
    return good(Networks(World(size=50), SteppedClock(NOW)), network)


class Fictional:
    """The good answers of a network, asked for when they are first needed."""

    def __get__(self, _: object, suite: type[NetworkSuite]) -> Good:
        return answers(suite.slug)


class FictionalSuite(NetworkSuite):
    """The whole suite on what the fictional network answers."""

    good: ClassVar = Fictional()

    def __init_subclass__(cls) -> None:
        documented = SUITES[cls.slug]
        cls.causes, cls.headers = documented.causes, documented.headers
        cls.takes_empty = documented.takes_empty

    def test_the_network_is_asked_everything_that_it_is_asked_in_its_own_suite(self) -> None:
        assert SUITES[self.slug].good.keys() <= self.good.keys()


class TestFictionalBluesky(FictionalSuite):
    slug = "bluesky"


class TestFictionalFacebook(FictionalSuite):
    slug = "facebook"


class TestFictionalInstagram(FictionalSuite):
    slug = "instagram"


class TestFictionalMastodon(FictionalSuite):
    slug = "mastodon"


class TestFictionalRss(FictionalSuite):
    slug = "rss"


class TestFictionalYoutube(FictionalSuite):
    slug = "youtube"


def test_every_network_has_its_suite_here() -> None:
    assert {one.slug for one in FictionalSuite.__subclasses__()} == {*BY_SLUG} == SUITES.keys()


class Odd:
    """A world in which something happens to an account."""

    def __init__(self, world: World) -> None:
        self.networks = Networks(world, SteppedClock(NOW))
        self.moment = self.networks.moment()

    def any(self, network: str, fits: Callable[[Account], object]) -> Account:
        """An account that is as it is wanted, open now."""
        known = self.networks.world.by_network[network]
        fit = [one for one in known if fits(one) and one.open_at(self.moment)]
        return max(fit, key=lambda account: (account.rate, account.serial))

    def read(self, account: Account, operation: str, *posts: Post, **changes: object) -> Parsed:
        """What the collector makes of the answer about an account."""
        subject = subject_of(self.networks, account, *posts)
        job = job_of(account.network, operation, subject, **changes)  # pyright: ignore[reportArgumentType]
        return reader_of(account.network).read(job, asked(self.networks, job))


FATE = ("closed_at", "renamed_at", "hidden", "comments_closed")


@pytest.fixture(scope="module")
def usual() -> World:
    return World(size=200)


@pytest.fixture
def odd(usual: World) -> Iterator[Odd]:
    """The world, where nothing has happened yet."""
    before = [{name: getattr(account, name) for name in FATE} for account in usual.accounts]
    yield Odd(usual)
    for account, fate in zip(usual.accounts, before, strict=True):
        for name, value in fate.items():
            setattr(account, name, value)
    usual.refresh()


@pytest.mark.parametrize(
    ("network", "operation", "fits", "cause"),
    [
        ("facebook", "profile", lambda one: one.form == "unreviewed", "refused"),
        ("facebook", "profile", lambda one: one.form == "profile", "refused"),
        ("facebook", "posts", lambda one: one.form == "group", "refused"),
        ("instagram", "posts", lambda one: one.form == "personal", "gone"),
        ("mastodon", "profile", lambda one: one.host == INSTANCES[-1], "refused"),
    ],
)
def test_who_may_not_be_seen_is_said_so(
    odd: Odd, network: str, operation: str, fits: Callable[[Account], object], cause: str
) -> None:
    parsed = odd.read(odd.any(network, fits), operation)
    assert (parsed.cause, parsed.events) == (cause, ())
    assert parsed.detail


@pytest.mark.parametrize(
    ("network", "operation", "cause"),
    [
        ("bluesky", "profile", "gone"),
        # Facebook answers alike for a page that is gone and for one that may not be seen.
        ("facebook", "profile", "refused"),
        ("instagram", "posts", "gone"),
        ("mastodon", "profile", "gone"),
        ("youtube", "profile", "gone"),
    ],
)
def test_a_closed_account_is_told_so(odd: Odd, network: str, operation: str, cause: str) -> None:
    account = busiest(odd.networks, network)
    account.closed_at = odd.moment - 60
    odd.networks.world.refresh()
    parsed = odd.read(account, operation)
    assert parsed.cause == cause
    assert (account.id in parsed.gone) == (cause == "gone")
    assert not accounts_of(parsed)


@pytest.mark.parametrize(
    ("network", "operation", "found"),
    [
        ("bluesky", "profile", True),
        ("facebook", "profile", True),
        ("instagram", "posts", False),
        ("mastodon", "profile", True),
    ],
)
def test_a_renamed_account_is_followed_by_its_id_where_it_is_asked_by_it(
    odd: Odd, network: str, operation: str, found: bool
) -> None:
    account = busiest(odd.networks, network)
    before = subject_of(odd.networks, account)
    account.renamed_at = odd.moment - 60
    job = job_of(network, operation, before)  # pyright: ignore[reportArgumentType]
    parsed = reader_of(network).read(job, asked(odd.networks, job))
    if found:
        assert parsed.renamed == {account.id: account.observed_handle(odd.moment)}
        assert len(accounts_of(parsed)) == 1
    else:
        assert account.id in parsed.gone


def test_hidden_counters_are_null_and_say_so(odd: Odd) -> None:
    hidden = odd.any("instagram", lambda one: one.form == "professional" and not one.hidden)
    hidden.hidden = True
    odd.networks.world.refresh()
    posts = posts_of(odd.read(hidden, "posts"))
    assert posts
    assert all(post.likes is None and post.absent["likes"] == "hidden" for post in posts)
    channel = busiest(odd.networks, "youtube")
    channel.hidden = channel.comments_closed = True
    odd.networks.world.refresh()
    (seen,) = accounts_of(odd.read(channel, "profile"))
    assert (seen.followers, seen.absent["followers"]) == (None, "hidden")
    latest = odd.networks.world.latest(channel, odd.moment, 2)
    videos = posts_of(odd.read(channel, "readings", *latest))
    assert len(videos) == 2
    assert all(one.comments is None and one.absent["comments"] == "hidden" for one in videos)


@pytest.mark.parametrize("network", ["bluesky", "facebook", "mastodon", "youtube"])
def test_a_deleted_post_is_missing_then_deleted_and_the_others_are_read(
    odd: Odd, network: str
) -> None:
    world = odd.networks.world
    gone, account = next(
        (post, account)
        for account in sorted(world.by_network[network], key=lambda one: -one.rate)
        if account.rules.observable(account) and not account.hidden
        for post in world.press.between(account, odd.moment - 200 * 86_400, odd.moment)
        if post.deleted_at is not None and post.deleted_at < odd.moment
    )
    kept = world.latest(account, odd.moment, 1)
    several = () if network == "mastodon" else kept
    once = odd.read(account, "readings", gone, *several)
    native = subject_of(odd.networks, account, gone).posts[0].native_id
    if network != "mastodon":
        assert once.missing == {account.id: (native,)}
        assert len(posts_of(once)) == 1
    again = odd.read(account, "readings", gone, *several, confirm=True)
    assert again.deleted == {account.id: (native,)} or native in {
        one.native_id for one in posts_of(again) if one.state == "deleted"
    }


def test_a_feed_that_moved_a_wall_and_an_old_encoding(odd: Odd) -> None:
    world = odd.networks.world

    def like(manner: str) -> Account:
        return odd.any("rss", lambda one: rss.manner(world, one) == manner)

    assert odd.read(like("wall"), "feed").cause == "refused"
    for manner in ("rss", "atom", "latin"):
        account = like(manner)
        found = {one.native_id: one for one in posts_of(odd.read(account, "feed"))}
        assert len(found) == len(world.latest(account, odd.moment, rss.LATEST)) > 3
        texts = [str(event) for _, event in odd.read(account, "feed").events]
        assert any("é" in text for text in texts)
        assert not any("Ã" in text for text in texts)


def test_an_account_and_its_posts_are_told_by_one_call_of_instagram(odd: Odd) -> None:
    parsed = odd.read(busiest(odd.networks, "instagram"), "posts")
    kinds = [type(event) for _, event in parsed.events]
    assert kinds.count(AccountObserved) == 1
    assert kinds.count(PostObserved) > 5
