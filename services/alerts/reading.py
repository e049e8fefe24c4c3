"""What the consumers share that say themselves what is done and may be committed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import stamina
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from contracts.event import Event
from contracts.wire import Ceiling, Received, Wire, reason_of

E = TypeVar("E", bound=Event)


class Reading(Generic[E]):
    """Reads records of one topic; bad ones go to the dead letters, under their ceiling."""

    def __init__(self, wire: Wire, event: type[E], group: str) -> None:
        self._wire = wire
        self._event = event
        self._group = group
        self._ceiling = Ceiling()

    async def read(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> list[Received[E]]:
        """Return the events of the good records; raises `Stopped` above the ceiling."""
        good: list[Received[E]] = []
        bad: list[tuple[ConsumerRecord[bytes, bytes], str]] = []
        for record in records:
            try:
                event = self._event.read(record.value or b"")
            except ValidationError as error:
                bad.append((record, reason_of(error)))
                continue
            if self._wire.refuses(event.origin):
                bad.append((record, f"origin: an event « {event.origin} » has no place here"))
            else:
                good.append(Received(event, record.topic, record.partition, record.offset))
        self._ceiling.count(len(records), len(bad))
        if bad:
            await self._wire.dead_letters(bad, self._group)
        return good


async def until_done(attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until Kafka has taken it (waiting 30 s at most): what is in memory is ahead of it."""
    async for trial in stamina.retry_context(
        on=KafkaError, attempts=None, timeout=None, wait_max=30
    ):
        with trial:
            await attempt()
