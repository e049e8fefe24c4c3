"""The topics, a Parquet file a partition, and where each group of readers stood.

Texts, mentions and what is kept for thirty days or less are left out: a backup outlives them, and
nothing is made of them again but alerts that were told.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pyarrow
from aiokafka import AIOKafkaProducer, TopicPartition
from pyarrow import parquet

from contracts.topics import LARGEST_LETTER_BYTES, THIRTY_DAYS, TOPICS
from deploy.backup.place import Damaged, Place
from libs.wire.backends.clients import consumer_of, opened, producer_of
from libs.wire.read_to_end import read_between
from services.api.operations.broker import Group

arrow: Any = pyarrow
tables: Any = parquet  # neither has types
HEADER = arrow.struct([("name", arrow.string()), ("value", arrow.binary())])
SCHEMA = arrow.schema(
    [
        ("offset", arrow.int64()),
        ("timestamp", arrow.int64()),
        ("key", arrow.binary()),
        ("value", arrow.binary()),
        (
            "headers",
            arrow.list_(HEADER),
        ),
    ]
)
RECORDS_AT_ONCE = 10_000
Offsets = dict[str, dict[str, int]]
"""Of each group, by `topic/partition`: how many of the records that are kept it had read."""


def kept_partitions(namespace: str) -> Iterator[tuple[str, TopicPartition]]:
    """Yield the name without namespace and the place of each partition that a backup holds."""
    for topic in TOPICS:
        if topic.retention_ms is not None and topic.retention_ms <= THIRTY_DAYS:
            continue
        for part in topic.parts:
            if part.retention_ms is not None and part.retention_ms <= THIRTY_DAYS:
                continue
            for number in range(part.partitions):
                yield part.name, TopicPartition(part.on(namespace), number)


async def keep(
    kafka_url: str, namespace: str, groups: tuple[Group, ...], place: Place
) -> tuple[dict[str, int], Offsets]:
    """Write what partitions hold now; return how many records of each topic, and the offsets.

    `groups` are as they stood before anything was kept: what they had read is in the stores.
    """
    counts: dict[str, int] = {}
    read: Offsets = {group.name.removeprefix(f"{namespace}."): {} for group in groups}
    async with opened(consumer_of(kafka_url)) as consumer:
        for name, at in kept_partitions(namespace):
            begin, end = await consumer.beginning_offsets([at]), await consumer.end_offsets([at])
            before = {g.name: g.places[at][0] for g in groups if at in g.places}
            kept = 0
            counted = dict.fromkeys(before, 0)
            with place.writing(f"topics/{name}/{at.partition}.parquet") as file:
                sink = arrow.PythonFile(file, mode="w")
                with tables.ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
                    async for _, records in read_between(consumer, begin, end, RECORDS_AT_ONCE):
                        writer.write_batch(_batch(records))
                        kept += len(records)
                        for group, offset in before.items():
                            counted[group] += sum(1 for one in records if one.offset < offset)
            counts[name] = counts.get(name, 0) + kept
            for group, count in counted.items():
                read[group.removeprefix(f"{namespace}.")][f"{name}/{at.partition}"] = count
    return counts, read


async def put_back(
    kafka_url: str, namespace: str, offsets: Offsets, place: Place
) -> dict[str, int]:
    """Publish what was kept to topics that are empty, then say of each group what it has read.

    Keys, times and partitions are as they were. Raises `Damaged` where a topic holds records.
    """
    partitions = list(kept_partitions(namespace))
    async with opened(consumer_of(kafka_url)) as consumer:
        ends = await consumer.end_offsets([at for _, at in partitions])
    if full := next((at for at, end in ends.items() if end), None):
        raise Damaged(f"{full.topic} holds records: restore into an empty broker")
    writing = producer_of(
        kafka_url,
        linger_ms=5,
        max_batch_size=512 * 1024,
        max_request_size=LARGEST_LETTER_BYTES,
    )
    counts: dict[str, int] = {}
    async with opened(writing) as producer:
        for name, at in partitions:
            with place.reading(f"topics/{name}/{at.partition}.parquet") as stream:
                done = await _publish(producer, at, stream)
            counts[name] = counts.get(name, 0) + done
    for group, places in offsets.items():
        await _commit(kafka_url, namespace, group, places)
    return counts


async def _publish(producer: AIOKafkaProducer, at: TopicPartition, stream: Any) -> int:
    count = 0
    for batch in tables.ParquetFile(stream).iter_batches(RECORDS_AT_ONCE):
        sent = [
            await producer.send(
                at.topic,
                row["value"],
                key=row["key"],
                partition=at.partition,
                timestamp_ms=row["timestamp"],
                headers=[(one["name"], one["value"]) for one in row["headers"]],
            )
            for row in cast("list[dict[str, Any]]", batch.to_pylist())
        ]
        for one in sent:
            await one
        count += len(sent)
    return count


async def _commit(kafka_url: str, namespace: str, group: str, places: Mapping[str, int]) -> None:
    read = {
        TopicPartition(f"{namespace}.{topic}", int(number)): count
        for place, count in places.items()
        for topic, _, number in [place.rpartition("/")]
    }
    if not read:
        return
    async with opened(consumer_of(kafka_url, f"{namespace}.{group}")) as member:
        member.assign([*read])
        await member.commit(read)


def _batch(records: Any) -> Any:
    rows = [
        {
            "offset": one.offset,
            "timestamp": one.timestamp,
            "key": one.key,
            "value": one.value,
            "headers": [{"name": name, "value": value} for name, value in one.headers],
        }
        for one in records
    ]
    return arrow.RecordBatch.from_pylist(rows, schema=SCHEMA)
