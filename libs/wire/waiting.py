"""How far a group of consumers is behind what was published: waits until it has read all of it."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from libs.wire.backends.consumer import KafkaConsumer

PAUSE_SECONDS = 0.3
IDLE_SECONDS = 60.0
"""Without any progress for so long, the wait is given up."""


class StandsStill(Exception):
    """The group reads no more: `done` of `wanted` records."""

    def __init__(self, done: int, wanted: int) -> None:
        super().__init__(
            f"{done} of {wanted} records are read, and no more for {IDLE_SECONDS:.0f} s"
        )
        self.done = done
        self.wanted = wanted


async def wait_until_read(
    kafka_url: str, group: str, progress: Callable[[int, int], None] = lambda _done, _wanted: None
) -> None:
    """Wait until a group has committed all that its topics held when the wait began.

    `progress` is told (done, wanted). Raises `StandsStill` when it does not move for a minute.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        ends: Mapping[TopicPartition, int] = {}
        moved, last = time.monotonic(), -1
        while True:
            committed = await committed_offsets(admin, group)
            if committed and not ends:
                ends = await _ends(kafka_url, list(committed))
            done = sum(min(committed.get(part, 0), end) for part, end in ends.items())
            wanted = sum(ends.values())
            if wanted:
                progress(done, wanted)
            if ends and done >= wanted:
                return
            if done != last:
                moved, last = time.monotonic(), done
            elif time.monotonic() - moved > IDLE_SECONDS:
                raise StandsStill(done, wanted)
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await admin.close()


async def committed_offsets(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """Return what a group has committed, by partition; 0 where it has read nothing."""
    listed = await cast(Any, admin).list_consumer_group_offsets(group)
    return {part: max(0, held.offset) for part, held in listed.items()}


async def _ends(url: str, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
    consumer = KafkaConsumer(bootstrap_servers=url)
    try:
        await consumer.start()
        return await consumer.end_offsets(parts)
    finally:
        await consumer.stop()
