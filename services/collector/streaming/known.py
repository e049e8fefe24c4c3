"""What an earlier leader published of a stream: where it was left, and its mentions.

Without these, nobody would tell of their deletion.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

import msgspec
from aiokafka import TopicPartition

from contracts.jobs import Progress
from contracts.topics import COLLECT_PROGRESS, MENTIONS_OBSERVED
from libs.wire.backends.log import Record
from libs.wire.read_to_end import partitions_of, read_to_end
from libs.wire.tail import Tail
from libs.wire.wire import Wire

MENTIONS_MOST = 200_000
"""Mentions of a stream whose deletion is told: some 60 MB."""


class Mentions:
    """Addresses of the mentions published before, by author; the oldest are forgotten first."""

    def __init__(self, author_of: Callable[[str], str], most: int = MENTIONS_MOST) -> None:
        self._author_of = author_of
        self._most = most
        self._known: OrderedDict[str, None] = OrderedDict()
        self._by_author: dict[str, set[str]] = {}

    def __contains__(self, address: str) -> bool:
        """Tell whether a mention of this address was published."""
        return address in self._known

    def add(self, address: str) -> None:
        """Remember a mention."""
        self._known[address] = None
        self._by_author.setdefault(self._author_of(address), set()).add(address)
        if len(self._known) > self._most:
            oldest, _ = self._known.popitem(last=False)
            author = self._author_of(oldest)
            self._by_author[author].discard(oldest)
            if not self._by_author[author]:
                del self._by_author[author]

    def of(self, author: str) -> list[str]:
        """Return the mentions of an author, in the order of their names."""
        return sorted(self._by_author.get(author, ()))


class Said(msgspec.Struct):
    """What is needed of a mention."""

    address: str
    network: str
    state: str = "present"
    origin: str = ""


async def mentions_known(wire: Wire, network: str, most: int = MENTIONS_MOST) -> list[str]:
    """Return the addresses of a network's latest mentions that the topic holds, oldest first.

    No more than `most` are ever held: the topic keeps a month of them.
    """
    found: OrderedDict[str, None] = OrderedDict()
    decode = msgspec.json.Decoder(Said).decode

    def take(_: TopicPartition, records: Sequence[Record]) -> None:
        for record in records:
            try:
                said = decode(record.value or b"")
            except (ValueError, RecursionError):  # dead letters are the scorer's to keep
                continue
            ours = said.origin == wire.installation and said.network == network
            if ours and said.state == "present":
                found[said.address] = None
                if len(found) > most:
                    found.popitem(last=False)

    await read_to_end(wire.log, partitions_of(MENTIONS_OBSERVED, wire.namespace), take)
    return list(found)


async def cursor_kept(wire: Wire, ours: Callable[[Progress], bool]) -> Progress | None:
    """Return the row where the cursor of a stream was kept last, of those that are ours."""
    rows: list[Progress] = []

    def keep(row: Progress) -> None:
        if ours(row):
            rows.append(row)

    progress = Tail(wire, COLLECT_PROGRESS, Progress, keep)
    await progress.start()
    await progress.stop()
    return max(rows, key=lambda row: row.revision, default=None)
