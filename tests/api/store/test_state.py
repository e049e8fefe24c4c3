"""The small state at work: filled, told, and alive without a broker."""

import asyncio
import json
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from contracts.accounts import AccountRegistered
from contracts.event import Event
from contracts.territories import Territories
from contracts.topics import ACCOUNTS_REGISTERED, Topic
from libs.wire.provision import create_topics
from libs.wire.table import Table
from libs.wire.wire import Wire
from services.api.small_state import SmallState
from services.api.store import Store
from tests.api.store.conftest import Now
from tests.deadlines import turn, until


@pytest.fixture
def fresh(tmp_path: Path, now: Now) -> Store:
    return Store(f"sqlite:///{tmp_path}/new/s.db", origin="live", now=now)


@pytest.fixture
def accounts_file(tmp_path: Path) -> Path:
    file = tmp_path / "accounts.jsonl"
    line = {"address": "https://bsky.app/profile/lens.example", "territories": ["62498"]}
    file.write_text(json.dumps(line | {"state": "verified"}) + "\n")
    return file


@pytest.mark.broker
async def test_from_the_file_to_the_topic(kafka_url, fresh, accounts_file):
    await create_topics(kafka_url, "state")
    wire = Wire(kafka_url, "live", namespace="state")
    state = SmallState(fresh, wire, Territories.load(), accounts_file)
    await state.start()
    table = Table(wire, ACCOUNTS_REGISTERED, AccountRegistered)
    await table.start()
    try:
        await until(lambda: bool(table.rows))
        assert [account.handle for account in table.rows.values()] == ["lens.example"]
        await until(lambda: state.failures() == {})
    finally:
        await table.stop()
        await state.stop()


async def test_it_is_not_well_until_what_the_file_changed_is_told(fresh, accounts_file):
    """A month was ranked without the last accounts: the portal was ready while it told them."""
    published, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Wire):
        async def ping(self) -> None:
            """It is there."""

        async def start(self) -> None:
            """Nothing is connected."""

        async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
            assert [event.key for event in events]
            published.set()
            await go_on.wait()

    state = SmallState(fresh, Slow("127.0.0.1:1", "live"), Territories.load(), accounts_file)
    await state.start()
    try:
        await asyncio.wait_for(published.wait(), 30)
        await until(lambda: state.failures()["outbox"] == "1 keys are still to be told")
        go_on.set()
        await until(lambda: "outbox" not in state.failures())
    finally:
        go_on.set()
        await state.stop()


async def test_without_a_broker_it_works_and_says_so(fresh, accounts_file):
    wire = Wire("127.0.0.1:1", "live")
    state = SmallState(fresh, wire, Territories.load(), accounts_file)
    await state.start()
    try:
        await until(lambda: list(state.failures()) == ["outbox"])
        assert [a.handle for a in fresh.accounts.of_territory("62498")] == ["lens.example"]
    finally:
        await state.stop()


async def test_a_file_that_cannot_be_read_is_told(fresh, tmp_path):
    state = SmallState(fresh, Wire("127.0.0.1:1", "live"), Territories.load(), tmp_path / "none")
    await state.start()
    try:
        await until(lambda: "FileNotFoundError" in state.failures().get("accounts file", ""))
    finally:
        await state.stop()


async def test_a_stop_leaves_a_long_file_between_two_parts_of_it(fresh, tmp_path, monkeypatch):
    monkeypatch.setattr("services.api.store.registry.accounts.CLAIMS_AT_ONCE", 1)
    first, go_on = threading.Event(), threading.Event()

    def give_way() -> None:
        first.set()
        go_on.wait(10)

    monkeypatch.setattr(fresh.database, "give_way", give_way)
    file = tmp_path / "accounts.jsonl"
    lines = [
        {"address": f"https://bsky.app/profile/lens{number}.example", "territories": ["62498"]}
        for number in range(5)
    ]
    file.write_text("".join(json.dumps(line | {"state": "verified"}) + "\n" for line in lines))
    state = SmallState(fresh, Wire("127.0.0.1:1", "live"), Territories.load(), file)
    await state.start()
    await until(first.is_set)
    stopping = asyncio.create_task(state.stop())
    await turn()
    go_on.set()
    await stopping
    assert state.failures()["accounts file"] == "being read, 2 of 5"
