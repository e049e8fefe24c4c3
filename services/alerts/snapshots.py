"""The snapshots of partitions, read whole when a decider is assigned them."""

from aiokafka import TopicPartition

from contracts.alerts import DeciderState
from contracts.topics import ALERTS_STATE
from libs.wire.consumer import Consumer


async def load_snapshots(
    kafka_url: str, namespace: str, partitions: list[int]
) -> dict[str, DeciderState]:
    """Return the snapshot of every watch of these partitions that covers most, by watch.

    The last in the log is not always it: a decider that was paused beyond its session writes its
    old state after its successor's.

    Raises `pydantic.ValidationError` for a snapshot that cannot be read: to go on without it would
    tell everything twice.
    """
    if not partitions:
        return {}
    consumer = Consumer(
        bootstrap_servers=kafka_url.removeprefix("kafka://").split(","), enable_auto_commit=False
    )
    await consumer.start()
    try:
        wanted = [TopicPartition(ALERTS_STATE.on(namespace), number) for number in partitions]
        consumer.assign(wanted)
        await consumer.seek_to_beginning(*wanted)
        ends = await consumer.end_offsets(wanted)
        furthest: dict[str, DeciderState] = {}
        while pending := [p for p in wanted if await consumer.position(p) < ends[p]]:
            for records in (await consumer.getmany(*pending, timeout_ms=200)).values():
                for record in records:
                    keep_furthest(furthest, (record.key or b"").decode(), record.value)
    finally:
        await consumer.stop()
    return furthest


def keep_furthest(held: dict[str, DeciderState], watch: str, value: bytes | None) -> None:
    """Keep a snapshot unless the one held covers more; a tombstone forgets the watch."""
    if value is None:
        held.pop(watch, None)
        return
    read = DeciderState.read(value)
    known = held.get(watch)
    if known is None or (read.offset, read.saved_at) >= (known.offset, known.saved_at):
        held[watch] = read
