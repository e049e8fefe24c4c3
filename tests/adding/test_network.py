"""A network with accounts and history is five files and one line, and disturbs no other one."""

import re

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

SLUG = "essaioscope"
RENAMED = (
    ("video-channels", "scope-channels"),
    ("videos/(watch|embed)", "scopes/(watch|embed)"),
    ("videos/watch", "scopes/watch"),
    ("peertube", SLUG),
    ("Peertube", SLUG.capitalize()),
    ("PeerTube", SLUG.capitalize()),
    ("tube", "scope"),
)
"""What makes another network of PeerTube: its names, its hosts, the paths that are its own."""

FILES = (
    "contracts/networks/{}.py",
    "services/collector/networks/{}.py",
    "simulation/networks/{}.py",
    "tests/collector/networks/test_{}.py",
    "tests/simulation/networks/test_{}.py",
)
OTHERS = "test_without_a_network_all_others_are_the_same"
WRITTEN = "test_what_is_written_is_what_would_have_been_collected"
KNOWN = "contracts/networks/__init__.py"


def renamed(path: str) -> str:
    """A file of PeerTube as it would be of the other network, of which nothing is recorded."""
    text = (ROOT / path.format("peertube")).read_text(encoding="utf-8")
    text = re.sub(r"(?s)\nKINDS: .*?\n}\n", "", text)
    # Attributes keep their names: `video.name` is no host.
    text = re.sub(r"video\.(?=(lens|lqdn|maquette)\.)", "scope.", text)
    for old, new in RENAMED:
        text = text.replace(old, new)
    return text


def test_a_network_is_its_files_and_a_line(copy):
    for path in FILES:
        copy.write(path.format(SLUG), renamed(path))
    copy.insert(KNOWN, "facebook,", f"    {SLUG},")
    copy.insert(KNOWN, "rss.NETWORK,", f"    {SLUG}.NETWORK,")
    copy.generate()
    copy.test(
        *(path.format(SLUG) for path in FILES[3:]),
        "tests/contracts/test_networks.py",
        "tests/contracts/test_registries.py",
        "tests/contracts/test_addresses.py",
        f"tests/simulation/test_world.py::{OTHERS}[{SLUG}]",
        f"tests/simulation/test_history.py::{WRITTEN}[{SLUG}]",
    )
    assert copy.made == [path.format(SLUG) for path in FILES]
    assert set(copy.edited) == {KNOWN}
    assert f"| **{SLUG.capitalize()}** |" in (copy.root / "docs/networks.md").read_text("utf-8")
