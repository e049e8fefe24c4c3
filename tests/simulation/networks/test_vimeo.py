"""Vimeo as it is invented, under the suite of its reader; below, what is its own."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.collector.networks.vimeo import USER
from simulation.networks.vimeo import hides_plays
from tests.collector.networks.test_vimeo import TestVimeo as Documented
from tests.simulation.asking import Asking
from tests.simulation.client import Client
from tests.simulation.collecting import busiest
from tests.simulation.kinds import NOT_ASKED, Case
from tests.suites.fictional import FictionalSuite
from tests.suites.network import posts_of

API = "https://api.vimeo.com"


def user(asking: Asking) -> object:
    """The busiest account, for the fields that we ask."""
    native = asking.busiest("vimeo").native_id
    asking.client.get(f"{API}/users/{native}?fields={USER}", Authorization="bearer one")
    return msgspec.json.decode(asking.client.body)


ASKED = r"(uri|name|link|metadata\.connections\.(followers|following|videos)\.total)\b"
KINDS: Mapping[str, Case] = {
    "vimeo/user_live.json": (lambda a, _: user(a), {rf"-\.(?!{ASKED})": NOT_ASKED}),
}


class TestFictionalVimeo(FictionalSuite):
    documented = Documented

    def test_an_application_has_its_requests_a_minute(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        url = f"{API}/users/{account.native_id}?fields=uri"
        statuses = [client.get(url, Authorization="bearer one")[0] for _ in range(26)]
        assert statuses == [200] * 25 + [429]
        assert datetime.fromisoformat(client.headers["X-RateLimit-Reset"])
        assert client.get(url, Authorization="bearer two")[0] == 200
        status, body = client.get(url)
        assert (status, body["error_code"]) == (401, 8003)

    def test_only_what_is_asked_for_is_answered(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        url = f"{API}/users/{account.first_handle}?fields=uri,metadata.connections.videos.total,no"
        _, body = client.get(url, Authorization="bearer one")
        assert body.keys() == {"uri", "metadata"}
        assert body["metadata"]["connections"].keys() == {"videos"}

    def test_hidden_plays_and_closed_comments_are_null_and_say_so(self, odd):
        account = odd.any(self.slug, lambda one: not one.hidden and not hides_plays(one))
        account.comments_closed = True
        odd.networks.world.refresh()
        posts = posts_of(odd.read(account, "posts"))
        assert posts
        assert {(post.comments, post.absent["comments"]) for post in posts} == {(None, "hidden")}
        hider = odd.any(self.slug, hides_plays)
        found = posts_of(odd.read(hider, "posts"))
        assert all((post.views, post.absent["views"]) == (None, "hidden") for post in found)
        assert all(post.likes is not None for post in found)
