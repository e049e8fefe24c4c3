"""Observations of a network with terms: on a topic of its own, stored like the others."""

from typing import Any

import pytest

from contracts.event import Event
from contracts.networks import NETWORKS
from contracts.topics import ACCOUNTS_OBSERVED, DAY_MS, POSTS_OBSERVED, Topic
from tests.deadlines import until_found
from tests.events import samples
from tests.topics import read_records

OBSERVED = (ACCOUNTS_OBSERVED, POSTS_OBSERVED)


def seen(topic: Topic, network: str) -> Event:
    fields = {"account": network, "event_id": network, "network": network}
    return topic.event.read(samples(topic)[0]).model_copy(update=fields)


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
    records = await read_records(line.kafka_url, line.namespace, *OBSERVED)
    published = {(place.topic, (record.key or b"").decode()) for place, record in records}
    assert len(published) == len(OBSERVED) * len(NETWORKS)
    for name, slug in published:
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
