"""A week collected over the networks' APIs and the same week written directly: the same figures.

The events written directly are compared one by one with what the collector's own readers find in
the answers of the fictional networks, asked at the same slots: every field, not only the counters.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

import msgspec
import pytest

from contracts.accounts import AccountObserved
from contracts.event import Event
from contracts.jobs import JobSubject, Operation, PostReading
from contracts.mentions import MentionObserved
from contracts.networks import BY_SLUG
from contracts.posts import PostObserved, TextObserved
from contracts.topics import POSTS_OBSERVED, TEXTS_OBSERVED, Topic
from libs.clock import SteppedClock
from services.collector.readers.reader import Answer, Parsed, Reader, Request
from simulation.country.accounts import Account
from simulation.country.days import DAY, aware, moment_of
from simulation.country.world import SEED, World
from simulation.history.bulk import Bulk
from simulation.history.history import CONFIRMED, History, Plan
from simulation.history.mentions import mention_records
from simulation.history.workers import Work, write
from simulation.history.writing import TOPICS, Progress, write_history
from simulation.networks import rss
from simulation.serving.platforms import Networks
from tests.simulation.collecting import CREDENTIALS, answer_to
from tests.suites.network import job_of
from tests.topics import read_records

SINCE = moment_of("2026-10-05")
UNTIL = SINCE + 7 * DAY
MODELS: dict[Topic, type[Event]] = {topic: topic.event for topic in TOPICS}
Written = dict[tuple[str, bytes], list[bytes]]
"""Values by name of the topic and key, in their order."""

PAGES = 5


@dataclass
class Collecting:
    """Asks as the collector does: its requests, its parsing, our networks in between."""

    world: World

    def ask(
        self,
        account: Account,
        operation: Operation,
        slot: datetime,
        *posts: PostReading,
        cursor: str | None = None,
    ) -> Parsed:
        """What the collector reads of an account at a slot; later pages by their cursor."""
        reader: Reader = import_module(f"services.collector.networks.{account.network}").READER()
        subject = JobSubject(
            subject=account.id,
            handle=account.observed_handle(int(slot.timestamp())),
            native_id=account.native_id,
            posts=posts,
        )
        job = job_of(
            account.network, operation, subject, slot=slot, origin="simulation",
            cursor=cursor, page=1 if cursor else 0, confirm=bool(posts),
        )  # fmt: skip
        request = reader.request(job, CREDENTIALS.get(account.network))
        return reader.read(job, self.answer(request, slot))

    def answer(self, request: Request, slot: datetime) -> Answer:
        """The networks' answer, redirections followed; every event has a slot of its own."""
        return answer_to(Networks(self.world, SteppedClock(slot)), request, slot)


@pytest.fixture
def collecting(world: World) -> Collecting:
    return Collecting(world)


def sampled(world: World, network: str) -> list[Account]:
    """A few accounts of a network, the busiest and the odd ones among them."""
    known = [account for account in world.by_network[network] if account.rules.observable(account)]
    busiest = sorted(known, key=lambda account: -account.rate)[:2]
    odd = [a for a in known if a.hidden or a.comments_closed or len(a.owners) > 1][:1]
    return list({account.serial: account for account in [*busiest, *odd, *known[:1]]}.values())


def found_like(event: Event, parsed: Parsed) -> Event | None:
    """The event of the same id that the collector found."""
    for _, one in parsed.events:
        if type(one) is type(event) and one.event_id == event.event_id:
            return one
    return None


def ask_again(collecting: Collecting, account: Account, event: Event) -> Event | None:
    """What the collector would have found for an event, at its slot."""
    network = BY_SLUG[account.network]
    page: Operation = "feed" if network.paced else "posts"
    if isinstance(event, AccountObserved):
        operation: Operation = "profile" if network.profiles_per_request else "posts"
        return found_like(event, collecting.ask(account, operation, event.slot))
    if isinstance(event, PostObserved):
        missing = event.slot - timedelta(seconds=CONFIRMED) if event.state == "deleted" else None
        known = PostReading(
            native_id=event.native_id, published_at=event.published_at, missing_at=missing
        )
        # Where posts are read again on pages, only one that is missing is asked for by itself.
        alone = network.posts_per_request or (missing and network.confirms_one_by_one)
        operation = "readings" if alone else page
        cursor: str | None = None
        for _ in range(PAGES):
            parsed = collecting.ask(account, operation, event.slot, known, cursor=cursor)
            found, cursor = found_like(event, parsed), parsed.next_cursor
            if found is not None or cursor is None or alone:
                return found
        return None
    assert isinstance(event, TextObserved)
    return found_like(event, collecting.ask(account, page, event.observed_at))


