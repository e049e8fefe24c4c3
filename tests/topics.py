"""What stands in topics, read whole; and where a group of consumers is, seen or set."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition

from contracts.topics import Topic
from libs.wire.backends.consumer import KafkaConsumer
from libs.wire.backends.kafka import KafkaLog
from libs.wire.backends.log import Record
from libs.wire.read_to_end import partitions_of, read_to_end


def places_of(namespace: str, topics: Iterable[Topic]) -> list[TopicPartition]:
    """Every partition of topics, with those of their short parts."""
    # Those of a short part are among its topic's: each counts once.
    return [*dict.fromkeys(p for topic in topics for p in partitions_of(topic, namespace))]


async def read_records(
    kafka_url: str, namespace: str, *topics: Topic
) -> list[tuple[TopicPartition, Record]]:
    """Every record of topics, up to their present ends, and where it is."""
    found: list[tuple[TopicPartition, Record]] = []

    def take(place: TopicPartition, records: Sequence[Record]) -> None:
        found.extend((place, record) for record in records)

    await read_to_end(KafkaLog(kafka_url), places_of(namespace, topics), take)
    return found


async def read_whole(kafka_url: str, namespace: str, topic: Topic) -> list[Any]:
    """Every event of a topic, up to its present ends."""
    records = await read_records(kafka_url, namespace, topic)
    return [topic.event.read(record.value or b"") for _, record in records]


@asynccontextmanager
async def _member(
    kafka_url: str, namespace: str, group: str, topics: Iterable[Topic]
) -> AsyncIterator[tuple[KafkaConsumer, list[TopicPartition]]]:
    consumer = KafkaLog(kafka_url).consumer(f"{namespace}.{group}")
    await consumer.start()
    places = places_of(namespace, topics)
    consumer.assign(places)
    try:
        yield consumer, places
    finally:
        await consumer.stop()


async def offsets(
    kafka_url: str, namespace: str, group: str, topics: Iterable[Topic]
) -> tuple[int, int]:
    """How many records of topics a group has committed, and how many were published."""
    async with _member(kafka_url, namespace, group, topics) as (consumer, places):
        committed = [await consumer.committed(place) or 0 for place in places]
        return sum(committed), sum((await consumer.end_offsets(places)).values())


async def rewind(kafka_url: str, namespace: str, group: str, topics: Iterable[Topic]) -> None:
    """Put a group back to the beginning of topics, as a rebuild does."""
    async with _member(kafka_url, namespace, group, topics) as (consumer, places):
        await consumer.commit(dict.fromkeys(places, 0))


async def commit_ends(kafka_url: str, namespace: str, group: str, topics: Iterable[Topic]) -> None:
    """Commit everything that is there, as a group that has done it would."""
    async with _member(kafka_url, namespace, group, topics) as (consumer, places):
        await consumer.commit(await consumer.end_offsets(places))
