"""The snapshots of partitions, read whole when a decider is assigned them."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.alerts import DeciderState
from contracts.topics import ALERTS_STATE


async def load_snapshots(
    kafka_url: str, namespace: str, partitions: list[int]
) -> dict[str, DeciderState]:
    """Return the latest snapshot of every watch of these partitions, by watch.

    Raises `pydantic.ValidationError` for a snapshot that cannot be read: to go on without it would
    tell everything twice.
    """
    if not partitions:
        return {}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka_url.removeprefix("kafka://").split(","), enable_auto_commit=False
    )
    await consumer.start()
    try:
        wanted = [TopicPartition(ALERTS_STATE.on(namespace), number) for number in partitions]
        consumer.assign(wanted)
        await consumer.seek_to_beginning(*wanted)
        ends = await consumer.end_offsets(wanted)
        latest: dict[str, bytes | None] = {}
        while pending := [p for p in wanted if await consumer.position(p) < ends[p]]:
            for records in (await consumer.getmany(*pending, timeout_ms=200)).values():
                latest.update({(r.key or b"").decode(): r.value for r in records})
    finally:
        await consumer.stop()
    return {watch: DeciderState.read(value) for watch, value in latest.items() if value}
