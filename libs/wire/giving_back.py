"""What the consumers share that say themselves what is done and may be committed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import stamina
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

Batches = Mapping[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]
"""What a poll brings."""


def give_back(consumer: AIOKafkaConsumer, batches: Batches) -> None:
    """Read these records again: partitions changed hands while they were fetched."""
    held = consumer.assignment()
    for partition, records in batches.items():
        if partition in held:
            consumer.seek(partition, records[0].offset)


async def until_done(attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until Kafka has taken it (waiting 30 s at most): what is in memory is ahead of it."""
    async for trial in stamina.retry_context(
        on=KafkaError, attempts=None, timeout=None, wait_max=30
    ):
        with trial:
            await attempt()
