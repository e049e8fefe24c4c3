"""Threads as it is invented, under the suite of its reader; below, what is its own."""

from simulation.networks.threads import FLOOR, RULE
from tests.collector.networks.test_threads import TestThreads as Documented
from tests.simulation.client import Client
from tests.simulation.collecting import busiest
from tests.suites.fictional import FictionalSuite
from tests.suites.network import accounts_of

API = "https://graph.threads.net/v1.0"


class TestFictionalThreads(FictionalSuite):
    documented = Documented
    asked_by_name = True
    closed = "refused"

    def test_below_the_floor_a_profile_is_refused(self, odd):
        small = odd.any(self.slug, lambda one: one.knots[0] < FLOOR)
        parsed = odd.read(small, "profile")
        assert (parsed.cause, accounts_of(parsed), parsed.gone) == ("refused", [], {})

    def test_a_user_has_a_thousand_requests_a_day(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        url = f"{API}/profile_lookup?username={account.first_handle}&fields=username"
        for _ in range(RULE.limit):
            assert client.get(url, Authorization="Bearer one")[0] == 200
        status, body = client.get(url, Authorization="Bearer one")
        assert (status, body["error"]["code"]) == (400, 4)
        assert "X-App-Usage" in client.headers

    def test_without_a_token_or_with_one_that_ended_nobody_is_answered(self, odd):
        client = Client(odd.networks)
        assert client.get(f"{API}/profile_lookup?username=a")[1]["error"]["code"] == 104
        ended = client.get(f"{API}/profile_lookup?username=a", Authorization="Bearer expired")
        assert ended[1]["error"]["code"] == 190
