"""Topics are created once, as the registry says."""

import asyncio
from dataclasses import replace

import pytest
import yaml
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from click.testing import CliRunner

from contracts.topics import ALERTS_RAISED, THIRTEEN_MONTHS, TOPICS, WATCHES
from deploy.generation.generated import PRODUCTION
from libs.wire.provision import TopicRefused, create_topics, topic_settings
from services.cli import main
from tests.deadlines import until_found

pytestmark = pytest.mark.broker


async def test_what_is_missing_is_created_and_what_stands_is_left(kafka_url):
    names = await create_topics(kafka_url, "provision", TOPICS[:3])
    assert names == sorted(topic.on("provision") for topic in TOPICS[:3])
    assert len(await create_topics(kafka_url, "provision")) == len(TOPICS) - 3
    assert await create_topics(kafka_url, "provision") == []


def test_the_command_names_topics_as_the_services_do(kafka_url):
    """A service that is told a name apart reads topics of that name."""
    given = {
        "KAFKA_URL": kafka_url,
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "OBSERVATOIRE_TOPIC_NAMESPACE": "apart",
    }
    told = CliRunner().invoke(main, ["topics", "create"], env=given)
    assert told.exit_code == 0, told.output
    assert asyncio.run(create_topics(kafka_url, "apart")) == []
    shown = CliRunner().invoke(main, ["topics", "show", WATCHES.name], env=given)
    assert shown.exit_code == 0, shown.output


async def test_another_number_of_partitions_is_refused(kafka_url):
    await create_topics(kafka_url, "moved", [WATCHES])
    with pytest.raises(TopicRefused, match="12 partitions, the registry says 13"):
        await create_topics(kafka_url, "moved", [replace(WATCHES, partitions=13)])


async def test_a_topic_that_the_broker_refuses_is_named(kafka_url):
    with pytest.raises(TopicRefused, match="illegal name"):
        await create_topics(kafka_url, "illegal name", [WATCHES])


async def test_a_topic_that_stands_gets_the_retention_of_this_version(kafka_url):
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


@pytest.mark.parametrize(("replicas", "in_step"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_two_copies_are_in_step_where_there_are_three(replicas, in_step):
    assert topic_settings(WATCHES, replicas) == WATCHES.config | {"min.insync.replicas": in_step}


def test_the_manifests_of_production_ask_for_three_copies_of_every_topic():
    rendered = list(yaml.safe_load_all((PRODUCTION / "topics.yaml").read_text(encoding="utf-8")))
    assert len(rendered) == len(TOPICS)
    for manifest in rendered:
        assert manifest["spec"]["replicas"] == 3
        assert manifest["spec"]["config"]["min.insync.replicas"] == "2"


async def test_a_topic_has_the_copies_that_are_asked_for(kafka_url):
    with pytest.raises(TopicRefused, match="eplication"):
        await create_topics(kafka_url, "copies", [WATCHES], replicas=3)
    await create_topics(kafka_url, "copies", [WATCHES])
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_url)
    await admin.start()
    try:
        assert (await settings(admin, WATCHES.on("copies")))["min.insync.replicas"] == "1"
    finally:
        await admin.close()
