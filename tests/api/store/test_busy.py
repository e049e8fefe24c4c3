"""A small state that others hold: asked again later (503), within a bounded wait, and said."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from libs.clock import SteppedClock
from services.api.app import Api, build
from services.api.store import Store
from services.api.store.database import SQLITE_CONNECTIONS
from services.api.store.models import SessionRow
from tests.api.conftest import SIMULATION, create_tables, enter_as
from tests.api.world import NOW
from tests.deadlines import until

FORM = {
    "territory": "00101", "name": "Essai", "purpose": "veille", "any": "coupure", "mode": "each",
    "creer": "1", "muette": "1",
}  # fmt: skip
NEW = {"watch": {"territory": "00101", "name": "Eau", "purpose": "a", "query": {"any": ["eau"]}}}
HOST = "http://portail.example"


class Moment:
    """A clock moved by hand."""

    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def store(tmp_path, moment, monkeypatch) -> Iterator[Store]:
    monkeypatch.setattr("services.api.store.database.WAIT_SECONDS", 0.2)
    held = Store(f"sqlite:///{tmp_path / 'state.db'}", origin="simulation", now=moment)
    create_tables(held)
    yield held
    held.close()


@pytest.fixture
def service(places, figures, store) -> Api:
    known = {"allowed_hosts": ("portail.example",), "kafka_url": "127.0.0.1:9"}
    settings = SIMULATION.model_copy(update=known)
    return build(settings, figures=figures, places=places, clock=SteppedClock(NOW), store=store)


@pytest.fixture
async def agent(service) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an agent."""
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    origin = {"origin": HOST}
    async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=origin) as client:
        await enter_as(client, "astreinte")
        yield client


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Hold the lock of the database as another process does."""
    with closing(sqlite3.connect(str(store.database.file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def lent(store: Store) -> Iterator[None]:
    """Hold every connection of the pool."""
    with ExitStack() as held:
        for _ in range(SQLITE_CONNECTIONS + 5):
            held.enter_context(closing(store.database.engine.raw_connection()))
        yield


ACTS = {
    "a form": ("/veilles/nouvelle", {"data": FORM}),
    "the api": ("/api/v1/watches", {"json": NEW}),
    "the way in": ("/entrer/comme", {"data": {"qui": "directrice"}}),
    "the way out": ("/sortir", {}),
}


@pytest.mark.parametrize(("path", "sent"), ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("trouble", [locked, lent])
async def test_what_cannot_be_written_now_is_asked_again_later(agent, store, trouble, path, sent):
    with capture_logs() as noted, trouble(store):
        answer = await asyncio.wait_for(agent.post(path, **sent), 5)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "sql" not in answer.text.lower()
    assert "locked" not in answer.text
    assert any(line["event"] == "database busy" for line in noted)
    assert store.watches.all() == []
    assert (await agent.post(path, **sent)).status_code in (201, 303)


async def test_reading_waits_for_no_writer(agent, store):
    with locked(store):
        for path in ("/veilles", "/mes-sessions", "/palmares", "/api/v1/watches"):
            assert (await agent.get(path)).status_code == 200


async def test_an_agent_stays_one_while_their_last_visit_cannot_be_noted(agent, store, moment):
    """They were sent to the way in, ten seconds later."""
    moment.now += timedelta(hours=26)
    with locked(store):
        for _ in range(2):
            assert (await agent.get("/veilles")).status_code == 200
    seen = store.sessions.of_agent(agent_id(store))[0].seen_at
    assert (await agent.get("/veilles")).status_code == 200
    assert store.sessions.of_agent(agent_id(store))[0].seen_at > seen


@pytest.mark.parametrize("path", ["/veilles", "/mes-sessions", "/api/v1/watches"])
async def test_an_agent_who_cannot_be_looked_up_is_no_visitor(agent, store, path):
    with lent(store):
        answer = await agent.get(path)
        public = await agent.get("/methodologie")
    assert answer.status_code == 503
    assert public.status_code == 200


async def test_many_who_wait_to_write_leave_room_to_who_reads(agent, service, store, monkeypatch):
    """Six threads, as Python has on two cores, all waited: a page that only reads took 10 s."""
    monkeypatch.setattr("services.api.store.database.WAIT_SECONDS", 3)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(6))
    await service.start()
    with locked(store):
        writers = [asyncio.create_task(agent.post("/sortir")) for _ in range(12)]
        await until(lambda: store.database.engine.pool.checkedout() >= 6)
        begun = loop.time()
        assert (await agent.get("/mes-sessions")).status_code == 200
        assert loop.time() - begun < 2
        for one in writers:
            one.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
    await service.stop()


def agent_id(store: Store) -> str:
    with store.database.reading() as session:
        return session.scalars(select(SessionRow.agent)).one()


def test_threads_have_a_database_in_memory_in_turn():
    held = Store("sqlite://", origin="simulation", now=lambda: NOW)
    create_tables(held)

    def known(_: int) -> int:
        with held.database.reading() as session:
            return len(session.scalars(select(SessionRow)).all())

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(known, range(200))) == {0}
