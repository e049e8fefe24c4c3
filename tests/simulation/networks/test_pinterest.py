"""Pinterest as it is invented, under the suite of its reader; below, what is its own."""

from collections.abc import Mapping
from typing import Any

from simulation.networks.pinterest import RULE
from tests.collector.networks.test_pinterest import TestPinterest as Documented
from tests.simulation.asking import Asking
from tests.simulation.client import Client
from tests.simulation.collecting import busiest, token_of
from tests.simulation.kinds import Case
from tests.suites.fictional import FictionalSuite

API = "https://api.pinterest.com/v5"
NOT_READ = "what a reader of counters has no use for"


def pin(asking: Asking) -> Any:
    """The latest pin of the busiest account, without its figures, as it was recorded."""
    account, networks = asking.busiest("pinterest"), asking.client.networks
    token = token_of(networks.by_name["pinterest"], account, asking.moment)
    listed = asking.client.get(f"{API}/pins?page_size=1", Authorization=f"Bearer {token}")[1]
    of = f"{API}/pins/{listed['items'][0]['id']}"
    return asking.client.get(of, Authorization=f"Bearer {token}")[1]


KINDS: Mapping[str, Case] = {
    "pinterest/pin_data.json": (
        lambda a, _: pin(a),
        {
            r"\+\.is_owner": "documented, absent from this recording of 2022",
            r"-\.media\.images": "pictures of pins are not simulated",
            r"-\.(alt_text|board_section_id|dominant_color|parent_pin_id)": NOT_READ,
        },
    ),
}


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
