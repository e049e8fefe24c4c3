"""Compacted topics as tables, on the real broker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer

from contracts.accounts import AccountRegistered
from contracts.topics import ACCOUNTS_REGISTERED
from libs.wire.provision import create_topics
from libs.wire.table import Table

pytestmark = pytest.mark.broker

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def registered(account: str, revision: int) -> AccountRegistered:
    return AccountRegistered(
        event_id=f"{account}-{revision}",
        origin="simulation",
        account=account,
        revision=revision,
        network="bluesky",
        handle=f"r{revision}.example",
        address=f"https://bsky.app/profile/r{revision}.example",
        state="verified",
        registered_at=NOON,
        changed_at=NOON,
    )


@pytest.fixture
async def namespace(kafka_url: str, request: pytest.FixtureRequest) -> str:
    name = f"table-{request.node.name.replace('_', '-')}"
    await create_topics(kafka_url, name)
    return name


@pytest.fixture
async def producer(kafka_url: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url)
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
async def table(kafka_url: str, namespace: str) -> AsyncIterator[Table[AccountRegistered]]:
    table = Table(kafka_url, namespace, ACCOUNTS_REGISTERED, AccountRegistered)
    yield table
    await table.stop()


async def publish(
    producer: AIOKafkaProducer, namespace: str, account: str, value: bytes | None
) -> None:
    await producer.send_and_wait(ACCOUNTS_REGISTERED.on(namespace), value, key=account.encode())


async def test_an_empty_topic_is_ready_at_once(table: Table[AccountRegistered]) -> None:
    async with asyncio.timeout(20):
        await table.start()
    assert table.ready.is_set()
    assert table.rows == {}


async def test_it_is_ready_when_all_that_stood_there_is_read(
    table: Table[AccountRegistered], producer: AIOKafkaProducer, namespace: str
) -> None:
    for number in range(50):
        await publish(producer, namespace, f"a{number}", registered(f"a{number}", 1).encode())
    async with asyncio.timeout(20):
        await table.start()
    assert len(table.rows) == 50


async def test_older_revisions_are_ignored_tombstones_erase_and_junk_changes_nothing(
    table: Table[AccountRegistered], producer: AIOKafkaProducer, namespace: str
) -> None:
    await table.start()
    for value in (registered("a", 2).encode(), registered("a", 1).encode(), b"{junk"):
        await publish(producer, namespace, "a", value)
    await producer.send_and_wait(ACCOUNTS_REGISTERED.on(namespace), b"{junk", key=b"\xff")
    await publish(producer, namespace, "b", registered("b", 1).encode())
    await publish(producer, namespace, "b", None)
    await publish(producer, namespace, "a", registered("a", 3).encode())
    async with asyncio.timeout(20):
        while table.rows.get("a") != registered("a", 3) or "b" in table.rows:
            await table.change()
    assert table.failed is None
