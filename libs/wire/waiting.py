"""How far a group of consumers is behind what was published: waits until it has read all of it.

Which partitions a group reads is asked of its members, not taken from its commits: it commits
nothing for a partition from which it has read no record yet.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from aiokafka.errors import GroupCoordinatorNotAvailableError

from libs.wire.backends.clients import admin_of, consumer_of, opened

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
    """Wait until a group has committed all that its topics held when its members were first seen.

    `progress` is told (done, wanted). Raises `StandsStill` when it does not move for a minute.
    """
    async with opened(admin_of(kafka_url)) as admin:
        ends: Mapping[TopicPartition, int] | None = None
        moved, last = time.monotonic(), -1
        while True:
            if ends is None and (parts := await _parts_read(admin, group)):
                ends = await _ends(kafka_url, parts)
            committed = await committed_offsets(admin, group) if ends else {}
            done = sum(min(committed.get(part, 0), end) for part, end in (ends or {}).items())
            wanted = sum((ends or {}).values())
            if wanted:
                progress(done, wanted)
            if ends is not None and done >= wanted:
                return
            if done != last:
                moved, last = time.monotonic(), done
            elif time.monotonic() - moved > IDLE_SECONDS:
                raise StandsStill(done, wanted)
            await asyncio.sleep(PAUSE_SECONDS)


async def committed_offsets(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """Return what a group has committed, by partition; 0 where it has read nothing."""
    try:
        listed = await cast(Any, admin).list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:  # no group has ever joined this broker
        return {}
    return {part: max(0, held.offset) for part, held in listed.items()}


async def _parts_read(admin: AIOKafkaAdminClient, group: str) -> list[TopicPartition]:
    """Return all partitions of the topics that a group's members read; none before they joined."""
    try:
        (answer,) = await cast("Any", admin).describe_consumer_groups([group])
    except GroupCoordinatorNotAvailableError:  # no group has ever joined this broker
        return []
    (described,) = answer.to_object()["groups"]
    decode: Callable[[bytes], Any] = cast("Any", ConsumerProtocolMemberMetadata).decode
    topics: set[str] = {
        topic
        for member in described["members"]
        for topic in decode(member["member_metadata"]).subscription
    }
    if described["state"] != "Stable" or not topics:
        return []
    return [
        TopicPartition(topic["topic"], part["partition"])
        for topic in await cast("Any", admin).describe_topics(list(topics))
        for part in topic["partitions"]
    ]


async def _ends(kafka_url: str, parts: list[TopicPartition]) -> dict[TopicPartition, int]:
    """Return where each partition ends, of those that hold a record."""
    async with opened(consumer_of(kafka_url)) as consumer:
        begins, ends = await asyncio.gather(
            consumer.beginning_offsets(parts), consumer.end_offsets(parts)
        )
        return {part: end for part, end in ends.items() if end > begins[part]}
