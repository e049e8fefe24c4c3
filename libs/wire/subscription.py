"""What a wire reads: a subscription that runs, and the batch that it cannot pass."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

log = structlog.get_logger(__name__)


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


class BrokerErrors:
    """The logger given to FastStream: it tells what the broker refuses to a subscription.

    FastStream asks again every 5 s, for ever, and says so to its logger alone (a right that is
    missing, a member that was fenced). Of the rest, handlers' errors among it, the wire speaks.
    """

    def __init__(self, client: str) -> None:
        self._client = client

    def log(
        self,
        level: int,
        msg: object,
        /,
        *,
        exc_info: object = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell an error of the broker; anything else is passed over."""
        if level >= logging.ERROR and isinstance(exc_info, KafkaError):
            log.error("broker refuses", client=self._client, said=str(msg), error=repr(exc_info))
