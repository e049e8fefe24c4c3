"""A small world, made once: fifty territories, its networks, a clock that is told to move."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from libs.clock import SteppedClock
from simulation.country.world import World
from simulation.serving.platforms import Networks
from tests.simulation.client import Client

NOON = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def world() -> World:
    """Fifty territories of the usual seed."""
    return World(size=50)


@pytest.fixture
def networks(world: World) -> Iterator[Networks]:
    """Fresh ledger, faults and clock over the same world."""
    world.mentions.staged.clear()
    world.mentions.published.clear()
    yield Networks(world, SteppedClock(NOON))
    world.mentions.staged.clear()
    world.mentions.published.clear()


@pytest.fixture
def client(networks: Networks) -> Client:
    """A client of the networks."""
    return Client(networks)
