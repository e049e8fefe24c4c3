"""What decides which member of a group reads which partitions."""

from abc import ABC
from collections.abc import Iterable, Mapping
from typing import Any

class AbstractPartitionAssignor(ABC):
    name: str
    @classmethod
    def assign(cls, cluster: Any, members: Mapping[str, Any]) -> dict[str, Any]: ...
    @classmethod
    def metadata(cls, topics: Iterable[str]) -> Any: ...
    @classmethod
    def on_assignment(cls, assignment: Any) -> None: ...
