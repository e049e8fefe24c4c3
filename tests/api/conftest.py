"""The portal over the small made-up country, reached in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest

from contracts.territories import Territories
from services.api.app import build
from services.clock import SteppedClock
from services.process import Settings
from tests.api.world import NOW, MadeUpFigures, territories


@pytest.fixture(scope="session")
def places() -> Territories:
    return territories()


@pytest.fixture
def figures() -> MadeUpFigures:
    return MadeUpFigures()


@pytest.fixture
async def portal(places: Territories, figures: MadeUpFigures) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(Settings(installation="simulation"), places, figures) as client:
        yield client


def client_of(settings: Settings, places: Territories, figures: MadeUpFigures) -> httpx.AsyncClient:
    service = build(settings, figures=figures, territories_known=places, clock=SteppedClock(NOW))
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://portail.example")
