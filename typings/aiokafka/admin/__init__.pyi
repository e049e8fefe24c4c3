"""The part of aiokafka's admin client that we use, typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import OffsetAndMetadata, TopicPartition

class NewTopic:
    def __init__(
        self,
        name: str,
        num_partitions: int,
        replication_factor: int,
        replica_assignments: Mapping[int, Sequence[int]] | None = ...,
        topic_configs: Mapping[str, str] | None = ...,
    ) -> None: ...

class AIOKafkaAdminClient:
    def __init__(
        self,
        *,
        bootstrap_servers: str | list[str] = ...,
        client_id: str = ...,
        request_timeout_ms: int = ...,
    ) -> None: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def create_topics(
        self,
        new_topics: Sequence[NewTopic],
        timeout_ms: int | None = ...,
        validate_only: bool = ...,
    ) -> Any: ...
    async def delete_topics(self, topics: Sequence[str], timeout_ms: int | None = ...) -> Any: ...
    async def list_topics(self) -> list[str]: ...
    async def list_consumer_group_offsets(
        self, group_id: str, group_coordinator_id: int | None = ..., partitions: Any = ...
    ) -> dict[TopicPartition, OffsetAndMetadata]: ...
