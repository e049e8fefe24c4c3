"""What the wire asks of a log: the broker (kafka.py), or one in memory for tests (memory.py)."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from aiokafka import ConsumerRebalanceListener, TopicPartition

from libs.tracing.spans import Headers


class Record(Protocol):
    """A record as the log keeps it; `timestamp` in Unix milliseconds, of its publication."""

    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Headers: ...  # noqa: D102


Places: TypeAlias = list[TopicPartition]
Found: TypeAlias = Mapping[TopicPartition, Any]

Batches: TypeAlias = Mapping[TopicPartition, Sequence[Record]]
"""What a poll brings: records by partition, in order of offset."""

Bad: TypeAlias = tuple[TopicPartition, Record, str]
"""A record that could not be used: where it stands, and why."""


class Consumer(Protocol):
    """A reader of partitions: of a group (`subscribe`), or of those it is told (`assign`).

    Positions and ends are offsets of the next record. A member of a group that lost its place
    gets `aiokafka.errors.CommitFailedError` for a commit.
    """

    @property
    def generation(self) -> int:
        """The group's generation that this member is in: higher after each change of members."""
        ...

    async def start(self) -> None: ...  # noqa: D102
    async def stop(self) -> None: ...  # noqa: D102
    def subscribe(self, topics: list[str], *, listener: ConsumerRebalanceListener) -> None: ...  # noqa: D102
    def assign(self, partitions: list[TopicPartition]) -> None: ...  # noqa: D102
    def assignment(self) -> Iterable[TopicPartition]: ...  # noqa: D102
    async def poll(self, timeout_ms: int, max_records: int | None = None) -> Batches:
        """Return records as they come, whole batches: `max_records` and those of one batch more."""
        ...

    def pause(self, *partitions: TopicPartition) -> None: ...  # noqa: D102
    def resume(self, *partitions: TopicPartition) -> None: ...  # noqa: D102
    def seek(self, partition: TopicPartition, offset: int) -> None: ...  # noqa: D102
    async def position(self, partition: TopicPartition) -> int: ...  # noqa: D102
    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...  # noqa: D102
    async def committed(self, partition: TopicPartition) -> int | None: ...  # noqa: D102
    async def beginning_offsets(self, partitions: Places) -> dict[TopicPartition, int]: ...  # noqa: D102
    async def end_offsets(self, partitions: Places) -> dict[TopicPartition, int]: ...  # noqa: D102
    async def offsets_for_times(self, timestamps: dict[TopicPartition, int]) -> Found: ...  # noqa: D102


class Log(Protocol):
    """Topics that are written to and read."""

    async def start(self) -> None: ...  # noqa: D102
    async def stop(self) -> None: ...  # noqa: D102
    async def ping(self) -> None: ...  # noqa: D102
    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, headers: Headers = ()
    ) -> Awaitable[object]:
        """Hand a record over; what is returned ends when it is kept, or raises `KafkaError`."""
        ...

    def consumer(self, group: str | None = None, **settings: Any) -> Consumer:
        """Return a consumer, not started, which commits only what it is told to."""
        ...


Take: TypeAlias = Callable[[TopicPartition, Sequence[Record]], None]
