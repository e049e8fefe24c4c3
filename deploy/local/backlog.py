"""How far a group of consumers is behind what was published: waits until it has read all of it."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.failure import PartError
from deploy.local.plan import Progress

_PAUSE = 0.3
_IDLE = 60.0
"""Seconds without any progress after which the wait is given up."""


def wait_until_read(url: str, group: str, progress: Progress) -> None:
    """Wait until ``group`` has committed all that its topics held when the wait began.

    Raises ``PartError`` when it does not move for a minute.
    """
    asyncio.run(_wait(url, group, progress))


async def _wait(url: str, group: str, progress: Progress) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()
    try:
        ends: Mapping[TopicPartition, int] = {}
        moved, last = time.monotonic(), -1
        while True:
            committed = await _committed(admin, group)
            if committed and not ends:
                ends = await _ends(url, list(committed))
            done = sum(min(committed.get(p, 0), end) for p, end in ends.items())
            wanted = sum(ends.values())
            if wanted:
                progress(done, wanted)
            if ends and done >= wanted:
                return
            if done != last:
                moved, last = time.monotonic(), done
            elif time.monotonic() - moved > _IDLE:
                raise PartError(
                    "Mesures et scores",
                    f"ne lit plus l’histoire ({done} sur {wanted})",
                    "lire son journal (logs/scorer.log), puis relancer la démonstration",
                )
            await asyncio.sleep(_PAUSE)
    finally:
        await admin.close()


async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    listed = await cast(Any, admin).list_consumer_group_offsets(group)
    return {partition: max(0, held.offset) for partition, held in listed.items()}


async def _ends(url: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=url)
    await consumer.start()
    try:
        return await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
