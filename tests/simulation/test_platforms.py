"""The other fictional networks, the faults and what the world itself offers."""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import feedparser
import msgspec
import pytest

from libs.clock import SteppedClock
from simulation.country.days import DAY
from simulation.country.world import World
from simulation.networks import mastodon, rss, youtube
from simulation.networks.mastodon import INSTANCES
from simulation.serving import videos
from simulation.serving.control import control
from simulation.serving.platforms import Networks
from tests.simulation.client import Client

NOON = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)
YOUTUBE = "https://www.googleapis.com/youtube/v3/"


def say(networks: Networks, verb: str, name: str, **body: object) -> Any:
    return msgspec.json.decode(control(networks, verb, name, msgspec.json.encode(body)).body)


def test_statuses_are_linked_page_after_page(client, networks):
    account = max(
        (one for one in networks.world.by_network["mastodon"] if one.host != INSTANCES[-1]),
        key=lambda one: one.rate,
    )
    url = f"https://{account.host}/api/v1/accounts/{account.native_id}/statuses"
    url += "?limit=15&exclude_reblogs=true&exclude_replies=true"
    found: list[str] = []
    for _ in range(100):
        _, page = client.get(url)
        if not page:
            break
        found.extend(one["id"] for one in page)
        url = re.findall(r'<([^>]+)>; rel="next"', client.headers["Link"])[0]
    expected = networks.world.latest(account, networks.moment(), 10_000)
    assert found == [mastodon.status_id(post) for post in expected]
    middle = found[len(found) // 2]
    _, newer = client.get(f"{url.split('?')[0]}?limit=5&exclude_reblogs=true&since_id={middle}")
    assert all(int(one["id"]) > int(middle) for one in newer)


def test_an_instance_limits_by_window_and_says_when_as_a_date(client, networks):
    url = f"https://{INSTANCES[0]}/api/v2/instance"
    statuses = [client.get(url)[0] for _ in range(mastodon.RULE.limit + 1)]
    assert statuses.count(200) == mastodon.RULE.limit
    assert statuses[-1] == 429
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+\.\d+Z", client.headers["X-RateLimit-Reset"])
    assert client.get(f"https://{INSTANCES[1]}/api/v2/instance")[0] == 200


def test_one_instance_is_closed_to_the_anonymous(client):
    url = f"https://{mastodon.CLOSED}/api/v2/instance"
    assert client.get(url)[0] == 401
    assert client.get(url, Authorization="Bearer x")[0] == 200


def test_a_tag_gathers_what_is_said_of_it(client, networks):
    now = networks.moment()
    mentions = networks.world.mentions
    said = [m for m in mentions.between(now - 86_400, now) if m.network == "mastodon"]
    mention = next(m for m in reversed(said) if m.source == "0")
    tag = mention.text.rsplit("#", 1)[1].lower()
    _, page = client.get(f"https://{INSTANCES[0]}/api/v1/timelines/tag/{tag}?limit=40")
    assert mastodon.mention_id(mention) in {one["id"] for one in page}
    assert all(tag in {one["name"] for one in status["tags"]} for status in page)


def test_what_is_said_on_a_network_is_the_same_made_alone(networks):
    mentions, now = networks.world.mentions, networks.moment()
    mentions.publish("youtube", "Coupure d’eau à Essai-sur-Onde", now - 60)
    everything = mentions.between(now - DAY, now)
    for network in ("youtube", "mastodon", "bluesky", "rss"):
        said = [one for one in everything if one.network == network]
        assert said
        assert mentions.on(network, now - DAY, now) == said
    assert mentions.published[-1] in mentions.on("youtube", now - DAY, now)


def test_counters_of_videos_are_texts_and_absent_when_closed(client, networks):
    account = max(networks.world.by_network["youtube"], key=lambda one: one.rate)
    before = account.comments_closed
    account.comments_closed = True
    try:
        posts = networks.world.latest(account, networks.moment(), 3)
        ids = ",".join([*(videos.video_id(post) for post in posts), "aaaaaaaaaaa"])
        _, body = client.get(f"{YOUTUBE}videos?key=k&part=statistics&id={ids}")
    finally:
        account.comments_closed = before
        networks.world.refresh()
    assert len(body["items"]) == 3
    for item in body["items"]:
        assert "commentCount" not in item["statistics"]
        assert item["statistics"]["viewCount"].isdigit()


def test_video_ids_tell_their_account_and_number(networks):
    for account in networks.world.by_network["youtube"][:20]:
        for post in networks.world.latest(account, networks.moment(), 2):
            assert len(videos.video_id(post)) == 11
            assert videos.read_video_id(videos.video_id(post)) == (account.rank, post.number)


def test_subscribers_are_rounded_down_to_three_figures():
    assert [videos.rounded(n) for n in (7, 999, 1234, 98_765)] == [7, 999, 1230, 98_700]


def test_units_of_a_day_come_back_at_midnight_pacific(client, networks):
    clock = networks.clock
    assert isinstance(clock, SteppedClock)
    url = f"{YOUTUBE}channels?key=k&part=id&id=UCx"
    assert client.get(url)[0] == 200
    (name,) = [one for one in networks.ledger.buckets if one.startswith("youtube ")]
    networks.ledger.buckets[name].spent = youtube.RULE.limit
    status, body = client.get(url)
    assert (status, body["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")
    clock.step_to(clock.now().replace(hour=8) + timedelta(days=1))
    assert client.get(url)[0] == 200


def test_a_feed_is_a_feed_and_says_when_nothing_changed(client, networks):
    for account in networks.world.by_network["rss"]:
        way = rss.manner(networks.world, account)
        status, _ = client.get(account.native_id)
        if way == "moved":
            assert status == 301
            status, _ = client.get(client.headers["Location"])
        if way == "wall":
            assert status == 503
            continue
        parsed = feedparser.parse(client.body)
        expected = networks.world.latest(account, networks.moment(), rss.ITEMS_SHOWN)
        assert len(parsed.entries) == len(expected)
        if expected:
            assert timegm(parsed.entries[0].published_parsed) == expected[0].created
        mark = client.headers["ETag"]
        if way != "moved":
            assert client.get(account.native_id, If_None_Match=mark)[0] == 304
            assert client.body == b""


def test_a_paper_says_what_is_said_of_its_places(client, networks):
    feeds = rss.PAPERS
    statuses = [client.get(address)[0] for address in feeds]
    assert statuses == [200] * (len(feeds) - 1) + [503]
    found = 0
    for address in feeds[:-1]:
        client.get(address)
        found += len(feedparser.parse(client.body).entries)
    assert found > 20


def test_a_mention_published_now_is_in_the_stream(networks):
    now = networks.moment()
    subscription = networks.by_name["bluesky"].subscribe(
        "wantedCollections=app.bsky.feed.post", now
    )
    say(networks, "POST", "mentions", text="Coupure d’eau à Essai-sur-Onde !", delay=2)
    told = list(subscription.due((now + 10) * 1_000_000))
    assert [one for one in told if "Coupure d’eau à Essai-sur-Onde !" in one.decode()]


def test_a_staged_crisis_is_said_and_its_truth_is_written(networks):
    now = networks.moment()
    crisis = say(networks, "POST", "crises", place="Essai-sur-Onde", delay=30, messages=14)
    assert (crisis["term"], crisis["start"]) == ("coupure d’eau", now + 30)
    truth = say(networks, "GET", "crises")
    assert crisis["id"] in {one["id"] for one in truth}
    said = networks.world.mentions.between(now, now + 20 * 60 + 60)
    spoken = [mention for mention in said if mention.crisis == crisis["id"]]
    assert len(spoken) == 14
    assert all("eau" in mention.text for mention in spoken)


RENAMED = {
    "bluesky": "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor={}",
    "instagram": "https://graph.facebook.com/v25.0/1784?access_token=t&fields="
    + quote("business_discovery.username({}){id}", safe="{}").replace("{id}", quote("{id}")),
    "facebook": "https://graph.facebook.com/v25.0/{}?access_token=t&fields=id",
    "mastodon": "https://{host}/api/v1/accounts/lookup?acct={}",
}
"""Where an account is asked for by its name."""


@pytest.mark.parametrize("network", RENAMED)
def test_an_account_is_renamed_now(network):
    networks = Networks(World(size=50), SteppedClock(NOON))
    client, place = Client(networks), "Villemaquette"
    told = say(networks, "POST", "accounts", network=network, what="renamed", place=place)
    account = next(one for one in networks.world.accounts if one.id == told["account"])
    assert told["handle"] == account.last_handle != account.first_handle
    url = RENAMED[network].replace("{host}", account.host)
    assert client.get(url.replace("{}", account.first_handle))[0] in (400, 404)
    assert client.get(url.replace("{}", account.last_handle))[0] == 200


def test_a_closed_account_is_gone_and_its_posts_with_it():
    networks = Networks(World(size=50), SteppedClock(NOON))
    client, url = Client(networks), "https://public.api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed"
    assert client.get(f"{url}?actor=essaisuronde.example")[0] == 200
    say(networks, "POST", "accounts", network="bluesky", what="closed")
    assert client.get(f"{url}?actor=essaisuronde.example")[0] == 400


def test_a_day_of_california_has_its_own_length():
    november = int(datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp())
    start, end = youtube.RULE.bounds(november)
    assert (end - start) // 3600 == 25
    assert start <= november < end


def test_nothing_unknown_is_done(networks):
    assert "error" in say(networks, "POST", "faults", kind="volcano")
    assert "error" in say(networks, "GET", "volcano")
    assert "error" in say(networks, "POST", "crises", place="Nulle-Part")
