"""Kafka: does it answer, are the topics there, with enough copies, and read."""

from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from contracts.topics import TOPICS
from deploy.doctor.finding import Finding, fault, well
from libs.settings import Settings
from libs.wire.backends.clients import refuses_password
from libs.wire.provision import REPLICAS
from services.api.operations.broker import Backlog, Broker, backlog, connected, disconnected

KINDS = ("live", "simulation")


async def look_at_broker(settings: Settings, replicas: int | None = None) -> list[Finding]:
    """Return what is found; `replicas` are the copies wanted (else all there can be)."""
    try:
        broker = await connected(settings.kafka_url)
    except (KafkaError, OSError, TimeoutError) as error:
        if await refuses_password(settings.kafka_url):
            return [
                fault(
                    "broker-password",
                    "Kafka",
                    "l’utilisateur ou le mot de passe est refusé",
                    "vérifier l’utilisateur de KAFKA_URL et le fichier de son mot de passe",
                )
            ]
        return [
            fault(
                "broker-away",
                "Kafka",
                f"{settings.kafka_url} ne répond pas : {error}",
                "vérifier KAFKA_URL, puis que le courtier est démarré",
            )
        ]
    try:
        return await _ask(broker, settings, replicas)
    finally:
        await disconnected(broker)


async def _ask(broker: Broker, settings: Settings, replicas: int | None) -> list[Finding]:
    there = set(await broker.admin.list_topics())
    wanted = {topic.on(settings.namespace): topic for topic in TOPICS}
    missing = sorted(wanted.keys() - there)
    if missing:
        kinds = [kind for kind in KINDS if any(name.startswith(f"{kind}.") for name in there)]
        if len(missing) == len(wanted) and kinds and settings.installation not in kinds:
            return [
                fault(
                    "wrong-installation",
                    "Kafka",
                    f"ce courtier est celui d’une installation « {kinds[0]} », "
                    f"on lui demande « {settings.installation} »",
                    "vérifier OBSERVATOIRE_INSTALLATION et KAFKA_URL",
                )
            ]
        return [
            fault(
                "missing-topic",
                "Kafka",
                f"il manque {len(missing)} sujets, dont {missing[0]}",
                "observatoire topics create",
            )
        ]
    return await _copies(broker, wanted, replicas) + _unread(
        await backlog(broker, settings.namespace), await _ends(broker, wanted), settings.namespace
    )


async def _copies(broker: Broker, wanted: Mapping[str, Any], replicas: int | None) -> list[Finding]:
    described: list[dict[str, Any]] = await broker.admin.describe_topics(sorted(wanted))
    cluster: dict[str, Any] = await broker.admin.describe_cluster()
    least = replicas or min(REPLICAS, len(cluster["brokers"]))
    few = sorted(
        topic["topic"]
        for topic in described
        if any(len(one["replicas"]) < least for one in topic["partitions"])
    )
    if not few:
        return [well("Kafka", f"{len(wanted)} sujets, copies de chacun : {least}")]
    return [
        fault(
            "few-replicas",
            "Kafka",
            f"{len(few)} sujets ont moins de {least} copies, dont {few[0]} : "
            "la perte d’une machine les perdrait",
            "ajouter des copies (kafka-reassign-partitions.sh), ou --replicas 1 si c’est voulu",
        )
    ]


async def _ends(broker: Broker, wanted: Mapping[str, Any]) -> dict[str, int]:
    """Return how many records there are of each topic that some group is to read."""
    read = {
        name: [TopicPartition(name, number) for number in range(topic.partitions)]
        for name, topic in wanted.items()
        if topic.read_by and topic.retention_ms is not None
    }
    every = [part for parts in read.values() for part in parts]
    ends = await broker.consumer.end_offsets(every)
    begins = await broker.consumer.beginning_offsets(every)
    return {name: sum(ends[part] - begins[part] for part in parts) for name, parts in read.items()}


def _unread(found: Backlog, ends: Mapping[str, int], namespace: str) -> list[Finding]:
    stopped = [one for one in found.groups if not one.running and one.lag]
    if stopped:
        names = ", ".join(one.name.removeprefix(f"{namespace}.") for one in stopped)
        waiting = sum(one.lag for one in stopped)
        return [
            fault(
                "unread-topic",
                "Lecteurs",
                f"personne ne lit pour {names} : {waiting} messages attendent",
                "démarrer le service de ce nom (docs/runbooks/consumer-stopped.md)",
            )
        ]
    read = {topic for one in found.groups for topic in one.topics}
    never = sorted(name for name, count in ends.items() if count and name not in read)
    if never:
        return [
            fault(
                "unread-topic",
                "Lecteurs",
                f"aucun groupe n’a jamais lu {never[0]}, qui a {ends[never[0]]} messages",
                "démarrer les services qui le lisent (contracts/generated/asyncapi.json)",
            )
        ]
    waiting = sum(one.lag for one in found.groups)
    return [well("Lecteurs", f"{len(found.groups)} groupes, {waiting} messages en attente")]
