"""Topics are created once, as the registry says."""

from dataclasses import replace

import pytest

from contracts.topics import TOPICS, WATCHES
from libs.wire.provision import TopicRefused, create_topics

pytestmark = pytest.mark.broker


async def test_what_is_missing_is_created_and_what_stands_is_left(kafka_url: str) -> None:
    names = await create_topics(kafka_url, "provision", TOPICS[:3])
    assert names == sorted(topic.on("provision") for topic in TOPICS[:3])
    assert len(await create_topics(kafka_url, "provision")) == len(TOPICS) - 3
    assert await create_topics(kafka_url, "provision") == []


async def test_another_number_of_partitions_is_refused(kafka_url: str) -> None:
    await create_topics(kafka_url, "moved", [WATCHES])
    with pytest.raises(TopicRefused, match="12 partitions, the registry says 13"):
        await create_topics(kafka_url, "moved", [replace(WATCHES, partitions=13)])


async def test_a_topic_that_the_broker_refuses_is_named(kafka_url: str) -> None:
    with pytest.raises(TopicRefused, match="illegal name"):
        await create_topics(kafka_url, "illegal name", [WATCHES])
