"""The part of aiokafka that we use, typed (the library ships no complete types)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor

KT = TypeVar("KT")
VT = TypeVar("VT")

class TopicPartition(NamedTuple):
    topic: str
    partition: int

class OffsetAndMetadata(NamedTuple):
    offset: int
    metadata: str

class OffsetAndTimestamp(NamedTuple):
    offset: int
    timestamp: int | None

class RecordMetadata(NamedTuple):
    topic: str
    partition: int
    topic_partition: TopicPartition
    offset: int
    timestamp: int | None
    timestamp_type: int
    log_start_offset: int | None

class ConsumerRecord(Generic[KT, VT]):
    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: KT | None
    value: VT | None
    headers: Sequence[tuple[str, bytes]]

class ConsumerRebalanceListener:
    def on_partitions_revoked(self, revoked: list[TopicPartition]) -> Any: ...
    def on_partitions_assigned(self, assigned: list[TopicPartition]) -> Any: ...

class AIOKafkaConsumer:
    def __init__(
        self,
        *topics: str,
        bootstrap_servers: str | list[str] = ...,
        client_id: str = ...,
        group_id: str | None = ...,
        enable_auto_commit: bool = ...,
        auto_offset_reset: str = ...,
        fetch_max_bytes: int = ...,
        fetch_max_wait_ms: int = ...,
        max_partition_fetch_bytes: int = ...,
        max_poll_records: int | None = ...,
        max_poll_interval_ms: int = ...,
        session_timeout_ms: int = ...,
        check_crcs: bool = ...,
        isolation_level: str = ...,
        heartbeat_interval_ms: int = ...,
        partition_assignment_strategy: Sequence[type[AbstractPartitionAssignor]] = ...,
    ) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def assign(self, partitions: Iterable[TopicPartition]) -> None: ...
    def assignment(self) -> set[TopicPartition]: ...
    def subscribe(
        self, topics: Sequence[str] = ..., listener: ConsumerRebalanceListener | None = ...
    ) -> None: ...
    def partitions_for_topic(self, topic: str) -> set[int] | None: ...
    async def seek_to_beginning(self, *partitions: TopicPartition) -> bool: ...
    async def seek_to_end(self, *partitions: TopicPartition) -> bool: ...
    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    async def position(self, partition: TopicPartition) -> int: ...
    async def committed(self, partition: TopicPartition) -> int | None: ...
    async def commit(self, offsets: Mapping[TopicPartition, int] | None = ...) -> None: ...
    async def beginning_offsets(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, int]: ...
    async def end_offsets(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, int]: ...
    async def offsets_for_times(
        self, timestamps: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, OffsetAndTimestamp | None]: ...
    def pause(self, *partitions: TopicPartition) -> None: ...
    def resume(self, *partitions: TopicPartition) -> None: ...
    def highwater(self, partition: TopicPartition) -> int | None: ...
    async def getone(self, *partitions: TopicPartition) -> ConsumerRecord[bytes, bytes]: ...
    async def getmany(
        self,
        *partitions: TopicPartition,
        timeout_ms: int = ...,
        max_records: int | None = ...,
    ) -> dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]: ...

class AIOKafkaProducer:
    def __init__(
        self,
        *,
        bootstrap_servers: str | list[str] = ...,
        client_id: str = ...,
        acks: int | str = ...,
        compression_type: str | None = ...,
        max_batch_size: int = ...,
        max_request_size: int = ...,
        linger_ms: int = ...,
        enable_idempotence: bool = ...,
        partitioner: Callable[[bytes, list[int], list[int]], int] = ...,
    ) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def flush(self) -> None: ...
    async def send(
        self,
        topic: str,
        value: bytes | None = ...,
        key: bytes | None = ...,
        partition: int | None = ...,
        timestamp_ms: int | None = ...,
        headers: Sequence[tuple[str, bytes]] | None = ...,
    ) -> asyncio.Future[RecordMetadata]: ...
    async def send_and_wait(
        self,
        topic: str,
        value: bytes | None = ...,
        key: bytes | None = ...,
        partition: int | None = ...,
        timestamp_ms: int | None = ...,
        headers: Sequence[tuple[str, bytes]] | None = ...,
    ) -> RecordMetadata: ...
    def create_batch(self) -> Any: ...
    async def send_batch(
        self, batch: Any, topic: str, *, partition: int
    ) -> asyncio.Future[RecordMetadata]: ...
    async def partitions_for(self, topic: str) -> set[int]: ...
