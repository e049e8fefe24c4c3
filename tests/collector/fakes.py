"""A wire that keeps what is published."""

from collections.abc import Iterable
from typing import Any

from contracts.event import Event
from contracts.topics import Topic
from libs.wire.wire import Wire


class KeptWire(Wire):
    """Keeps what is published, in order, with its topic; checks it as the real one does."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:1", "live")
        self.kept: list[tuple[Topic, Event]] = []

    async def publish(self, topic: Topic, event: Event, *_: Any) -> None:
        """Keep an event."""
        self.place(topic, event)
        self.kept.append((topic, event))

    async def publish_all(self, topic: Topic, events: Iterable[Event], *_: Any) -> None:
        """Keep events."""
        for event in events:
            await self.publish(topic, event)

    def of(self, topic: Topic) -> list[Any]:
        """Return what was published to a topic."""
        return [event for one, event in self.kept if one is topic]
