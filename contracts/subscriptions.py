"""What a wire reads: a subscription that runs, and the batch that it cannot pass."""

from dataclasses import dataclass
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition


class Subscription:
    """A subscription that runs: what it has still to read."""

    def __init__(self, subscriber: Any) -> None:
        self._subscriber = subscriber

    async def lag(self) -> dict[str, int]:
        """Return how many records of each topic (its name on the wire) are not yet read."""
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer
        lags: dict[str, int] = {}
        for partition in consumer.assignment() if consumer else ():
            end = cast("Any", consumer).highwater(partition)
            if end is not None and consumer:
                behind = end - await consumer.position(partition)
                lags[partition.topic] = lags.get(partition.topic, 0) + max(0, behind)
        return lags

    def holds(self, topic: str, partition: int) -> bool:
        """Tell whether a partition of a topic (its name on the wire) is read here."""
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer
        return consumer is not None and TopicPartition(topic, partition) in consumer.assignment()


@dataclass(frozen=True, slots=True)
class Failing:
    """A batch that a subscription reads again and again, where it stands, and why."""

    group: str
    why: str
    subscription: Subscription
    places: frozenset[tuple[str, int]]

    @property
    def ours(self) -> bool:
        """Tell whether the batch is still this process's to read."""
        return any(self.subscription.holds(*place) for place in self.places)
