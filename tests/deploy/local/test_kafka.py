import asyncio
import socket

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.posts import PostObserved
from contracts.topics import Topic
from deploy.local.servers.kafka import Broker, check_room
from deploy.local.supervision.failure import PartError
from libs.wire.provision import create_topics

KEPT = Topic("kept.v1", PostObserved, "kept over a kill", "account", (), (), partitions=1)


@pytest.mark.broker
async def test_a_topic_is_never_made_by_accident(kafka_url, topic_prefix):
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url, request_timeout_ms=2000)
    await producer.start()
    with pytest.raises(Exception, match=r"UnknownTopic|Timeout"):
        await producer.send_and_wait(f"{topic_prefix}typo", b"x")
    await producer.stop()


@pytest.mark.proof
@pytest.mark.broker
def test_what_was_written_survives_a_stop_and_a_kill(tmp_path):
    written: list[bytes] = []
    for end in ("kill", "stop"):
        broker = Broker(tmp_path / "kafka")
        broker.start()
        written.append(end.encode() + str(len(written)).encode())
        asyncio.run(_write(broker.url, written[-1]))
        assert asyncio.run(_read(broker.url, len(written))) == written
        broker.stop() if end == "stop" else broker.child.kill()


async def _write(url: str, value: bytes) -> None:
    await create_topics(url, "test", [KEPT])
    async with AIOKafkaProducer(bootstrap_servers=url, acks="all") as producer:
        await producer.send_and_wait(KEPT.on("test"), value)


async def _read(url: str, count: int) -> list[bytes]:
    async with AIOKafkaConsumer(
        KEPT.on("test"), bootstrap_servers=url, auto_offset_reset="earliest"
    ) as consumer:
        async with asyncio.timeout(40):
            return [(await consumer.getone()).value for _ in range(count)]


def test_a_busy_port_is_told_with_what_to_do(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PartError) as told:
            Broker(tmp_path, port).start()
    assert str(told.value).startswith(
        f"Kafka\u00a0: le port {port} est déjà occupé. À faire\u00a0:"
    )


@pytest.mark.broker
def test_a_broker_that_dies_names_its_log_and_cause(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "deploy.local.servers.kafka.configuration", lambda *_: {"process.roles": "cook"}
    )
    with pytest.raises(PartError) as told:
        Broker(tmp_path).start()
    assert str(tmp_path / "kafka.log") in str(told.value)
    assert "cook" in told.value.log.read_text()


def test_a_full_disk_is_told_before_anything_starts(tmp_path):
    with pytest.raises(PartError, match="libérer de la place"):
        check_room(tmp_path, room=10**18)
