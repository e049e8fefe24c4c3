import pytest

from contracts.networks import NETWORKS
from libs.deciding.wording import speaker

FEED = next(one for one in NETWORKS if one.mentions == "feed")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://www.lagazette.example/a", "lagazette.example"),
        ("https://[", FEED.name),
        ("https://℀.fr/a", FEED.name),
        ("", FEED.name),
    ],
)
def test_who_speaks_is_a_site_or_else_the_network(address, says):
    assert speaker(FEED.slug, address) == says
