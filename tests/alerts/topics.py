"""What stands in a topic, read whole."""

from collections.abc import Sequence
from typing import TypeVar

from aiokafka import TopicPartition

from contracts.event import Event
from contracts.topics import Topic
from libs.wire.backends.kafka import KafkaLog
from libs.wire.backends.log import Record
from libs.wire.read_to_end import partitions_of, read_to_end

E = TypeVar("E", bound=Event)


async def read_whole(kafka_url: str, namespace: str, topic: Topic, event: type[E]) -> list[E]:
    """Return every event of a topic, up to its present ends."""
    found: list[E] = []

    def take(_: TopicPartition, records: Sequence[Record]) -> None:
        found.extend(event.read(record.value or b"") for record in records)

    await read_to_end(KafkaLog(kafka_url), partitions_of(topic, namespace), take)
    return found
