"""The portal over the small made-up country, reached in memory."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from datetime import datetime
from functools import cache

import httpx
import pytest
from sqlalchemy import Executable, create_mock_engine, text

from contracts.event import Origin
from contracts.territories import Territories
from libs.clock import SteppedClock
from libs.sealing import Seal
from libs.settings import Settings
from services.api.app import build
from services.api.store import Store
from services.api.store.models import Base
from tests.api.answers import RecordedFigures
from tests.api.world import NOW, territories


@pytest.fixture(scope="session")
def places() -> Territories:
    return territories()


@pytest.fixture
def figures() -> RecordedFigures:
    return RecordedFigures()


STATE = "OBSERVATOIRE_TESTS_STATE"
"""Address of a database in which the tests of pages keep their state (`test_on_postgres.py`)."""

OPERATOR = "the-token-of-the-operator"
SIMULATION = Settings(installation="simulation", operator_token=OPERATOR)
BEARER = {"authorization": f"Bearer {OPERATOR}"}


@pytest.fixture
async def portal(
    places: Territories, figures: RecordedFigures, store: Store
) -> AsyncIterator[httpx.AsyncClient]:
    """The demonstration, as its operator sees it: every watch, whosever it is."""
    async with client_of(SIMULATION, places, figures, store) as client:
        client.headers.update(BEARER)
        yield client


@pytest.fixture
async def visitor(
    places: Territories, figures: RecordedFigures, store: Store
) -> AsyncIterator[httpx.AsyncClient]:
    """The demonstration, as a browser without a session sees it."""
    async with client_of(SIMULATION, places, figures, store) as client:
        client.headers.update({"origin": "http://portail.example"})
        yield client


async def enter_as(client: httpx.AsyncClient, who: str) -> None:
    """Sign in as somebody of the demonstration."""
    answer = await client.post("/entrer/comme", data={"qui": who})
    assert answer.status_code == 303, answer.text


@pytest.fixture
def store() -> Iterator[Store]:
    held = new_store(lambda: NOW)
    yield held
    held.close()


def new_store(
    now: Callable[[], datetime], origin: Origin = "simulation", token_seal: Seal | None = None
) -> Store:
    """Return an empty store: in memory, or in the migrated PostgreSQL that `STATE` names."""
    url = os.environ.get(STATE, "sqlite://")
    held = Store(url, origin=origin, now=now, token_seal=token_seal)
    if url == "sqlite://":
        create_tables(held)
        return held
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with held.database.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return held


def create_tables(store: Store) -> None:
    """Create the tables of a store in SQLite."""
    with closing(store.database.engine.raw_connection()) as connection:
        connection.driver_connection.executescript(_tables())  # type: ignore[union-attr]


@cache
def _tables() -> str:
    """What `create_all` asks of SQLite, worked out once: it takes 6 ms."""
    said: list[str] = []
    engine = create_mock_engine("sqlite://", lambda asked, *_: said.append(compiled(asked)))

    def compiled(asked: Executable) -> str:
        return str(asked.compile(dialect=engine.dialect))

    Base.metadata.create_all(engine, checkfirst=False)
    return ";\n".join(said)


def named(store: Store, watch: str, address: str) -> dict[str, str]:
    """Return how links and forms name a recipient of a watch."""
    known = store.watches.get(watch)
    assert known is not None
    return {"destinataire": known.recipient_name(address)}


def client_of(
    settings: Settings, places: Territories, figures: RecordedFigures, store: Store
) -> httpx.AsyncClient:
    settings = settings.model_copy(update={"allowed_hosts": ("portail.example",)})
    service = build(settings, figures=figures, places=places, clock=SteppedClock(NOW), store=store)
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://portail.example")
