"""What a watch has seen, packed: for each subject 8 bytes of hash, 4 of when it was published.

In a snapshot of a decider, and in what a watch learns of the time before it was made.
"""

import base64
import hashlib
import struct
from collections.abc import Iterable, Iterator
from datetime import datetime

_ENTRY = struct.Struct("<QI")


def digest_of(subject: str) -> int:
    """Return the hash of a subject."""
    return int.from_bytes(hashlib.blake2b(subject.encode(), digest_size=8).digest(), "little")


def minute_of(moment: datetime) -> int:
    """Return the minutes since 1970 (UTC)."""
    return int(moment.timestamp() // 60)


def packed(entries: Iterable[tuple[int, int]]) -> str:
    """Write entries (hash, minute) as base64, 12 bytes each."""
    return base64.b64encode(b"".join(_ENTRY.pack(*entry) for entry in entries)).decode()


def unpacked(text: str) -> Iterator[tuple[int, int]]:
    """Read what `packed` wrote; raises `ValueError` or `struct.error` for what it did not."""
    return _ENTRY.iter_unpack(base64.b64decode(text))
