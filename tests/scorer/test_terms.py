"""Observations of a network with terms: on a topic of its own, stored like the others."""

from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from contracts.event import Event
from contracts.networks import NETWORKS
from contracts.topics import ACCOUNTS_OBSERVED, DAY_MS, POSTS_OBSERVED, Topic
from tests.deadlines import until_found
from tests.events import samples
from tests.scorer.conftest import Line

OBSERVED = (ACCOUNTS_OBSERVED, POSTS_OBSERVED)


def seen(topic: Topic, network: str) -> Event:
    fields = {"account": network, "event_id": network, "network": network}
    return topic.event.read(samples(topic)[0]).model_copy(update=fields)


async def read(line: Line, topics: list[str], count: int) -> set[tuple[str, str]]:
    """The topic and the network of so many records."""
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=line.kafka_url, auto_offset_reset="earliest"
    )
    await consumer.start()
    found: set[tuple[str, str]] = set()

    async def more() -> int:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found.update((record.topic, record.key.decode()) for record in records)
        return len(found)

    try:
        await until_found(more, lambda read: read >= count)
    finally:
        await consumer.stop()
    return found


@pytest.mark.broker
@pytest.mark.engine
async def test_what_a_network_lets_keep_for_days_is_published_apart_and_stored(line, reading):
    wire = line.wire()
    await wire.start()
    for topic in OBSERVED:
        await wire.publish(topic, seen(topic, NETWORKS[0].slug))
        await wire.publish_all(topic, [seen(topic, network.slug) for network in NETWORKS])
    await wire.stop()
    names = {part.on(line.namespace): part for topic in OBSERVED for part in topic.parts}
    for name, slug in await read(line, sorted(names), len(OBSERVED) * len(NETWORKS)):
        (network,) = (each for each in NETWORKS if each.slug == slug)
        kept = names[name].config
        if network.retention_days is not None:
            days = int(kept["retention.ms"]) + int(kept["segment.ms"])
            assert days <= network.retention_days * DAY_MS
        else:
            assert names[name] in OBSERVED

    await reading()
    for topic in OBSERVED:

        async def stored(topic: Topic = topic) -> set[Any]:
            return {getattr(event, "network", None) for event in await line.stored(topic.name)}

        await until_found(stored, lambda found: len(found) == len(NETWORKS))
