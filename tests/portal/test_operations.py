import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from click.testing import CliRunner

from contracts.topics import DEAD_LETTERS
from libs.settings import Settings
from services.api.operations.broker import (
    AskedBroker,
    Backlog,
    Broker,
    BrokerUnavailable,
    Group,
    backlog,
    connected,
    disconnected,
)
from services.api.operations.commands import groups
from tests.api.conftest import client_of
from tests.deadlines import turn
from tests.portal.test_pages import text_of


@asynccontextmanager
async def asking(kafka_url: str) -> AsyncGenerator[Broker]:
    broker = await connected(kafka_url)
    yield broker
    await disconnected(broker)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The brokers to which pages connect, instead of connecting."""
    made: list[str] = []

    async def connect(kafka_url: str) -> str:
        made.append(kafka_url)
        return kafka_url

    async def disconnect(_: object) -> None:
        made.clear()

    monkeypatch.setattr("services.api.operations.broker.connected", connect)
    monkeypatch.setattr("services.api.operations.broker.disconnected", disconnect)
    return made


async def test_the_page_shows_who_is_stopped_and_how_far_behind(portal, monkeypatch, connections):
    async def found(*_: object) -> Backlog:
        scorer = Group("simulation.scorer", "Empty", 0, 1204, ("simulation.posts.observed.v1",))
        return Backlog((scorer, Group("simulation.alerts", "Stable", 1, 0, ())), 3)

    monkeypatch.setattr("services.api.operations.broker.backlog", found)
    words = text_of((await portal.get("/exploitation")).text)
    assert "Un lecteur est arrêté" in words
    assert "1 204 messages" in words
    assert "3 refus gardés" in words
    assert "Mesures et scores simulation.scorer arrêté" in words
    assert len(connections) == 1


async def test_a_broker_away_is_told_without_its_address(portal):
    page = (await portal.get("/exploitation")).text
    words = text_of(page)
    assert "1 partie ne va pas bien" in words
    assert "Kafka : KafkaConnectionError" in words
    assert Settings(installation="simulation").kafka_url.partition(":")[2] not in page


LIVE = Settings(installation="live", operator_token="s3cret-of-the-operator")


@pytest.mark.parametrize(
    ("method", "path", "known"),
    [("GET", "", 200), ("POST", "/arreter", 404), ("POST", "/relancer", 404)],
)
async def test_a_live_page_of_operations_is_the_operators(
    places, figures, store, connections, monkeypatch, method, path, known
):
    async def found(*_: object) -> Backlog:
        return Backlog((), 0)

    monkeypatch.setattr("services.api.operations.broker.backlog", found)
    async with client_of(LIVE, places, figures, store) as live:
        refused = await live.request(method, f"/exploitation{path}")
        assert connections == []
        bearer = {"authorization": f"Bearer {LIVE.operator_token}"}
        answer = await live.request(method, f"/exploitation{path}", headers=bearer)
    assert (refused.status_code, answer.status_code) == (401, known)


async def test_however_many_look_the_broker_is_asked_once(connections, monkeypatch):
    now = [0.0]
    asked: list[float] = []

    async def found(*_: object) -> Backlog:
        asked.append(now[0])
        await turn()
        if now[0] >= 4:
            raise KafkaError("away")
        return Backlog((), len(asked))

    monkeypatch.setattr("services.api.operations.broker.backlog", found)
    broker = AskedBroker("broker:9092", timer=lambda: now[0])
    seen = await asyncio.gather(*(broker.backlog("live") for _ in range(5)))
    assert {one.dead_letters for one in seen} == {1}
    now[0] = 2.0
    assert (await broker.backlog("live")).dead_letters == 2
    assert connections == ["broker:9092"]
    now[0] = 4.0
    for _ in range(3):
        with pytest.raises(BrokerUnavailable):
            await broker.backlog("live")
    assert asked == [0.0, 2.0, 4.0]
    assert connections == []


@pytest.mark.broker
async def test_the_lag_of_a_group_is_what_it_has_not_read(kafka_url, topic_prefix):
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
    told = await asyncio.to_thread(
        CliRunner().invoke,
        groups,
        env={
            "OBSERVATOIRE_INSTALLATION": "simulation",
            "OBSERVATOIRE_TOPIC_NAMESPACE": namespace,
            "KAFKA_URL": kafka_url,
        },
    )
    assert told.exit_code == 1
    assert f"{namespace}.second\tEmpty\t0 members\t4 waiting\tlag.v1" in told.output


async def test_no_broker_is_an_error_with_a_reason():
    with pytest.raises(BrokerUnavailable, match=r"refused|Unable|Timeout|Connection"):
        await AskedBroker("127.0.0.1:9").backlog("live")
