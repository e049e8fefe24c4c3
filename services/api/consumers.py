"""Who reads the topics, and how far behind: asked of the broker, for the page of operations."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.backlog import committed_offsets
from contracts.topics import DEAD_LETTERS

TIMEOUT_SECONDS = 5.0


class BrokerUnavailable(Exception):
    """The broker does not answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of readers: `state` as the broker has it, `lag` the records not yet read."""

    name: str
    state: str
    members: int
    lag: int
    topics: tuple[str, ...]

    @property
    def running(self) -> bool:
        """Whether somebody reads."""
        return self.members > 0


@dataclass(frozen=True, slots=True)
class Backlog:
    """The groups of an installation, and how many dead letters its topic holds."""

    groups: tuple[Group, ...]
    dead_letters: int


@dataclass(frozen=True, slots=True)
class Broker:
    """What questions are asked through, for as long as `asking` lasts."""

    admin: Any
    consumer: AIOKafkaConsumer


@asynccontextmanager
async def asking(kafka_url: str, seconds: float = 2 * TIMEOUT_SECONDS) -> AsyncGenerator[Broker]:
    """Connect an admin and a consumer of no group, for so long. Raises `BrokerUnavailable`.

    Every question of a page is asked within one: connecting costs more than asking.
    """
    servers = kafka_url.removeprefix("kafka://").split(",")
    admin = AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=3000)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
    try:
        async with asyncio.timeout(seconds):
            await admin.start()
            await consumer.start()
            yield Broker(admin, consumer)
    except (KafkaError, OSError, TimeoutError) as error:
        raise BrokerUnavailable(f"{type(error).__name__}: {error}") from error
    finally:
        await asyncio.gather(admin.close(), consumer.stop(), return_exceptions=True)


async def backlog(broker: Broker, namespace: str) -> Backlog:
    """Ask the broker for the groups of a namespace."""
    listed = [str(name) for name, _ in await broker.admin.list_consumer_groups()]
    names = sorted(name for name in listed if name.startswith(f"{namespace}."))
    groups = [await _group(broker.admin, broker.consumer, name) for name in names]
    return Backlog(tuple(groups), await _dead_letters(broker.consumer, namespace))


async def _described(admin: Any, name: str) -> tuple[str, int]:
    """Return state and number of members of a group.

    One at a time: aiokafka cannot decode an answer about several groups (its structure puts the
    authorised operations after all groups, the broker after each).
    """
    for response in await admin.describe_consumer_groups([name]):
        for group in cast("Iterable[tuple[Any, ...]]", response.groups):
            return str(group[2]), len(group[5])
    return "Unknown", 0


async def _group(admin: Any, consumer: AIOKafkaConsumer, name: str) -> Group:
    state, members = await _described(admin, name)
    committed = await committed_offsets(admin, name)
    ends = await consumer.end_offsets(list(committed)) if committed else {}
    lag = sum(max(0, ends[part] - at) for part, at in committed.items())
    topics = tuple(sorted({part.topic for part in committed}))
    return Group(name, state, members, lag, topics)


async def _dead_letters(consumer: AIOKafkaConsumer, namespace: str) -> int:
    """Return how many records the topic of dead letters holds."""
    topic = DEAD_LETTERS.on(namespace)
    parts = [TopicPartition(topic, number) for number in range(DEAD_LETTERS.partitions)]
    begins, ends = await asyncio.gather(
        consumer.beginning_offsets(parts), consumer.end_offsets(parts)
    )
    return sum(ends[part] - begins[part] for part in parts)
