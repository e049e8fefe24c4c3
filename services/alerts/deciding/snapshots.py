"""The snapshots of partitions, read whole when a decider is assigned them."""

import struct
from collections.abc import Sequence
from functools import lru_cache

import structlog
from aiokafka import TopicPartition
from aiokafka.partitioner import murmur2

from contracts.alerts import DeciderState
from contracts.topics import ALERTS_STATE, MENTIONS_MATCHED, WATCH_PARTITIONS
from libs.deciding.state import WatchState
from libs.wire.backends.log import Record
from libs.wire.codec import validated
from libs.wire.metrics import BAD_RECORDS
from libs.wire.read_to_end import ends_of, partitions_of, read_to_end
from libs.wire.tail import key_of
from libs.wire.wire import Wire

log = structlog.get_logger(__name__)


@lru_cache(maxsize=200_000)
def partition_of(watch: str) -> int:
    """Return the partition of everything keyed by a watch (Kafka's default partitioner)."""
    return (murmur2(watch.encode()) & 0x7FFFFFFF) % WATCH_PARTITIONS


async def load_snapshots(wire: Wire, partitions: Sequence[int]) -> dict[str, DeciderState]:
    """Return the snapshot of every watch of these partitions that covers most, by watch.

    One that cannot be used (unreadable, of another installation or partition, further than the
    matches go) is passed over and told: that watch begins from an older one, or from nothing; what
    is then told again has the same ids, and delivery knows it.
    """
    furthest: dict[str, DeciderState] = {}
    ends = await _ends(wire, partitions)

    def take(place: TopicPartition, records: Sequence[Record]) -> None:
        for record in records:
            if record.value is None:
                furthest.pop(key_of(record), None)
                continue
            read = validated(DeciderState, record.value, wire.installation)
            if not isinstance(read, str):
                read = unusable(read, place.partition, ends[place.partition]) or read
            if isinstance(read, str):
                BAD_RECORDS.labels("alerts-deciders", ALERTS_STATE.name).inc()
                log.error("snapshot passed over", partition=place.partition, offset=record.offset,
                          watch=key_of(record), why=read)  # fmt: skip
            else:
                keep_furthest(furthest, read)

    await read_to_end(wire.log, partitions_of(ALERTS_STATE, wire.namespace, partitions), take)
    return furthest


async def _ends(wire: Wire, partitions: Sequence[int]) -> dict[int, int]:
    """Return how far the matches of partitions go."""
    places = partitions_of(MENTIONS_MATCHED, wire.namespace, partitions)
    ends = await ends_of(wire.log, places)
    return {place.partition: end for place, end in ends.items()}


def unusable(read: DeciderState, partition: int, end: int) -> str | None:
    """Return why a decider cannot go on from a snapshot of a partition, None when it can.

    Matches before `offset` are passed over: one beyond `end`, written before the topic was made
    anew, would silence its watch until as many have come again.
    """
    if partition_of(read.watch) != partition:
        return "watch: of another partition"
    if read.offset > end:
        return f"offset: {read.offset}, and the matches end at {end}"
    if any(alert.origin != read.origin or alert.watch != read.watch for alert in read.outgoing):
        return "outgoing: an alert of another watch or installation"
    try:
        WatchState.load(read)
    except (ValueError, OverflowError, struct.error) as error:
        return f"sightings: {error}"
    return None


def keep_furthest(held: dict[str, DeciderState], read: DeciderState) -> None:
    """Keep a snapshot unless the one held covers more.

    The last in the log is not always the furthest: a decider that was paused beyond its session
    writes its old state after its successor's. Where both cover as much, the later generation of
    the group knows more: what the earlier one did not tell, it has.
    """
    known = held.get(read.watch)
    if known is None or _reach(read) >= _reach(known):
        held[read.watch] = read


def _reach(state: DeciderState) -> tuple[int, int, float]:
    return (state.offset, state.generation, state.saved_at.timestamp())
