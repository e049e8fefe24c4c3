"""The registry of networks and the folder that reads them agree, in both directions."""

from pathlib import Path

from contracts.networks import BY_SLUG
from services.collector import networks as package
from services.collector.networks import reader_of


def test_every_network_has_a_file_and_every_file_a_network():
    files = {path.stem for path in Path(package.__path__[0]).glob("*.py")} - {"__init__"}
    assert files == set(BY_SLUG)
    for slug in BY_SLUG:
        assert reader_of(slug).network.slug == slug
