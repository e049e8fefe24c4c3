"""X as it is invented, under the suite of its reader; below, what is its own."""

from collections.abc import Mapping

from simulation.networks.x import CREDITS, RATES
from tests.collector.networks.test_x import TestX as Documented
from tests.simulation.asking import Asking
from tests.simulation.client import Client
from tests.simulation.collecting import busiest
from tests.simulation.kinds import NOT_ASKED, Case
from tests.suites.fictional import FictionalSuite

API = "https://api.x.com/2"
FIELDS = "user.fields=public_metrics,protected"
OLDER = "the recording is of before 2023: neither bookmarks nor impressions"


def account(asking: Asking) -> object:
    native = asking.busiest("x").native_id
    return asking.client.get(f"{API}/users?ids={native}&{FIELDS}", Authorization="Bearer one")[1]


def timeline(asking: Asking) -> object:
    native = asking.busiest("x").native_id
    url = f"{API}/users/{native}/tweets?max_results=5&tweet.fields=created_at,public_metrics"
    return asking.client.get(url, Authorization="Bearer one")[1]


KINDS: Mapping[str, Case] = {
    "x/users.json": (
        lambda a, _: account(a),
        {
            r"-\.data\[\]\.(?!id|username|name|protected|public_metrics)": NOT_ASKED,
            r"-\.(errors|includes)": NOT_ASKED,
        },
    ),
    "x/user_tweets.json": (
        lambda a, _: timeline(a),
        {
            r"\+\.data\[\]\.public_metrics\.(bookmark_count|impression_count)": OLDER,
            r"-\.(includes|meta\.\w+|data\[\]\.\w+)": NOT_ASKED,
        },
    ),
}


class TestFictionalX(FictionalSuite):
    documented = Documented

    def test_without_a_token_nobody_is_answered(self, odd):
        status, body = Client(odd.networks).get(f"{API}/users?ids=1&{FIELDS}")
        assert (status, body["title"]) == (401, "Unauthorized")

    def test_limits_of_rate_are_told_and_held(self, odd):
        client = Client(odd.networks)
        url = f"{API}/users?ids=1"
        for _ in range(RATES["users"].limit):
            assert client.get(url, Authorization="Bearer one")[0] == 200
        status, body = client.get(url, Authorization="Bearer one")
        assert (status, body["type"].rpartition("/")[2]) == (429, "rate-limit-exceeded")
        assert int(client.headers["x-rate-limit-reset"]) > odd.moment
        assert "Retry-After" not in client.headers

    def test_each_object_is_paid_until_the_credits_end(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        batch = ",".join([account.native_id] * 100)
        url = f"{API}/users?ids={batch}&{FIELDS}"
        answers = [client.get(url, Authorization="Bearer rich")[0] for _ in range(11)]
        assert answers == [200] * (CREDITS.limit // 200) + [402]
        missing = client.get(f"{API}/users?ids=1", Authorization="Bearer rich")
        assert missing[0] == 200, "what is not found costs nothing"

    def test_what_is_not_there_is_an_error_beside_the_data(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        _, body = client.get(
            f"{API}/users/by?usernames={account.first_handle},nobody", Authorization="Bearer one"
        )
        assert [one["id"] for one in body["data"]] == [account.native_id]
        assert [one["value"] for one in body["errors"]] == ["nobody"]
        assert "public_metrics" not in body["data"][0]
