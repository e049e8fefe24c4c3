"""Reading topics up to their present ends, without a consumer group: no other code does so."""

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence

from aiokafka import TopicPartition

from contracts.topics import Topic
from libs.wire.backends.log import Consumer, Log, Record, Take

POLL_MS = 200
"""How long one look waits for records."""


def partitions_of(
    topic: Topic, namespace: str, numbers: Iterable[int] | None = None
) -> list[TopicPartition]:
    """Return the partitions of a topic, all its parts (or those `numbers`), as on the wire."""
    chosen = list(range(topic.partitions) if numbers is None else numbers)
    return [TopicPartition(part.on(namespace), n) for part in topic.parts for n in chosen]


async def read_to_end(
    log: Log, partitions: Sequence[TopicPartition], take: Take, *, since_ms: int | None = None
) -> None:
    """Give `take` what partitions hold, up to the ends that they have now.

    Only records of `since_ms` (Unix milliseconds, the time of the records) and later when that is
    told. Raises `KafkaError`. What cannot be read is `take`'s to pass over and tell.
    """
    if not partitions:
        return
    consumer = log.consumer()
    try:
        await consumer.start()
        starts = await starts_of(consumer, partitions, since_ms)
        ends = await consumer.end_offsets(list(partitions))
        async for partition, records in read_between(consumer, starts, ends):
            take(partition, records)
    finally:
        await consumer.stop()


async def newest(
    log: Log, partitions: Sequence[TopicPartition], most: int
) -> list[tuple[TopicPartition, Record]]:
    """Return the newest records of partitions, in order of publication. Raises `KafkaError`."""
    consumer = log.consumer()
    try:
        await consumer.start()
        starts = await consumer.beginning_offsets(list(partitions))
        ends = await consumer.end_offsets(list(partitions))
        last = {each: max(starts[each], ends[each] - most) for each in partitions}
        found = [
            (partition, record)
            async for partition, records in read_between(consumer, last, ends)
            for record in records
        ]
    finally:
        await consumer.stop()
    return sorted(found, key=lambda one: one[1].timestamp)[-most:]


async def ends_of(log: Log, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
    """Return how far partitions go now. Raises `KafkaError`."""
    if not partitions:
        return {}
    consumer = log.consumer()
    try:
        await consumer.start()
        return await consumer.end_offsets(list(partitions))
    finally:
        await consumer.stop()


async def starts_of(
    consumer: Consumer, partitions: Sequence[TopicPartition], since_ms: int | None = None
) -> dict[TopicPartition, int]:
    """Return where to read from: the beginning, or the first record of that time or later."""
    if since_ms is None:
        return await consumer.beginning_offsets(list(partitions))
    ends = await consumer.end_offsets(list(partitions))
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    return {each: at.offset if (at := found.get(each)) else ends[each] for each in partitions}


async def read_between(
    consumer: Consumer,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    max_records: int | None = None,
) -> AsyncGenerator[tuple[TopicPartition, Sequence[Record]], None]:
    """Yield the records from `starts` up to `ends`, by partition; `consumer` has no subscription.

    Ends are reached by position, not by a record: the last ones may have been compacted away.
    """
    left = [each for each in starts if starts[each] < ends[each]]
    if not left:
        return
    consumer.assign(left)
    for each in left:
        consumer.seek(each, starts[each])
    while left:
        for partition, records in (await consumer.poll(POLL_MS, max_records)).items():
            end = ends[partition]
            due = records if records[-1].offset < end else [r for r in records if r.offset < end]
            if due:
                yield partition, due
        for each in [one for one in left if await consumer.position(one) >= ends[one]]:
            left.remove(each)
            consumer.pause(each)
