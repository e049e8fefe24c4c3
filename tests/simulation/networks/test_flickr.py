"""Flickr as it is invented, under the suite of its reader; below, what is its own."""

from tests.collector.networks.test_flickr import TestFlickr as Documented
from tests.simulation.client import Client
from tests.simulation.collecting import busiest
from tests.suites.fictional import FictionalSuite

API = "https://api.flickr.com/services/rest/?format=json&nojsoncallback=1"


class TestFictionalFlickr(FictionalSuite):
    documented = Documented

    def test_failures_are_answers_and_a_key_is_needed(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        info = f"{API}&method=flickr.people.getInfo&user_id={account.native_id}"
        status, body = client.get(info)
        assert (status, body["stat"], body["code"]) == (200, "fail", 100)
        status, body = client.get(f"{info}&api_key=k")
        assert (status, body["person"]["nsid"]) == (200, account.native_id)
        assert client.get(f"{API}&method=flickr.no&api_key=k")[1]["code"] == 112

    def test_an_account_is_looked_up_by_its_address(self, odd):
        account, client = busiest(odd.networks, self.slug), Client(odd.networks)
        url = f"https://www.flickr.com/photos/{account.first_handle}/"
        _, body = client.get(f"{API}&method=flickr.urls.lookupUser&url={url}&api_key=k")
        assert body["user"]["id"] == account.native_id
