"""The portal over the small made-up country (the same as the api's tests), all of it shown."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.api.web.headers import VIEW_COOKIE
from tests.api.conftest import BEARER, SIMULATION, client_of
from tests.api.conftest import figures as figures
from tests.api.conftest import places as places
from tests.api.conftest import store as store
from tests.api.conftest import visitor as visitor


@pytest.fixture
async def portal(places, figures, store) -> AsyncIterator[httpx.AsyncClient]:
    """The operator, in the detailed view; what a first visit shows is in `test_views.py`."""
    async with client_of(SIMULATION, places, figures, store) as client:
        client.headers.update(BEARER)
        client.cookies.set(VIEW_COOKIE, "detaillee")
        yield client
