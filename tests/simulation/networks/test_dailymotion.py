"""Dailymotion as it is invented, under the suite of its reader; below, what is its own."""

from tests.collector.networks.test_dailymotion import TestDailymotion as Documented
from tests.simulation.client import Client
from tests.simulation.collecting import busiest
from tests.suites.fictional import FictionalSuite

API = "https://api.dailymotion.com"


class TestFictionalDailymotion(FictionalSuite):
    documented = Documented

    def test_one_request_a_second_is_allowed(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        url = f"{API}/user/{account.native_id}?fields=id"
        statuses = [client.get(url)[0] for _ in range(301)]
        assert statuses == [200] * 300 + [429]
        assert int(client.headers["Retry-After"]) > 0

    def test_only_what_is_asked_for_is_answered_and_an_unknown_field_refused(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        url = f"{API}/user/{account.first_handle}?fields="
        assert client.get(f"{url}id,screenname")[1].keys() == {"id", "screenname"}
        status, body = client.get(f"{url}id,fans_total")
        assert (status, body["error"]["type"]) == (400, "invalid_parameter")
        assert "fans_total" in body["error"]["message"]
