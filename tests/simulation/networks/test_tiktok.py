"""TikTok as it is invented, under the suite of its reader; below, what is its own."""

from simulation.networks.tiktok import RULE
from tests.collector.networks.test_tiktok import TestTikTok as Documented
from tests.simulation.client import Client
from tests.simulation.collecting import busiest, token_of
from tests.suites.fictional import FictionalSuite

API = "https://open.tiktokapis.com/v2"


class TestFictionalTikTok(FictionalSuite):
    documented = Documented
    closed = "credential"

    def test_an_owner_has_six_hundred_requests_a_minute_of_each_kind(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        token = token_of(odd.networks.by_name[self.slug], account, odd.moment)
        bearer, url = f"Bearer {token}", f"{API}/user/info/?fields=username"
        for _ in range(RULE.limit):
            assert client.get(url, Authorization=bearer)[0] == 200
        status, body = client.get(url, Authorization=bearer)
        assert (status, body["error"]["code"]) == (429, "rate_limit_exceeded")

    def test_without_an_owner_s_token_nobody_is_answered(self, odd):
        client = Client(odd.networks)
        for headers in ({}, {"Authorization": "Bearer own.1.2.3.4.x"}):
            status, body = client.get(f"{API}/user/info/?fields=username", **headers)
            assert (status, body["error"]["code"]) == (401, "access_token_invalid")
