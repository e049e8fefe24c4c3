"""Which watches a text matched: its deletion, which has no text, is told to the same ones."""

from collections import OrderedDict
from datetime import datetime
from typing import Literal

import msgspec

from contracts.event import Origin, hashed_id
from contracts.mentions import MentionMatched

MOST_BYTES = 100_000_000
"""Memory for the texts matched last and the watches that each concerned."""

ENTRY_BYTES = 320
"""What a subject costs beside its letters (CPython 3.11): two objects, a link and two slots."""


class _Known(msgspec.Struct, array_like=True):
    """What a deletion must repeat of a subject, and the revisions of the watches it concerned."""

    origin: Origin
    kind: Literal["mention", "post"]
    network: str
    address: str
    source: str
    published_at: datetime
    author: str | None
    watches: dict[str, int]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Known).decode


class Concerned:
    """The subjects matched last, within a bound of memory, and the watches each concerned."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._held = most_bytes, 0
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def add(self, match: MentionMatched) -> None:
        """Remember a match; beyond the bound, subjects matched longest ago are forgotten."""
        subject, packed = match.subject, self._known.pop(match.subject, None)
        if packed is not None:
            self._held -= _weight(subject, packed)
        watches = {} if packed is None else _decode(packed).watches
        watches[match.watch] = match.watch_revision
        known = _Known(
            origin=match.origin,
            kind=match.subject_kind,
            network=match.network,
            address=match.address,
            source=match.source,
            published_at=match.published_at,
            author=match.author,
            watches=watches,
        )
        self._known[subject] = packed = _encode(known)
        self._held += _weight(subject, packed)
        while self._held > self._most:
            self._held -= _weight(*self._known.popitem(last=False))

    def withdrawn(self, subject: str, at: datetime, now: datetime) -> list[MentionMatched]:
        """Return what tells the watches that a subject was deleted, seen to be so `at`."""
        packed = self._known.get(subject)
        if packed is None:
            return []
        known = _decode(packed)
        return [
            MentionMatched(
                event_id=hashed_id("match", watch, subject, "deleted"),
                origin=known.origin,
                watch=watch,
                watch_revision=revision,
                subject=subject,
                subject_kind=known.kind,
                network=known.network,
                address=known.address,
                source=known.source,
                published_at=known.published_at,
                observed_at=at,
                matched_at=now,
                terms=(),
                author=known.author,
                state="deleted",
            )
            for watch, revision in known.watches.items()
        ]


def _weight(subject: str, packed: bytes) -> int:
    return len(subject) + len(packed) + ENTRY_BYTES
