"""« Collecte » at the desk: quotas, sources that fail, what was refused; and that all is well."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.dead_letters import MOST_REPLAYS, REPLAYING, DeadLetter
from contracts.networks import DAY, HOUR
from contracts.topics import DEAD_LETTERS, POSTS_OBSERVED
from libs.settings import Settings
from libs.wire.backends.clients import consumer_of, opened
from libs.wire.provision import create_topics
from libs.wire.read_to_end import partitions_of
from libs.wire.wire import Wire
from services.api.figures.ops_rows import QuotaUse
from services.api.operations.broker import connected, disconnected
from services.api.operations.letters import Letters, Refused, look
from services.api.operations.quotas import Spending, lengths, spendings
from tests.api.conftest import client_of
from tests.api.world import NOW
from tests.events import event
from tests.portal.test_operations import connections as connections
from tests.portal.test_pages import text_of

PAGE = "/bureau/collecte"
MINUTE = timedelta(minutes=1)


def use(bucket: str, used: int, **fields: Any) -> QuotaUse:
    known = {
        "network": bucket.partition(":")[0], "bucket": bucket, "operation": "posts", "used": used,
        "first_at": NOW - MINUTE, "last_at": NOW, "told_left": None, "told_at": None,
        "paused_until": None,
    }  # fmt: skip
    return QuotaUse.model_validate(known | fields)


def spent(**by_length: list[QuotaUse]) -> list[Spending]:
    """What is spent, by lengths such as `s60`; a day has what the longest of those has."""
    given = {int(name[1:]): uses for name, uses in by_length.items()}
    longest = given[max(given)]
    return spendings(dict.fromkeys(lengths(), longest) | given, NOW)


def test_all_of_us_pay_together_and_a_quota_of_a_second_is_told_over_a_minute():
    (one,) = spent(s60=[use("bluesky:all", 150), use("bluesky:all", 30, operation="profile")])
    assert (one.network, one.who, one.allowed, one.seconds) == ("Bluesky", "", 600, 60)
    assert (one.used, one.left, one.told, one.paused) == (180, 420, False, False)
    assert one.renewed_at == NOW


def test_of_two_quotas_the_tightest_is_told_for_each_host():
    hosts = [use("mastodon:a.example", 20), use("mastodon:b.example", 1)]
    whole = [use("mastodon:a.example", 290), use("mastodon:b.example", 1)]
    first, second = spent(s60=hosts, s300=whole, s86400=whole)
    assert (first.who, first.seconds, first.left) == ("a.example", 300, 10)
    assert (second.who, second.left) == ("b.example", 59)


def test_what_the_network_says_is_left_comes_before_our_count():
    said = use("instagram:instagram", 20, told_left=4, told_at=NOW)
    (one,) = spent(s3600=[said])
    assert (one.used, one.left, one.told, one.seconds) == (20, 4, True, HOUR)


def test_a_network_that_asks_for_a_pause_comes_first_until_its_end():
    until = NOW + timedelta(hours=2)
    told = [use("flickr:flickr", 1, paused_until=until), use("bluesky:all", 500)]
    first, _ = spent(s3600=told, s60=told)
    assert (first.network, first.paused, first.renewed_at) == ("Flickr", True, until)


def test_what_owners_pay_is_theirs_and_what_is_counted_in_objects_says_no_requests():
    (one,) = spent(s86400=[use("x:x", 3), use("tiktok:owner-00101-tiktok", 3)])
    assert (one.network, one.used, one.left, one.seconds) == ("X", None, None, DAY)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, connections: list[str]) -> list[Refused]:
    """What the broker has of refused records, instead of asking it."""
    found: list[Refused] = []

    async def looked(*_: object) -> Letters:
        return Letters(tuple(found), len(found), 7 * len(found), 0)

    monkeypatch.setattr("services.api.pages.desk.collecting.look", looked)
    return found


def some(**fields: Any) -> Refused:
    known = {
        "topic": "posts.observed.v1", "consumer": "scorer", "reason": "likes: not an integer",
        "place": "live.posts.observed.v1/3/17", "oldest": NOW - timedelta(days=2), "letters": 4,
        "waiting": 4, "given_up": 0,
    }  # fmt: skip
    return Refused(**known | fields)


async def test_the_desk_sees_quotas_sources_and_what_was_refused(portal, figures, refused):
    refused += [some(), some(reason="posts: none", waiting=0, given_up=4), some(waiting=0)]
    figures.given["quota_uses"] = [use("bluesky:all", 600).model_dump()]
    figures.given["failing_feeds"] = [
        {
            "network": "rss", "feed": "f", "handle": "https://essai.example/flux",
            "territory": "00101", "last_done": NOW - timedelta(days=3),
            "last_failed": NOW - MINUTE, "last_cause": "gone", "failures": 12, "detail": "410",
            "failing_since": NOW - timedelta(days=2),
        }
    ]  # fmt: skip
    page = (await portal.get(PAGE)).text
    words = text_of(page)
    assert "1 quota épuisé" in words
    assert "Bluesky épuisé toute l’installation 600 en 1 min 600 0" in words
    assert "https://essai.example/flux Essai-sur-Onde" in words
    assert "410" in words
    assert "observatoire dead-letters replay --topic posts.observed.v1" in words
    assert "observatoire dead-letters show live.posts.observed.v1/3/17" in words
    assert "ils ont été rendus" in words
    assert "3 plus récents, de 21" in words
    assert page.count('class="empty"') == 0


async def test_that_all_is_well_is_said_of_each_part(portal, figures, refused):
    figures.given |= {"quota_uses": [], "failing_feeds": [], "sources": []}
    page = (await portal.get(PAGE)).text
    assert page.count('class="empty"') == 3
    words = text_of(page)
    assert all(one in words for one in ("Aucun quota épuisé", "aucune source", "aucun message"))


async def test_a_broker_away_is_told_beside_the_rest(portal, figures):
    figures.given |= {"quota_uses": [], "failing_feeds": []}
    words = text_of((await portal.get(PAGE)).text)
    assert "Kafka ne répond pas" in words
    assert "Mastodon" in words


async def test_it_is_the_teams(places, figures, store):
    live = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(live, places, figures, store) as client:
        assert (await client.get(PAGE)).status_code == 401


def letter(number: int, at: datetime, **fields: Any) -> DeadLetter:
    return event(DeadLetter, event_id=f"l{number}", offset=number, failed_at=at, **fields)


@pytest.mark.broker
async def test_letters_are_told_by_reason_and_those_given_back_wait_no_more(
    kafka_url, topic_prefix
):
    namespace = topic_prefix.rstrip(".")
    await create_topics(kafka_url, namespace, [DEAD_LETTERS])
    origin = POSTS_OBSERVED.on(namespace)
    of = {"topic": origin, "consumer": f"{namespace}.scorer", "cut_from": None, "replays": 0}
    wire = Wire(kafka_url, "simulation", namespace=namespace)
    await wire.start()
    for number in range(4):
        told = letter(number, NOW + number * MINUTE, reason=f"byte {number}", **of)
        await wire.publish(DEAD_LETTERS, told)
    await wire.publish(DEAD_LETTERS, letter(3, NOW + 3 * MINUTE, reason="byte 3", **of))
    given_up = of | {"replays": MOST_REPLAYS}
    await wire.publish(DEAD_LETTERS, letter(9, NOW, reason="likes: null", **given_up))
    await wire.stop()
    broker = await connected(kafka_url)
    seen = await look(broker, namespace)
    assert (seen.looked_at, seen.kept, seen.unreadable, seen.whole) == (6, 6, 0, True)
    first, second = seen.refused
    assert (first.topic, first.consumer, first.reason) == ("posts.observed.v1", "scorer", "byte 3")
    assert (first.letters, first.waiting, first.given_up, first.oldest) == (4, 4, 0, NOW)
    assert (second.letters, second.waiting, second.given_up) == (1, 0, 1)
    reading = consumer_of(kafka_url, f"{namespace}.{REPLAYING}.{origin}")
    async with opened(reading) as consumer:
        places = partitions_of(DEAD_LETTERS, namespace)
        consumer.assign(places)
        await consumer.commit(await consumer.end_offsets(places))
    assert [one.waiting for one in (await look(broker, namespace)).refused] == [0, 0]
    await disconnected(broker)
