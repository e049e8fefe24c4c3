"""The snapshots of partitions, read whole when a decider is assigned them."""

from collections.abc import Sequence

import structlog
from aiokafka import TopicPartition

from contracts.alerts import DeciderState
from contracts.topics import ALERTS_STATE
from libs.wire.backends.log import Record
from libs.wire.codec import judge
from libs.wire.metrics import BAD_RECORDS
from libs.wire.read_to_end import partitions_of, read_to_end
from libs.wire.tail import key_of
from libs.wire.wire import Wire

log = structlog.get_logger(__name__)


async def load_snapshots(wire: Wire, partitions: Sequence[int]) -> dict[str, DeciderState]:
    """Return the snapshot of every watch of these partitions that covers most, by watch.

    One that cannot be read, or is of another installation, is passed over and told: that watch
    begins from an older one, or from nothing; what is then told again has the same ids, and
    delivery knows it.
    """
    furthest: dict[str, DeciderState] = {}

    def take(place: TopicPartition, records: Sequence[Record]) -> None:
        for record in records:
            if record.value is None:
                furthest.pop(key_of(record), None)
                continue
            read = judge(DeciderState, record.value, wire.installation)
            if isinstance(read, str):
                BAD_RECORDS.labels("alerts-deciders", ALERTS_STATE.name).inc()
                log.error("snapshot passed over", partition=place.partition, offset=record.offset,
                          watch=key_of(record), why=read)  # fmt: skip
            else:
                keep_furthest(furthest, read)

    await read_to_end(wire.log, partitions_of(ALERTS_STATE, wire.namespace, partitions), take)
    return furthest


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
