"""What is stored of each topic: its table, and the columns that its records become.

The columns of a table bear the names of the event's fields, so that a good record goes in as it
travels; where a table leaves fields out, the row is the record without them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from contracts.topics import TOPICS, Topic
from libs.wire.codec import struct_of

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Stored:
    """A topic whose records are rows of a table; `left_out` are the fields that it has not."""

    topic: Topic
    table: str
    left_out: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that its rows fill, in the order of the event's fields."""
        return tuple(name for name in self.topic.event.model_fields if name not in self.left_out)

    def rows(self, records: Sequence[bytes]) -> Sequence[bytes]:
        """Return the row of each record, both canonical JSON."""
        if not self.left_out:
            return records
        shorten = self._shorten
        return [shorten(record) for record in records]

    @cached_property
    def _shorten(self) -> Callable[[bytes], bytes]:
        whole = struct_of(self.topic.event)
        types = {field.encode_name: field.type for field in msgspec.structs.fields(whole)}
        kept = msgspec.defstruct(
            f"{whole.__name__}Row", [(name, types[name]) for name in self.columns], gc=False
        )
        decode = msgspec.json.Decoder(kept).decode
        return lambda record: _encode(decode(record))


STORED: tuple[Stored, ...] = tuple(
    Stored(topic, topic.table, topic.left_out) for topic in TOPICS if topic.table
)
"""What is stored of every topic, the short parts of networks with terms among them."""