def test_of_what_only_owners_open_nothing_is_written(world):
    """Nobody had connected an account before the demonstration begins."""
    owned = [one for one in world.accounts if BY_SLUG[one.network].by_owner]
    assert owned
    assert not any(one.rules.observable(one) for one in owned)


@pytest.mark.parametrize("network", [one.slug for one in BY_SLUG.values() if not one.by_owner])
def test_what_is_written_is_what_would_have_been_collected(network, world, collecting):
    history = History(world, Plan(SINCE, UNTIL, texts_since=SINCE))
    compared: Counter[str] = Counter()
    for account in sampled(world, network):
        for first, last in history.chunks():
            for rank, (topic, value) in enumerate(history.records(account, first, last)):
                if rank % 3 and topic in POSTS_OBSERVED.parts and b'"deleted"' not in value:
                    continue
                event = MODELS[topic].read(value)
                assert event.encode() == MODELS[topic].model_validate(event.model_dump()).encode()
                assert topic == topic.for_network(network), "as its terms say"
                if BY_SLUG[network].older_pages and topic is TEXTS_OBSERVED:
                    # New posts are read from a feed, which says no language.
                    event = event.model_copy(update={"language": None})
                assert ask_again(collecting, account, event) == event
                compared[topic.event.__name__] += 1
    assert compared["PostObserved"] >= 5
    assert BY_SLUG[network].paced or compared["AccountObserved"] > 10


def test_deletions_are_told_once_and_only_after_a_sight(world):
    history = History(world, Plan(SINCE - 60 * DAY, UNTIL))
    deleted: Counter[str] = Counter()
    seen: set[str] = set()
    for account in world.accounts[:80]:
        for first, last in history.chunks():
            for topic, value in history.records(account, first, last):
                if topic in POSTS_OBSERVED.parts:
                    event = PostObserved.read(value)
                    if event.state == "deleted":
                        assert event.post in seen
                        assert event.likes is None
                        deleted[event.post] += 1
                    else:
                        assert event.post not in deleted
                        seen.add(event.post)
    assert sum(deleted.values()) > 3
    assert set(deleted.values()) == {1}


def deleted_of(records: Iterable[bytes]) -> set[str]:
    """The posts said to be deleted; a thin history misses them at another moment."""
    return {msgspec.json.decode(one)["post"] for one in records if b'"deleted"' in one}


def test_a_thin_history_is_a_part_of_the_whole_one(world):
    whole = History(world, Plan(SINCE - 40 * DAY, UNTIL, texts_since=UNTIL))
    thin = History(world, Plan(SINCE - 40 * DAY, UNTIL, SINCE, UNTIL))
    for account in world.accounts[:30]:
        every = {one[1] for span in whole.chunks() for one in whole.records(account, *span)}
        some = [one[1] for span in thin.chunks() for one in thin.records(account, *span)]
        assert len(some) == len(set(some))
        kept = [one for one in some if b'"deleted"' not in one]
        assert set(kept) <= every
        assert deleted_of(some) <= deleted_of(every)
        assert BY_SLUG[account.network].paced or len(some) < len(every) or len(every) < 60


def test_networks_that_allow_thirty_days_have_no_older_history(world):
    history = History(world, Plan(SINCE - 90 * DAY, UNTIL, texts_since=UNTIL))
    account = max(world.by_network["youtube"], key=lambda one: one.rate)
    slots = [
        msgspec.json.decode(one[1])["slot"]
        for span in history.chunks()
        for one in history.records(account, *span)
    ]
    assert slots
    assert min(slots) >= aware(UNTIL - 30 * DAY).isoformat()[:10]


