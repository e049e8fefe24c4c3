"""A wire over a log in memory: what is published and committed is seen."""

from typing import Any

from contracts.event import Event
from contracts.topics import Topic
from libs.wire.wire import Wire
from tests.suites.memory import MemoryLog


class MemoryWire(Wire):
    """A wire of its own log; a try that failed is made again at once."""

    def __init__(self, log: MemoryLog | None = None) -> None:
        self.memory = log or MemoryLog()
        super().__init__("nowhere:1", "simulation", log=self.memory, pause=lambda _: 0.0)

    def of(self, topic: Topic) -> list[Any]:
        """Return what was published to a topic."""
        values = self.memory.values(topic.on(self.namespace))
        return [topic.event.read(value or b"") for value in values]

    def committed(self, group: str) -> dict[int, int]:
        """Return what a group has committed, by partition, of the topics it has read."""
        found = self.memory.committed[f"{self.namespace}.{group}"]
        return {place.partition: at for place, at in found.items()}

    def another(self) -> "MemoryWire":
        """Return the wire of another process."""
        return MemoryWire(self.memory)

    async def keep(self, topic: Topic, *events: Event) -> None:
        """Publish events in order."""
        for event in events:
            await self.publish(topic, event)


class FakeMail:
    """What a channel says of an address before anything is sent; who tells what is its heir's."""

    scheme, parallel, pace = "mailto", 8, 0.0

    def shown(self, address: str) -> str:
        return address

    def message_id(self, message: str, address: str) -> str:
        return message

    def host_of(self, address: str) -> str:
        return address.split("@")[-1]
