"""The real broker behind the wire."""

import asyncio
import gc
from collections.abc import Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from faststream import AckPolicy

from contracts.topics import ACCOUNTS_OBSERVED
from libs.wire.backends.consumer import KafkaConsumer
from libs.wire.backends.kafka import KafkaLog
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.suites.log import TOPICS, LogSuite, OpenWire, observed
from tests.topics import read_records

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


async def test_a_record_carries_no_id_that_nobody_reads(kafka_url):
    await create_topics(kafka_url, "bare", [ACCOUNTS_OBSERVED])
    async with Wire(kafka_url, "simulation", namespace="bare") as wire:
        await wire.publish(ACCOUNTS_OBSERVED, observed(1))
    ((_, record),) = await read_records(kafka_url, "bare", ACCOUNTS_OBSERVED)
    assert "correlation_id" not in dict(record.headers)


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


@pytest.fixture
def without_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.proof
@pytest.mark.usefixtures("without_collection")
async def test_an_answer_of_the_broker_is_freed_once_its_records_are_taken(kafka_url):
    """Intake's collector looks so rarely that what only it frees would fill the memory."""
    namespace, count = "freed", 300
    await create_topics(kafka_url, namespace, [ACCOUNTS_OBSERVED])
    topic = ACCOUNTS_OBSERVED.on(namespace)
    async with Wire(kafka_url, "simulation", namespace=namespace) as wire:
        for number in range(count):
            await wire.publish(ACCOUNTS_OBSERVED, observed(number))
        consumer = KafkaConsumer(
            topic, bootstrap_servers=kafka_url, auto_offset_reset="earliest", fetch_max_bytes=4_000
        )
        await consumer.start()
        taken = 0
        async with asyncio.timeout(20):
            while taken < count:
                taken += sum(map(len, (await consumer.poll(200)).values()))
        await consumer.stop()
    answers = [each for each in gc.get_objects() if type(each).__name__ == "PartitionRecords"]
    assert not answers
