"""Who reads the topics, and how far behind: asked of the broker, for the page of operations."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from contracts.topics import DEAD_LETTERS
from libs.wire.backends.clients import admin_of, consumer_of
from libs.wire.backends.consumer import KafkaConsumer
from libs.wire.waiting import committed_offsets

A = TypeVar("A")

TIMEOUT_SECONDS = 5.0
KEPT_SECONDS = 2.0
"""How old what is shown of readers may be."""


class BrokerUnavailable(Exception):
    """The broker does not answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of readers: `state` as the broker has it, `lag` the records not yet read.

    `places` are, of each partition, what is committed and where it ends.
    """

    name: str
    state: str
    members: int
    lag: int
    topics: tuple[str, ...]
    places: Mapping[TopicPartition, tuple[int, int]] = field(
        default_factory=dict[TopicPartition, tuple[int, int]]
    )

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
    """What questions are asked through."""

    admin: Any
    consumer: KafkaConsumer


async def connected(kafka_url: str) -> Broker:
    """Connect an admin and a consumer of no group."""
    broker = Broker(admin_of(kafka_url, request_timeout_ms=3000), consumer_of(kafka_url))
    try:
        await broker.admin.start()
        await broker.consumer.start()
    except BaseException:
        await disconnected(broker)
        raise
    return broker


async def disconnected(broker: Broker) -> None:
    """Close both, whether or not they were open."""
    await asyncio.gather(broker.admin.close(), broker.consumer.stop(), return_exceptions=True)


async def backlog_of(kafka_url: str, namespace: str) -> Backlog:
    """Connect, ask for the groups of a namespace once, and close."""
    broker = await connected(kafka_url)
    try:
        return await backlog(broker, namespace)
    finally:
        await disconnected(broker)


class AskedBroker:
    """The one connection of an installation by which pages ask the broker.

    One question at a time, and who reads is asked again after a few seconds only, even of a broker
    that is away: however many look, the broker does not notice.
    """

    def __init__(
        self, kafka_url: str = "127.0.0.1:9092", *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._kafka_url = kafka_url
        self._timer = timer
        self._broker: Broker | None = None
        self._one_at_a_time = asyncio.Lock()
        self._backlog: tuple[float, Backlog | BrokerUnavailable] | None = None

    async def backlog(self, namespace: str) -> Backlog:
        """Return the groups of a namespace as they were a few seconds ago.

        Raises `BrokerUnavailable`.
        """
        async with self._one_at_a_time:
            known = self._backlog
            if known is None or self._timer() - known[0] >= KEPT_SECONDS:
                try:
                    found = await self._answer(lambda broker: backlog(broker, namespace))
                except BrokerUnavailable as error:
                    found = error
                known = self._backlog = (self._timer(), found)
        if isinstance(known[1], BrokerUnavailable):
            raise known[1]
        return known[1]

    async def ask(self, question: Callable[[Broker], Awaitable[A]]) -> A:
        """Ask something else, now. Raises `BrokerUnavailable`, and what the question raises."""
        async with self._one_at_a_time:
            return await self._answer(question)

    def forget(self) -> None:
        """Have the next who looks ask anew: somebody has just changed who reads."""
        self._backlog = None

    async def stop(self) -> None:
        """Disconnect."""
        broker, self._broker = self._broker, None
        if broker is not None:
            await disconnected(broker)

    async def _answer(self, question: Callable[[Broker], Awaitable[A]]) -> A:
        try:
            async with asyncio.timeout(2 * TIMEOUT_SECONDS):
                if self._broker is None:
                    self._broker = await connected(self._kafka_url)
                return await question(self._broker)
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise BrokerUnavailable(f"{type(error).__name__}: {error}") from error


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


async def _group(admin: Any, consumer: KafkaConsumer, name: str) -> Group:
    state, members = await _described(admin, name)
    committed = await committed_offsets(admin, name)
    ends = await consumer.end_offsets(list(committed)) if committed else {}
    lag = sum(max(0, ends[part] - at) for part, at in committed.items())
    topics = tuple(sorted({part.topic for part in committed}))
    places = {part: (at, ends[part]) for part, at in committed.items()}
    return Group(name, state, members, lag, topics, places)


async def _dead_letters(consumer: KafkaConsumer, namespace: str) -> int:
    """Return how many records the topic of dead letters holds."""
    topic = DEAD_LETTERS.on(namespace)
    parts = [TopicPartition(topic, number) for number in range(DEAD_LETTERS.partitions)]
    begins, ends = await asyncio.gather(
        consumer.beginning_offsets(parts), consumer.end_offsets(parts)
    )
    return sum(ends[part] - begins[part] for part in parts)
