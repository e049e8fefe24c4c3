"""The fictional Bluesky: profiles, feeds, posts, limits, stream."""

from datetime import timedelta
from urllib.parse import quote

import msgspec
import pytest

from libs.clock import SteppedClock
from simulation.networks import bluesky
from simulation.serving import atproto
from simulation.serving.platforms import Networks

HOST = "https://public.api.bsky.app/xrpc"


def accounts(networks: Networks):
    return networks.world.by_network["bluesky"]


def test_profiles_come_by_25_and_unknown_ones_are_left_out(client, networks):
    known = accounts(networks)[:3]
    query = "&".join(f"actors={quote(account.native_id)}" for account in known)
    status, body = client.get(f"{HOST}/app.bsky.actor.getProfiles?{query}&actors=nobody.example")
    assert status == 200
    assert [profile["did"] for profile in body["profiles"]] == [
        account.native_id for account in known
    ]
    moment = networks.moment()
    assert body["profiles"][0]["followersCount"] == networks.world.followers(known[0], moment)
    status, body = client.get(
        f"{HOST}/app.bsky.actor.getProfiles?" + "&".join(["actors=a.example"] * 26)
    )
    assert (status, body["error"]) == (400, "InvalidRequest")


def test_a_feed_is_paged_without_gap_nor_repeat(client, networks):
    account = max(accounts(networks), key=lambda account: account.rate)
    whole: list[str] = []
    cursor = ""
    for _ in range(400):
        _, body = client.get(
            f"{HOST}/app.bsky.feed.getAuthorFeed?actor={account.native_id}&limit=30{cursor}"
        )
        whole.extend(item["post"]["uri"] for item in body["feed"] if "reason" not in item)
        if "cursor" not in body:
            break
        cursor = f"&cursor={quote(body['cursor'])}"
    world, moment = networks.world, networks.moment()
    expected = [
        atproto.uri_of(post)
        for post in world.press.between(account, world.crowd.begin, moment + 1)
        if post.deleted_at is None or post.deleted_at > moment
    ]
    assert sorted(whole) == sorted(expected)
    assert len(expected) > 60


def test_a_post_is_found_by_its_address_with_the_counters_of_the_moment(client, networks):
    world, moment = networks.world, networks.moment()
    post = next(
        post
        for post in reversed(world.posts("bluesky", moment - 86_400 * 3, moment))
        if post.deleted_at is None
    )
    url = f"{HOST}/app.bsky.feed.getPosts?uris={quote(atproto.uri_of(post))}"
    _, body = client.get(url)
    counters = world.counters(post, moment)
    view = body["posts"][0]
    shown = (view["likeCount"], view["replyCount"], view["repostCount"], view["quoteCount"])
    assert shown == counters[:4]
    assert view["record"]["text"] == world.text(post).text


def test_the_pace_is_held_with_headers_and_a_refusal(client, networks):
    url = f"{HOST}/com.atproto.identity.resolveHandle?handle=nobody.example"
    for _ in range(bluesky.RULE.limit):
        assert client.get(url)[0] == 400
    status, body = client.get(url)
    assert (status, body["error"]) == (429, "RateLimitExceeded")
    assert int(client.headers["RateLimit-Reset"]) > networks.moment()
    assert networks.ledger.summary()["bluesky appview"]["refused"] == 1
    clock = networks.clock
    assert isinstance(clock, SteppedClock)
    clock.step_to(clock.now() + timedelta(seconds=300))
    assert client.get(url)[0] == 400


def test_a_renamed_account_answers_by_its_new_handle_only(client, networks):
    account = accounts(networks)[0]
    before = account.renamed_at
    account.renamed_at = networks.moment() - 10
    try:
        old = client.get(f"{HOST}/app.bsky.actor.getProfile?actor={account.first_handle}")
        new = client.get(f"{HOST}/app.bsky.actor.getProfile?actor={account.last_handle}")
        by_did = client.get(f"{HOST}/app.bsky.actor.getProfile?actor={account.native_id}")
        assert old[0] == 400
        assert new[1]["did"] == account.native_id
        assert by_did[1]["handle"] == account.last_handle
    finally:
        account.renamed_at = before


def test_facets_index_bytes(client, networks):
    moment = networks.moment()
    seen = 0
    for post in networks.world.posts("bluesky", moment - 86_400 * 10, moment):
        record = atproto.record(networks.world, post)
        text = record["text"].encode()
        for facet in record.get("facets", []):
            found = text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            feature = facet["features"][0]
            assert found == ("#" + feature["tag"] if "tag" in feature else feature["uri"])
            seen += 1
    assert seen > 10


def test_the_stream_tells_everything_once_in_order(networks):
    now = networks.moment()
    cursor = (now - 3600) * 1_000_000
    whole = networks.by_name["bluesky"].subscribe(
        f"wantedCollections=app.bsky.feed.post&cursor={cursor}", now
    )
    told = [msgspec.json.decode(event) for event in whole.due(now * 1_000_000)]
    stamps = [event["time_us"] for event in told]
    assert stamps == sorted(stamps)
    assert stamps[0] >= cursor
    assert stamps[-1] < now * 1_000_000
    created = [event for event in told if event["commit"]["operation"] == "create"]
    said = [m for m in networks.world.mentions.between(now - 3600, now) if m.network == "bluesky"]
    assert len(created) == len(said) + len(networks.world.posts("bluesky", now - 3600, now))
    assert list(whole.due(now * 1_000_000)) == []
    halves = networks.by_name["bluesky"].subscribe(f"cursor={cursor}", now)
    parts = [*halves.due((now - 1800) * 1_000_000 + 123_456), *halves.due(now * 1_000_000)]
    assert [event for event in map(msgspec.json.decode, parts) if event["kind"] == "commit"] == told


@pytest.mark.parametrize(
    ("query", "kept"), [("wantedDids={did}", True), ("wantedCollections=app.bsky.graph.*", False)]
)
def test_the_stream_filters(networks, query, kept):
    now = networks.moment()
    post = networks.world.posts("bluesky", now - 86_400 * 2, now)[-1]
    account = post.account
    subscription = networks.by_name["bluesky"].subscribe(
        f"{query.format(did=account.native_id)}&cursor={(post.created - 5) * 1_000_000}", now
    )
    told = [msgspec.json.decode(event) for event in subscription.due(now * 1_000_000)]
    commits = [event for event in told if event["kind"] == "commit"]
    assert bool(commits) is kept
    assert all(event["did"] == account.native_id for event in commits)
