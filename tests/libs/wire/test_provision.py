"""Topics are created once, as the registry says."""

from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.topics import ALERTS_RAISED, THIRTEEN_MONTHS, TOPICS, WATCHES
from libs.wire.provision import TopicRefused, create_topics
from tests.deadlines import until_found

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


async def test_a_topic_that_stands_gets_the_retention_of_this_version(kafka_url: str) -> None:
    name = ALERTS_RAISED.on("shorter")
    longer = replace(ALERTS_RAISED, retention_ms=THIRTEEN_MONTHS)
    await create_topics(kafka_url, "shorter", [longer])
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        held = await settings(admin, name)
        own = held | {"min.insync.replicas": "1"}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, own)])
        await until_set(admin, name, own)
        await create_topics(kafka_url, "shorter", [ALERTS_RAISED])
        await until_set(admin, name, ALERTS_RAISED.config | {"min.insync.replicas": "1"})
    finally:
        await admin.close()


async def settings(admin: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    """The settings that a topic has of its own."""
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    (told,) = answer.to_object()["resources"]
    entries = told["config_entries"]
    return {e["config_names"]: e["config_value"] for e in entries if e["config_source"] == 1}


async def until_set(admin: AIOKafkaAdminClient, name: str, wanted: dict[str, str]) -> None:
    await until_found(lambda: settings(admin, name), lambda held: held == wanted, 20)
