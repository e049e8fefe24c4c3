"""The fictional Graph API: expressions, Instagram's discovery, Facebook's pages, limits, errors."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from libs.clock import SteppedClock
from simulation.country.accounts import Account
from simulation.networks import facebook
from simulation.serving.graph import RULE, BadExpression, read_fields
from simulation.serving.platforms import Networks
from tests.simulation.client import Client

NOON = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)

GRAPH = "https://graph.facebook.com/v25.0/"
TOKEN = "access_token=a-token"
TOTALS = (
    "id,created_time,shares,reactions.summary(total_count).limit(0),"
    "reactions.type(LOVE).limit(0).summary(total_count).as(love),"
    "comments.summary(total_count).limit(0).filter(stream)"
)


def account_of(networks: Networks, network: str, form: str) -> Account:
    found = [one for one in networks.world.by_network[network] if one.form == form]
    return max(found, key=lambda account: (account.rate, account.serial))


def discover(client: Client, handle: str, fields: str) -> tuple[int, Any]:
    asked = quote(f"business_discovery.username({handle}){{{fields}}}")
    return client.get(f"{GRAPH}17841400000000000?{TOKEN}&fields={asked}")


def test_an_expression_is_read_with_its_modifiers():
    fields = read_fields("a.limit(2).after(x){b, c{d}},e.type(LOVE).summary(total_count).as(love)")
    assert list(fields) == ["a", "love"]
    assert fields["a"].modifiers == {"limit": "2", "after": "x"}
    assert list(fields["a"].fields["c"].fields) == ["d"]
    assert fields["love"].name == "e"


@pytest.mark.parametrize("text", ["a{b", "a}", "a.limit(2", "a,,b", "{a}"])
def test_a_broken_expression_is_refused(text):
    with pytest.raises(BadExpression):
        read_fields(text)


def test_media_are_paged_by_cursor_and_hold_only_what_is_asked(client, networks):
    account = account_of(networks, "instagram", "professional")
    handle, found, after = account.handle_at(networks.moment()), [], ""
    for _ in range(100):
        _, body = discover(client, handle, f"media.limit(10){after}{{id,timestamp}}")
        media = body["business_discovery"]["media"]
        assert all(set(one) == {"id", "timestamp"} for one in media["data"])
        found.extend(one["id"] for one in media["data"])
        cursors = media.get("paging", {}).get("cursors", {})
        if "after" not in cursors or len(found) > 60:
            break
        after = f".after({cursors['after']})"
    expected = networks.world.latest(account, networks.moment(), len(found))
    assert len(found) == len(set(found)) == len(expected) > 30


def test_a_personal_account_is_error_110(client, networks, monkeypatch):
    account = account_of(networks, "instagram", "professional")
    monkeypatch.setattr(account, "form", "personal")
    for handle in ("nobody.example", account.handle_at(networks.moment())):
        status, body = discover(client, handle, "id")
        assert (status, body["error"]["code"]) == (400, 110)
        assert body["error"]["error_subcode"] == 2207013


def test_shortcode_makes_the_whole_call_fail(client, networks):
    handle = account_of(networks, "instagram", "professional").handle_at(networks.moment())
    assert discover(client, handle, "media{id,shortcode}")[1]["error"]["code"] == 100


@pytest.mark.parametrize(("token", "code"), [("", 104), ("access_token=expired-1", 190)])
def test_a_missing_or_expired_token_is_said(client, token, code):
    assert client.get(f"{GRAPH}me?{token}&fields=id")[1]["error"]["code"] == code


def test_the_hourly_limit_rolls_and_is_announced(client, networks):
    clock = networks.clock
    assert isinstance(clock, SteppedClock)
    page = account_of(networks, "facebook", "page").native_id
    for rank in range(RULE.limit):
        assert client.get(f"{GRAPH}{page}?{TOKEN}&fields=id")[0] == 200
        if rank == RULE.limit // 2:
            clock.step_to(clock.now() + timedelta(minutes=30))
    usage = msgspec.json.decode(client.headers["X-App-Usage"])
    assert usage["call_count"] == 100
    status, body = client.get(f"{GRAPH}{page}?{TOKEN}&fields=id")
    assert (status, body["error"]["code"]) == (400, 4)
    clock.step_to(clock.now() + timedelta(minutes=31))
    assert client.get(f"{GRAPH}{page}?{TOKEN}&fields=id")[0] == 200


def test_pages_come_by_ids_and_each_costs_one_call(client, networks):
    pages = [one for one in networks.world.by_network["facebook"] if one.form == "page"][:5]
    closed = next(one for one in networks.world.by_network["facebook"] if one.form != "page")
    ids = ",".join([*(page.native_id for page in pages), closed.native_id])
    _, body = client.get(f"{GRAPH}?{TOKEN}&ids={ids}&fields=id,followers_count")
    assert list(body) == [page.native_id for page in pages]
    followers = networks.world.followers(pages[0], networks.moment())
    assert body[pages[0].native_id]["followers_count"] == followers
    (bucket,) = networks.ledger.summary().values()
    assert bucket["most_in_a_window"] == 6


def test_totals_are_those_of_the_world_and_no_share_is_absent(client, networks):
    account = account_of(networks, "facebook", "page")
    world, moment = networks.world, networks.moment()
    url = f"{GRAPH}{account.native_id}/published_posts?{TOKEN}&limit=50&fields={quote(TOTALS)}"
    _, body = client.get(url)
    posts = world.latest(account, moment, 50)
    assert [one["id"] for one in body["data"]] == [facebook.post_id(post) for post in posts]
    for one, post in zip(body["data"], posts, strict=True):
        counters = world.counters(post, moment)
        assert one["reactions"]["summary"]["total_count"] == counters.likes
        assert one["comments"]["summary"]["total_count"] == counters.comments
        assert one.get("shares") == ({"count": counters.shares} if counters.shares else None)
    assert any("shares" in one for one in body["data"])
    _, page = client.get(body["paging"]["next"])
    assert page["data"][0]["id"] not in {one["id"] for one in body["data"]}
    _, known = client.get(f"{GRAPH}?{TOKEN}&ids={body['data'][3]['id']}&fields={quote(TOTALS)}")
    assert known[body["data"][3]["id"]] == body["data"][3]


def test_a_page_read_between_two_moments_holds_those_posts(client, networks):
    account, now = account_of(networks, "facebook", "page"), networks.moment()
    since, until = now - 20 * 86_400, now - 10 * 86_400
    bounds = f"since={since}&until={until}&limit=100&fields=id"
    _, body = client.get(f"{GRAPH}{account.native_id}/posts?{TOKEN}&{bounds}")
    expected = networks.world.latest(account, now, 100, since=since, until=until)
    assert [one["id"] for one in body["data"]] == [facebook.post_id(post) for post in expected]
    assert expected
