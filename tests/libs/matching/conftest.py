import pytest

from contracts.territories import Territories


@pytest.fixture(scope="session")
def territories() -> Territories:
    return Territories.load()
