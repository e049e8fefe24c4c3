"""The mentions that were published before: without them, nobody would tell of their deletion."""

import msgspec
from aiokafka import TopicPartition

from contracts.topics import MENTIONS_OBSERVED
from libs.wire.consumer import Consumer
from libs.wire.wire import Wire


class Said(msgspec.Struct):
    """What is needed of a mention."""

    mention: str
    network: str
    state: str = "present"


async def mentions_known(wire: Wire, network: str) -> list[str]:
    """Return the mentions of a network that the topic still holds (30 days), oldest first."""
    name = MENTIONS_OBSERVED.on(wire.namespace)
    partitions = [TopicPartition(name, number) for number in range(MENTIONS_OBSERVED.partitions)]
    consumer = Consumer(bootstrap_servers=wire.kafka_url.split(","), enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[str, None] = {}
        decode = msgspec.json.Decoder(Said).decode
        while True:
            positions = [await consumer.position(partition) for partition in partitions]
            if all(at >= ends[p] for at, p in zip(positions, partitions, strict=True)):
                return list(found)
            batches = await consumer.getmany(timeout_ms=200)
            for records in batches.values():
                for record in records:
                    try:
                        said = decode(record.value or b"")
                    except msgspec.DecodeError:
                        continue
                    if said.network == network and said.state == "present":
                        found[said.mention] = None
    finally:
        await consumer.stop()
