"""Through the real broker: a reader's table is what the store holds, whatever the relay suffers."""

import asyncio
import shutil
from collections.abc import Iterable

import pytest

from contracts.accounts import AccountRegistered, Ownership
from contracts.addresses import Identity, read_address
from contracts.event import Event
from contracts.topics import ACCOUNTS_REGISTERED, WATCHES, Topic
from contracts.watches import Query, Watched
from libs.wire.provision import create_topics
from libs.wire.table import Table
from libs.wire.wire import Wire
from services.api.store import Claim, Proof, Store, WatchDraft
from services.api.store.relay.outbox import Relay, backlog
from tests.api.store.conftest import Now

pytestmark = pytest.mark.broker

DRAFT = WatchDraft(territory="00001", name="Eau", purpose="astreinte", query=Query(any=("eau",)))


class Killed(BaseException):
    """Stands for kill -9 at one point."""


class DiesAfter:
    """Publishes for real, then dies before the relay can remove the rows."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
        await self._wire.publish_all(topic, events)
        raise Killed


def claim(now: Now, number: int, **more: object) -> Claim:
    identity = read_address(f"https://bsky.app/profile/v{number}.example")
    assert isinstance(identity, Identity)
    owners = (Ownership(territory="00001"),)
    return Claim(identity, owners, Proof("file", "f", now()), "verified", **more)


async def test_tables_hold_what_the_store_holds(kafka_url, tmp_path, migrated_file, now):
    namespace = "outbox"
    await create_topics(kafka_url, namespace)
    shutil.copy(migrated_file, tmp_path / "s.db")
    store = Store(f"sqlite:///{tmp_path}/s.db", origin="simulation", now=now)
    terms = tuple(f"{number:06} " + "é" * 90 for number in range(6_000))
    large = store.watches.create(
        WatchDraft.model_construct(**{**dict(DRAFT), "query": Query(any=terms)})
    )
    store.accounts.register_all([claim(now, number) for number in range(20)])
    person = store.accounts.register(claim(now, 99, owner_kind="personne")).account.account
    watch = store.watches.create(DRAFT)
    wire = Wire(kafka_url, "simulation", namespace=namespace)
    await wire.start()
    try:
        with pytest.raises(Killed):
            await Relay(store, DiesAfter(wire)).drain()
        assert backlog(store).keys == 22
        renamed = (await asyncio.to_thread(store.accounts.of_territory, "00001"))[0]
        other = read_address("https://bsky.app/profile/renamed.example")
        assert isinstance(other, Identity)
        store.accounts.rename(renamed.account, other)
        relay = Relay(store, wire)
        await relay.drain()
        assert backlog(store).keys == 1
        assert f"1 passed over: watches.v1 {large.watch}" in str(relay.passed_over)
        accounts = Table(wire, ACCOUNTS_REGISTERED, AccountRegistered)
        watches = Table(wire, WATCHES, Watched)
        await accounts.start()
        await watches.start()
        held = {account.account: account for account in store.accounts.of_territory("00001")}
        assert accounts.rows == held
        assert len(held) == 20
        assert person not in accounts.rows
        assert accounts.rows[renamed.account].handle == "renamed.example"
        assert watches.rows == {watch.watch: watch}
        await accounts.stop()
        await watches.stop()
    finally:
        await wire.stop()
        store.close()
