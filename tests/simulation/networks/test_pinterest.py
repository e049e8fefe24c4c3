"""Pinterest as it is invented, under the suite of its reader; below, what is its own."""

from simulation.networks.pinterest import RULE
from tests.collector.networks.test_pinterest import TestPinterest as Documented
from tests.simulation.client import Client
from tests.simulation.collecting import busiest, token_of
from tests.suites.fictional import FictionalSuite

API = "https://api.pinterest.com/v5"


class TestFictionalPinterest(FictionalSuite):
    documented = Documented
    closed = "credential"

    def test_an_owner_has_a_hundred_requests_a_minute(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        token = token_of(odd.networks.by_name[self.slug], account, odd.moment)
        for _ in range(RULE.limit):
            status, _ = client.get(f"{API}/user_account", Authorization=f"Bearer {token}")
            assert status == 200
        status, body = client.get(f"{API}/user_account", Authorization=f"Bearer {token}")
        assert (status, body["code"]) == (429, 8)
        assert client.headers["X-RateLimit-Remaining"] == "0"

    def test_without_an_owner_s_token_nobody_is_answered(self, odd):
        status, body = Client(odd.networks).get(f"{API}/pins", Authorization="Bearer token")
        assert (status, body["code"]) == (401, 2)
