"""Compacted topics as tables: read whole, without a group, ready only then, woken on change."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from contracts.event import Event
from contracts.topics import Topic
from libs.wire.backends.log import Bad, Record
from libs.wire.tail import Tail, UnreadableError, key_of
from libs.wire.wire import Wire

E = TypeVar("E", bound=Event)


class Table(Tail[E]):
    """The latest event of each key of a compacted topic.

    `rows` holds it, by key. An older `revision` than the one held is ignored; a tombstone removes
    the row. A record that is passed over (see `Tail`), or whose key is another's, leaves the row as
    it was.
    """

    def __init__(
        self,
        wire: Wire,
        topic: Topic,
        event: type[E],
        *,
        on_change: Callable[[str, E | None], None] | None = None,
        on_bad: Callable[[Bad], None] | None = None,
    ) -> None:
        """Prepare; `on_bad` hears what is passed over.

        (Told anew at each start: the row is in the topic until another of its key.)
        """
        super().__init__(wire, topic, event, lambda _: None, on_bad=on_bad)
        self.rows: dict[str, E] = {}
        self._on_change = on_change
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Wait until some row has changed since the last call."""
        await self._changed.wait()
        self._changed.clear()

    def receive(self, record: Record) -> None:
        """Take a record of the table."""
        key = key_of(record)
        event = None if record.value is None else self.read(record)
        if event is not None and event.key != key:
            raise UnreadableError(f"key: {key!r:.200} beside an event of {event.key!r:.200}")
        if event is None:
            self.rows.pop(key, None)
        else:
            held = self.rows.get(key)
            if held is not None and getattr(event, "revision", 0) < getattr(held, "revision", 0):
                return
            self.rows[key] = event
        self._changed.set()
        if self._on_change:
            self._on_change(key, event)
