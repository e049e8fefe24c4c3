import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.topics import DEAD_LETTERS
from services.api.consumers import Backlog, BrokerUnavailable, Group, asking, backlog
from tests.portal.test_pages import text_of


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The brokers that a page connects to, instead of connecting."""
    made: list[str] = []

    @asynccontextmanager
    async def connected(kafka_url: str) -> AsyncGenerator[None]:
        made.append(kafka_url)
        yield

    monkeypatch.setattr("services.api.pages.operations.asking", connected)
    return made


async def test_the_page_shows_who_is_stopped_and_how_far_behind(
    portal: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, connections: list[str]
):
    async def found(*_: object) -> Backlog:
        scorer = Group("simulation.scorer", "Empty", 0, 1204, ("simulation.posts.observed.v1",))
        return Backlog((scorer, Group("simulation.alerts", "Stable", 1, 0, ())), 3)

    monkeypatch.setattr("services.api.pages.operations.backlog", found)
    words = text_of((await portal.get("/exploitation")).text)
    assert "Un lecteur est arrêté : son retard s’accumule, rien n’est perdu." in words
    assert "1 204 messages en attente, 3 messages refusés" in words
    assert "Mesures et scores simulation.scorer arrêté" in words
    assert len(connections) == 1


async def test_a_broker_away_is_told(
    portal: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, connections: list[str]
):
    async def away(*_: object) -> Backlog:
        raise BrokerUnavailable("KafkaConnectionError: refused")

    monkeypatch.setattr("services.api.pages.operations.backlog", away)
    words = text_of((await portal.get("/exploitation")).text)
    assert "1 partie ne va pas bien" in words
    assert "Kafka : KafkaConnectionError" in words


@pytest.mark.broker
async def test_the_lag_of_a_group_is_what_it_has_not_read(kafka_url: str, topic_prefix: str):
    namespace = topic_prefix.rstrip(".")
    topic = f"{namespace}.lag.v1"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    wanted = [NewTopic(topic, 1, 1)]
    wanted.append(NewTopic(DEAD_LETTERS.on(namespace), DEAD_LETTERS.partitions, 1))
    await admin.create_topics(wanted)
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka_url) as producer:
        for _ in range(5):
            await producer.send_and_wait(topic, b"x")
    async with AsyncExitStack() as stack:
        for name in ("first", "second"):
            reader = await stack.enter_async_context(
                AIOKafkaConsumer(
                    topic,
                    bootstrap_servers=kafka_url,
                    group_id=f"{namespace}.{name}",
                    enable_auto_commit=False,
                    auto_offset_reset="earliest",
                )
            )
            read = await asyncio.wait_for(reader.getone(), 30)
            await reader.commit({TopicPartition(topic, read.partition): read.offset + 1})
        async with asking(kafka_url) as broker:
            seen = await backlog(broker, namespace)
    assert [(group.name, group.lag, group.running) for group in seen.groups] == [
        (f"{namespace}.first", 4, True),
        (f"{namespace}.second", 4, True),
    ]
    assert seen.dead_letters == 0
    async with asking(kafka_url) as broker:
        after = await backlog(broker, namespace)
    assert [(group.lag, group.running) for group in after.groups] == [(4, False), (4, False)]


async def test_no_broker_is_an_error_with_a_reason():
    with pytest.raises(BrokerUnavailable, match=r"refused|Unable|Timeout|Connection"):
        async with asking("127.0.0.1:9"):
            pass
