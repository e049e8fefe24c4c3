"""What is said of networks: any of them has a name, and no generic code has the name of one."""

import re
from pathlib import Path

import pytest

from contracts.networks import DAY, HOUR, KNOWN, NETWORKS, network_of
from contracts.networks.table import lapse, networks_table

ROOT = Path(__file__).parents[2]
_NAMES = "|".join(network.slug for network in NETWORKS)
_WORDS = "|".join(network.slug for network in NETWORKS if len(network.slug) > 2)
_SHORT = "|".join(network.slug for network in NETWORKS if len(network.slug) <= 2) or "$^"
SLUGS = re.compile(
    rf"""["']({_WORDS})["']|(?:[=!]=|\bcase|\[)\s*["']({_SHORT})["']"""
    rf"""|["']({_SHORT})["']\s*(?:[=!]=|\]|:\s)"""
)
"""A name in quotes; one of a letter or two is any word's, unless it is compared or looked up."""

IMPORTS = re.compile(rf"networks(\.| import (\w+, )*)({_NAMES})\b")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('if network == "bluesky":', True),
        ('if network != "x":', True),
        ("found = BY_SLUG['x']", True),
        ('case "x":', True),
        ('NAMES = {"x": 1}', True),
        ('if "x" in number:', False),
        ('yield word + b"x"', False),
        ("from x import y", False),
    ],
)
def test_a_name_is_recognised_where_it_is_one(line, named):
    """The name of one letter was found in every string of that letter."""
    assert bool(SLUGS.search(line)) == named


def test_any_network_has_a_name():
    assert network_of("bluesky").name == "Bluesky"
    unseen = next(network for network in KNOWN if not network.observed)
    assert network_of(unseen.slug) == unseen
    assert (network_of("myspace").name, network_of("myspace").observed) == ("myspace", False)


def test_nothing_is_published_by_a_network_that_is_not_observed():
    for network in (one for one in KNOWN if not one.observed):
        assert not network.post_counters + network.account_counters + network.interactions
        assert not network.scored


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "s"),
        (90, "90\u00a0s"),
        (900, "15\u00a0min"),
        (HOUR, "h"),
        (3 * HOUR, "3\u00a0h"),
        (DAY, "jour"),
        (30 * DAY, "30\u00a0jours"),
    ],
)
def test_any_window_is_told(seconds, said):
    """A window of a quarter of an hour had no word, and the page could not be written."""
    assert lapse(seconds) == said


def test_every_quota_is_in_the_page():
    page = networks_table()
    for network in NETWORKS:
        assert f"**{network.name}**" in page
        assert all(lapse(quota.seconds) in page for quota in network.quotas.values())


OF_ONE_NETWORK = {
    "libs/verify/versions.py": "a methodology is written by hand, network by network",
    "services/collector/press/following.py": "articles that GDELT names are told as those of feeds",
    "services/api/words/advice/levers.py": "some lessons are of a network, and bear its name",
    "services/api/words/advice/pairs.py": "what is advised on one network is no use on another",
    "simulation/history/portrait.py": "published figures are of one network",
    "simulation/serving/statuses.py": "statuses and their paths are Mastodon's",
}


@pytest.mark.parametrize("folder", ["contracts", "libs", "services", "simulation", "deploy"])
def test_no_network_has_its_name_in_generic_code(folder):
    """What is particular to a network is a fact in its file, and no other imports that file."""
    for file in (ROOT / folder).rglob("*.*"):
        path = file.relative_to(ROOT)
        ours = file.suffix == ".py" or "templates" in path.parts
        if ours and not {"networks", "streams"} & {*path.parts} and str(path) not in OF_ONE_NETWORK:
            text = file.read_text(encoding="utf-8")
            assert not SLUGS.findall(text), file
            assert not IMPORTS.findall(text), file


@pytest.mark.parametrize("path", OF_ONE_NETWORK)
def test_what_is_let_name_a_network_does(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert SLUGS.search(text) or IMPORTS.search(text)
