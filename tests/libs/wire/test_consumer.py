"""A consumer can be stopped whatever its client makes of it."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError

from libs.wire.backends import consumer as consumers
from libs.wire.backends.consumer import KafkaConsumer
from tests.deadlines import turn


async def ends_well() -> None:
    pass


async def is_cancelled() -> None:
    raise asyncio.CancelledError


async def fails() -> None:
    raise KafkaConnectionError


async def hangs() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("how", [ends_well, is_cancelled, fails, hangs])
async def test_who_stops_a_consumer_goes_on(how, monkeypatch):
    closed: list[AIOKafkaClient] = []

    async def close(client: AIOKafkaClient) -> None:
        closed.append(client)

    async def stop(_: AIOKafkaConsumer) -> None:
        await how()

    monkeypatch.setattr(consumers, "STOP_SECONDS", 0.01)
    monkeypatch.setattr(AIOKafkaConsumer, "stop", stop)
    monkeypatch.setattr(AIOKafkaClient, "close", close)
    await KafkaConsumer(bootstrap_servers="127.0.0.1:9").stop()
    assert len(closed) == (how is not ends_well)


async def test_who_is_cancelled_while_it_stops_a_consumer_is_cancelled(monkeypatch):
    async def stop(_: AIOKafkaConsumer) -> None:
        await hangs()

    monkeypatch.setattr(AIOKafkaConsumer, "stop", stop)
    stopping = asyncio.create_task(KafkaConsumer(bootstrap_servers="127.0.0.1:9").stop())
    await turn()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
