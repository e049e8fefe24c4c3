"""Create the topics of an installation on a broker, from the registry."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.topics import TOPICS, Topic
from libs.wire.backends.clients import admin_of, opened
from libs.wire.work import WireError

_ALREADY_EXISTS = 36
"""The broker's code (TOPIC_ALREADY_EXISTS)."""

_OWN = 1
"""Source of a setting: the topic's own, neither the broker's nor a default."""


REPLICAS = 3
"""Copies of each partition in production: one machine may be lost, and another be restarted."""


def topic_settings(topic: Topic, replicas: int) -> dict[str, str]:
    """Return the settings of a topic of so many copies.

    Producers wait for all copies that are in step (`acks=all`): that must be two at least, or the
    loss of the one that acknowledged loses the record. With less than three copies, two would stop
    everything when one is away.
    """
    return topic.config | {"min.insync.replicas": "2" if replicas >= REPLICAS else "1"}


class TopicRefused(WireError):
    """The broker refuses a topic, or holds one that is not as the registry says."""


async def create_topics(
    kafka_url: str,
    namespace: str,
    topics: Iterable[Topic] = TOPICS,
    *,
    replicas: int = 1,
    seconds: float = 15.0,
) -> list[str]:
    """Create the topics that are missing, and their parts; return the new names once usable.

    Those that are there get the settings of this version (a retention that became shorter), and
    keep any other that an operator gave them.

    Raises `TopicRefused` when one is refused, or exists with another number of partitions (keys
    would move), and `TimeoutError` when they are not usable in time.
    """
    wanted = {part.on(namespace): part for topic in topics for part in topic.parts}
    async with opened(admin_of(kafka_url)) as admin:
        missing = sorted(wanted.keys() - set(await admin.list_topics()))
        answer = await admin.create_topics(
            [
                NewTopic(
                    name,
                    wanted[name].partitions,
                    replicas,
                    topic_configs=topic_settings(wanted[name], replicas),
                )
                for name in missing
            ]
        )
        for told in answer.to_object()["topic_errors"]:
            if told["error_code"] not in (0, _ALREADY_EXISTS):
                raise TopicRefused(f"{told['topic']}: {told['error_message']}")
        found = await _usable(admin, set(wanted), seconds)
        await _configure(admin, {name: wanted[name].config for name in wanted.keys() - {*missing}})
    for name, partitions in found.items():
        if partitions != wanted[name].partitions:
            raise TopicRefused(
                f"{name} has {partitions} partitions, the registry says {wanted[name].partitions}: "
                "keys would move; declare a new version of the topic"
            )
    return missing


async def _configure(admin: AIOKafkaAdminClient, wanted: dict[str, dict[str, str]]) -> None:
    if not wanted:
        return
    kind = ConfigResourceType.TOPIC
    # Its methods on settings come from a mixin too.
    configs = cast(Any, admin)
    answers: list[Any] = await configs.describe_configs([ConfigResource(kind, n) for n in wanted])
    told: list[dict[str, Any]] = [r for answer in answers for r in answer.to_object()["resources"]]
    changes: list[ConfigResource] = []
    for topic in told:
        entries: list[dict[str, Any]] = topic["config_entries"]
        held = {e["config_names"]: e["config_value"] for e in entries if e["config_source"] == _OWN}
        config = held | wanted[topic["resource_name"]]
        if config != held:
            changes.append(ConfigResource(kind, topic["resource_name"], config))
    if changes:
        await configs.alter_configs(changes)


async def _usable(admin: AIOKafkaAdminClient, names: set[str], seconds: float) -> dict[str, int]:
    """Wait until the broker serves the topics; return the partitions of each."""
    async with asyncio.timeout(seconds):
        while True:
            # Its methods on topics come from a mixin that a type checker does not see.
            described: list[dict[str, Any]] = await cast(Any, admin).describe_topics(list(names))
            found = {t["topic"]: len(t["partitions"]) for t in described if not t["error_code"]}
            if names <= found.keys():
                return found
            await asyncio.sleep(0.05)
