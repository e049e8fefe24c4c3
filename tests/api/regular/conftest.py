"""The store of what goes out at its hour, by the clock of each file."""

import pytest

from services.api.store import Store
from tests.api.conftest import create_tables


@pytest.fixture
def store(clock):
    held = Store("sqlite://", origin="simulation", now=clock.now)
    create_tables(held)
    yield held
    held.close()
