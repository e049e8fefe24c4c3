"""What stands in a topic, read whole."""

from typing import TypeVar

from aiokafka import AIOKafkaConsumer

from contracts.event import Event
from contracts.topics import Topic
from libs.wire.tail import partitions_of

E = TypeVar("E", bound=Event)


async def read_whole(kafka_url: str, namespace: str, topic: Topic, event: type[E]) -> list[E]:
    """Return every event of a topic, up to its present ends."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_url, enable_auto_commit=False)
    await consumer.start()
    partitions = partitions_of(topic, namespace)
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends = await consumer.end_offsets(partitions)
    found: list[E] = []
    while pending := [p for p in partitions if await consumer.position(p) < ends[p]]:
        for records in (await consumer.getmany(*pending, timeout_ms=100)).values():
            found += [event.read(record.value or b"") for record in records]
    await consumer.stop()
    return found
