"""What every fictional network must do, inherited freely: a subclass names the network's suite.

    class TestFictionalSomething(FictionalSuite):
        documented = TestSomething

The suite of the collector's reader is run whole on what the fictional network answers, with the
reader's own causes and headers; below, what happens to accounts in the world and to nobody in a
documentation. What is particular to the network comes in the subclass.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import ClassVar
from urllib.parse import urlencode

import pytest

from contracts.event import Event
from contracts.jobs import JobGranted
from contracts.mentions import MentionObserved
from contracts.networks import BY_SLUG, Network
from contracts.posts import PostObserved
from contracts.watches import Query
from libs.clock import SteppedClock
from libs.matching.sieve import Sieve
from services.collector.networks import reader_of
from services.collector.readers.reader import Answer, Parsed
from services.collector.streaming.known import Mentions
from services.collector.streaming.stream import Hearing
from services.collector.streams import stream_of
from simulation.country.accounts import Account
from simulation.country.days import DAY, aware
from simulation.country.posts import Post
from simulation.country.world import World
from simulation.history.mentions import told
from simulation.network import seen
from simulation.serving.platforms import Networks
from tests.alerts.builders import watched
from tests.simulation.collecting import (
    Good,
    asked,
    busiest,
    good,
    last_said,
    observed,
    search_for,
    subject_of,
)
from tests.suites.network import NOW, NetworkSuite, accounts_of, job_of, posts_of

FATE = ("closed_at", "renamed_at", "hidden", "comments_closed")


@cache
def answers(network: str) -> Good:
    """What the networks answer now to a job of each operation."""
    return good(Networks(World(size=50), SteppedClock(NOW)), network)


@cache
def usual() -> World:
    """The world in which things happen."""
    return World(size=200)


class Answers(Good):
    """The good answers of a network, asked for when one is first read: pytest looks at the name."""

    def __init__(self, network: str) -> None:
        self.network = network

    def __getitem__(self, operation: str) -> tuple[JobGranted, Answer]:
        return answers(self.network)[operation]

    def __iter__(self) -> Iterator[str]:
        return iter(answers(self.network))

    def __len__(self) -> int:
        return len(answers(self.network))


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
        job = job_of(account.network, operation, subject, **changes)
        return reader_of(account.network).read(job, asked(self.networks, job))


@pytest.fixture
def odd() -> Iterator[Odd]:
    """The world, where nothing has happened yet."""
    world = usual()
    before = [{name: getattr(account, name) for name in FATE} for account in world.accounts]
    yield Odd(world)
    for account, fate in zip(world.accounts, before, strict=True):
        for name, value in fate.items():
            setattr(account, name, value)
    world.refresh()


class FictionalSuite(NetworkSuite):
    """The whole suite on what the fictional network answers.

    - ``documented``: the suite of the network's reader.
    - ``asked_by_name``: a renamed account is asked for by its old name, and is gone.
    - ``closed``: what is made of the answer about an account that is no more.
    """

    documented: ClassVar[type[NetworkSuite]]
    asked_by_name: ClassVar[bool] = False
    closed: ClassVar[str] = "gone"

    def __init_subclass__(cls) -> None:
        cls.slug = cls.documented.slug
        cls.good = Answers(cls.slug)
        cls.causes, cls.headers = cls.documented.causes, cls.documented.headers
        cls.takes_empty = cls.documented.takes_empty

    @property
    def network(self) -> Network:
        return BY_SLUG[self.slug]

    @property
    def first(self) -> str:
        """The operation by which an account is seen."""
        return "profile" if self.network.profiles_per_request else "posts"

    def test_the_network_is_asked_everything_that_it_is_asked_in_its_own_suite(self):
        assert self.documented.good.keys() <= self.good.keys()

    def test_a_closed_account_is_told_so(self, odd):
        if self.network.paced:
            pytest.skip("the address of a feed answers for nobody")
        account = busiest(odd.networks, self.slug)
        account.closed_at = odd.moment - 60
        odd.networks.world.refresh()
        parsed = odd.read(account, self.first)
        assert parsed.cause == self.closed
        assert (account.id in parsed.gone) == (self.closed == "gone")
        assert not accounts_of(parsed)

    def test_a_renamed_account_is_followed_by_its_id_where_it_is_asked_by_it(self, odd):
        account = busiest(odd.networks, self.slug)
        if not account.rules.renames:
            pytest.skip("accounts of this network keep their names")
        before = subject_of(odd.networks, account)
        account.renamed_at = odd.moment - 60
        job = job_of(self.slug, self.first, before)
        parsed = self.reader.read(job, asked(odd.networks, job))
        if self.asked_by_name:
            assert parsed.cause == self.closed
            assert (account.id in parsed.gone) == (self.closed == "gone")
        else:
            assert parsed.renamed == {account.id: account.observed_handle(odd.moment)}
            assert len(accounts_of(parsed)) == 1

    @pytest.mark.proof
    def test_its_stream_tells_what_is_said_there_and_nowhere_else(self, odd):
        """From the cursor of two days ago, by the collector's own reading of its lines."""
        if self.network.mentions != "stream":
            pytest.skip("what is said on this network comes by no stream")
        world, until = odd.networks.world, odd.moment
        since = until - 2 * DAY
        stream, fictional = stream_of(self.slug), odd.networks.by_name[self.slug]
        places = tuple(place.territory.nom for place in world.places[:200])
        hearing = Hearing(
            "simulation",
            {one.native_id: one.id for one in world.by_network[self.slug]},
            Sieve(self.slug, [watched(query=Query(any=places))]),
            Mentions(stream.author_of),
            aware(until),
        )
        told: list[Event] = []
        begun = urlencode(stream.since(stream.cursor_at(aware(since))))
        for line in map(stream.read, fictional.subscribe(begun, until).due(until * 1_000_000)):
            found = stream.see(line, hearing)
            if line.moment >= aware(since):
                told += [event for _, event in found.events]
            if found.mention and found.what == "mention":
                hearing.known.add(found.mention)
        posts = [one for one in told if isinstance(one, PostObserved) and one.state == "present"]
        written = world.posts(self.slug, since, until)
        assert sorted(one.native_id for one in posts) == sorted(
            seen(world, post, until).native_id for post in written
        )
        said = [
            one for one in world.mentions.between(since, until)
            if one.network == self.slug and hearing.sieve.passes(one.text)
        ]  # fmt: skip
        mentions = [one for one in told if isinstance(one, MentionObserved)]
        assert sorted(one.address for one in mentions if one.state == "present") == sorted(
            fictional.hear(world, one).address for one in said
        )
        gone = {one for one in world.mentions.deletions(since, until) if one in said}
        assert {one.address for one in mentions if one.state == "deleted"} >= {
            fictional.hear(world, one).address for one in gone
        }
        assert {one.network for one in (*posts, *mentions)} == {self.slug}
        assert posts
        assert said
        assert gone

    def test_a_search_finds_what_is_said_of_a_place_as_its_history_has_it(self, odd):
        if not self.network.search:
            pytest.skip("nothing is searched on this network")
        world, until = odd.networks.world, odd.moment
        said = [
            one for one in world.mentions.between(until - DAY, until)
            if one.network == self.slug and one.place
        ]  # fmt: skip
        last = last_said(odd.networks, self.slug)
        job = search_for(odd.networks, last, aware(until - DAY))
        found = self.reader.read(job, asked(odd.networks, job))
        wanted = (last.place, last.source)
        written = [told(world, one)[1][1] for one in said if (one.place, one.source) == wanted]
        mentions = [event for _, event in found.events if isinstance(event, MentionObserved)]
        expected = {json.loads(record)["event_id"] for record in written}
        assert expected <= {one.event_id for one in mentions}
        assert found.speakers.keys() == {one.mention for one in mentions}
        again = job.model_copy(update={"items": found.items})
        assert self.reader.read(again, asked(odd.networks, job)).events == ()

    def test_a_deleted_post_is_missing_then_deleted_and_the_others_are_read(self, odd):
        if not (self.network.posts_per_request or self.network.confirms_one_by_one):
            pytest.skip("posts of this network are read on pages only")
        world, several = odd.networks.world, self.network.posts_per_request > 1
        gone, account = next(
            (post, account)
            for account in sorted(world.by_network[self.slug], key=lambda one: -one.rate)
            if observed(account) and not account.hidden
            for post in world.press.between(account, odd.moment - 200 * 86_400, odd.moment)
            if post.deleted_at is not None and post.deleted_at < odd.moment
        )
        beside = world.latest(account, odd.moment, 1) if several else []
        native = subject_of(odd.networks, account, gone).posts[0].native_id
        if self.network.posts_per_request:
            once = odd.read(account, "readings", gone, *beside)
            assert once.missing == {account.id: (native,)}
            assert len(posts_of(once)) == len(beside)
        if self.network.confirms_one_by_one:
            beside = []
        again = odd.read(account, "readings", gone, *beside, confirm=True)
        assert again.deleted == {account.id: (native,)}
        assert native in {one.native_id for one in posts_of(again) if one.state == "deleted"}
