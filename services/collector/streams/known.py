"""The mentions that were published before: without them, nobody would tell of their deletion."""

from collections.abc import Sequence

import msgspec
from aiokafka import TopicPartition

from contracts.topics import MENTIONS_OBSERVED
from libs.wire.backends.log import Record
from libs.wire.read_to_end import partitions_of, read_to_end
from libs.wire.wire import Wire


class Mentions:
    """Addresses of the mentions published before, by author; the oldest are forgotten first."""

    def __init__(self, most: int = 200_000) -> None:
        self._most = most
        self._known: dict[str, None] = {}
        self._by_author: dict[str, set[str]] = {}

    def __contains__(self, address: str) -> bool:
        """Tell whether a mention of this address was published."""
        return address in self._known

    def add(self, address: str) -> None:
        """Remember a mention."""
        self._known[address] = None
        self._by_author.setdefault(_author(address), set()).add(address)
        if len(self._known) > self._most:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._by_author[_author(oldest)].discard(oldest)
            if not self._by_author[_author(oldest)]:
                del self._by_author[_author(oldest)]

    def of(self, author: str) -> list[str]:
        """Return the mentions of an author, in the order of their names."""
        return sorted(self._by_author.get(author, ()))


def _author(address: str) -> str:
    """Return the part of a page's address that names whose it is."""
    return address.rpartition("/profile/")[2].partition("/")[0]


class Said(msgspec.Struct):
    """What is needed of a mention."""

    address: str
    network: str
    state: str = "present"
    origin: str = ""


async def mentions_known(wire: Wire, network: str) -> list[str]:
    """Return the addresses of a network's mentions that the topic still holds, oldest first."""
    found: dict[str, None] = {}
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

    await read_to_end(wire.log, partitions_of(MENTIONS_OBSERVED, wire.namespace), take)
    return list(found)
