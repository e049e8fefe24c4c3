"""The real broker behind the wire."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from faststream import AckPolicy

from contracts.topics import ACCOUNTS_OBSERVED
from libs.wire.backends.kafka import KafkaLog
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.suites.log import TOPICS, LogSuite, OpenWire, observed

pytestmark = pytest.mark.broker


class TestKafka(LogSuite):
    """The suite, over the broker."""

    @pytest.fixture
    async def open_wire(self, kafka_url: str, request: pytest.FixtureRequest) -> OpenWire:
        namespace = request.node.name.replace("_", "-")
        await create_topics(kafka_url, namespace, TOPICS)
        return lambda: Wire(kafka_url, "simulation", namespace=namespace, pause=lambda _: 0.01)


def test_whoever_subscribes_by_faststream_has_our_ack_policy():
    """Its own default is at most once."""

    async def handler(_: bytes) -> None: ...

    broker = KafkaLog("nowhere:1").broker
    broker.subscriber("topic", group_id="g")(handler)
    assert {each.ack_policy for each in broker.subscribers} == {AckPolicy.NACK_ON_ERROR}


async def test_a_producer_whose_numbers_have_a_gap_is_replaced(kafka_url):
    """A batch that the broker refused spoils all that follows it from the same producer."""
    name = ACCOUNTS_OBSERVED.on("poisoned")
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1, topic_configs={"max.message.bytes": "2000"})])
    await admin.close()
    failed = 0
    async with Wire(kafka_url, "simulation", namespace="poisoned") as wire:
        await wire.publish(ACCOUNTS_OBSERVED, observed(0))
        with pytest.raises(KafkaError):
            await wire.publish(ACCOUNTS_OBSERVED, observed(1, name="x" * 5_000))
        for number in range(2, 6):
            try:
                async with asyncio.timeout(20):
                    await wire.publish(ACCOUNTS_OBSERVED, observed(number))
            except KafkaError:
                failed += 1
    assert failed <= 1