def test_retention_counts_from_the_present_of_those_who_keep(world):
    plan = Plan(SINCE - 90 * DAY, SINCE - 40 * DAY, texts_since=UNTIL, today=UNTIL)
    history = History(world, plan)
    written = Counter(
        account.network
        for account in world.accounts
        for span in history.chunks()
        for _ in history.records(account, *span)
    )
    assert written["youtube"] == 0
    assert written["instagram"] > 0


def test_mentions_are_those_that_the_stream_the_papers_and_the_searches_tell(world):
    code = world.place("Villemaquette").territory.code
    since = UNTIL - 2 * DAY
    told = [
        MentionObserved.read(record[1])
        for _, record in mention_records(world, since, UNTIL, {code})
    ]
    said = [mention for mention in world.mentions.between(since, UNTIL) if mention.place == code]
    assert len(told) == len(said) > 20
    assert len({mention.mention for mention in told}) == len(told)
    assert {mention.network for mention in told} == {"bluesky", "rss", "mastodon", "youtube"}


def test_a_paper_s_articles_are_written_as_they_would_have_been_collected(world, collecting):
    slot = aware(UNTIL)
    codes = set(world.place_by_code)
    told = {
        mention.mention: mention
        for _, record in mention_records(world, UNTIL - DAY // 2, UNTIL, codes)
        for mention in (MentionObserved.read(record[1]),)
    }
    reader: Reader = import_module("services.collector.networks.rss").READER()
    compared = 0
    for address in rss.PAPERS[:-1]:
        subject = JobSubject(subject="paper", handle=address)
        job = job_of("rss", "mentions", subject, slot=slot, origin="simulation")
        read = reader.read(job, collecting.answer(reader.request(job, None), slot))
        for _, event in read.events:
            assert isinstance(event, MentionObserved)
            written = told.get(event.mention)
            if written is not None:
                assert written == event.model_copy(update={"observed_at": written.observed_at})
                assert event.title
                assert event.title not in event.text
                compared += 1
    assert compared > 10


@pytest.mark.proof
@pytest.mark.broker
async def test_history_is_on_the_topics_whoever_writes_it(kafka_url, topic_prefix):
    """The same keys and values by one process here, by two others, and by nobody but `History`."""
    plan, told = Plan(SINCE, SINCE + DAY, texts_since=SINCE), list[Progress]()
    watched = (World(size=50).place("Villemaquette").territory.code,)
    alone, apart = f"{topic_prefix}alone", f"{topic_prefix}apart"
    world = World(size=50)
    count = await write_history(
        world, plan, kafka_url, now=time.time, namespace=alone, mentions_of=watched
    )
    work = Work(SEED, 50, plan, kafka_url, time.time, apart, watched)
    assert await asyncio.to_thread(write, work, 2, told.append) == count
    assert told[-1] == Progress(2000, 2000, count)
    assert all(one.done <= one.total for one in told)
    history = History(world, plan)
    expected: Written = defaultdict(list)
    for account in world.accounts:
        for span in history.chunks():
            for topic, value in history.records(account, *span):
                expected[topic.name, account.id.encode()].append(value)
    for key, (topic, value) in mention_records(world, SINCE, SINCE + DAY, {*watched}):
        expected[topic.name, key].append(value)
    assert sum(map(len, expected.values())) == count
    for namespace in (alone, apart):
        assert await on_the_topics(kafka_url, namespace, count) == expected


async def on_the_topics(kafka_url: str, namespace: str, count: int) -> Written:
    """So many records as they are on the topics: by topic and key, in their order."""
    read: Written = defaultdict(list)
    names = {part.on(namespace): part.name for topic in TOPICS for part in topic.parts}
    for place, record in await read_records(kafka_url, namespace, *TOPICS):
        read[names[place.topic], record.key or b""].append(record.value or b"")
    assert sum(map(len, read.values())) == count
    return read


def test_keys_go_to_the_partition_of_every_client():
    from aiokafka.partitioner import DefaultPartitioner

    partitions = list(range(POSTS_OBSERVED.partitions))
    for key in (b"a", b"account", "é".encode(), b"x" * 40):
        expected = DefaultPartitioner()(key, partitions, partitions)
        assert Bulk.partition(POSTS_OBSERVED, key) == expected
