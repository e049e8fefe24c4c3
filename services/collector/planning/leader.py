"""One scheduler leads: whoever the group gives all partitions of the outcomes to.

The broker's own group protocol is the election: a leader that dies or hangs loses its partitions
after the session's time-out, and its late commits are refused. The epoch in jobs does the rest.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import (
    ConsumerProtocolMemberAssignment,
    ConsumerProtocolMemberMetadata,
)


class OneLeads(AbstractPartitionAssignor):
    """Gives every partition to one member: the first by name. The others wait."""

    name = "one-leads"
    version = 0

    @classmethod
    def assign(
        cls, cluster: Any, members: Mapping[str, Any]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Return the assignment of each member."""
        leader = min(members)
        topics = sorted({topic for member in members.values() for topic in member.subscription})
        everything = [
            (topic, sorted(cluster.partitions_for_topic(topic) or ())) for topic in topics
        ]
        return {
            member: ConsumerProtocolMemberAssignment(
                cls.version, everything if member == leader else [], b""
            )
            for member in members
        }

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """Return what a member says of itself: the topics."""
        return ConsumerProtocolMemberMetadata(cls.version, list(topics), b"")

    @classmethod
    def on_assignment(cls, assignment: Any) -> None:
        """Keep nothing: the lane is told."""
