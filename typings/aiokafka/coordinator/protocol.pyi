"""What members of a group say to one another."""

from collections.abc import Mapping, Sequence

class ConsumerProtocolMemberMetadata:
    def __init__(self, version: int, subscription: Sequence[str], user_data: bytes) -> None: ...
    subscription: Sequence[str]

class ConsumerProtocolMemberAssignment:
    def __init__(
        self, version: int, assignment: Sequence[tuple[str, Sequence[int]]], user_data: bytes
    ) -> None: ...
    @classmethod
    def from_partitions(
        cls, version: int, partitions: Mapping[str, Sequence[int]], user_data: bytes
    ) -> ConsumerProtocolMemberAssignment: ...
