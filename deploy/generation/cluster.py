"""What operators of a cluster are asked for, from our registries: topics, users, rules."""

from typing import Any, get_args

from contracts.topics import DEAD_LETTERS, TOPICS, Service, Topic
from deploy.prometheus import rules
from libs.wire.provision import REPLICAS, topic_settings

CLUSTER = "observatoire"
INSTALLATION = "live"
API = "kafka.strimzi.io/v1"
OPERATIONS = "operations"
"""Who keeps backups, replays, drops: everything of the installation."""


def manifests() -> dict[str, list[dict[str, Any]]]:
    """Return the objects, by the file in which they stand."""
    return {"topics": topics(), "users": users(), "rules": [prometheus_rule()]}


def topics() -> list[dict[str, Any]]:
    """Return the topics of Strimzi, short parts included."""
    return [topic_manifest(topic, INSTALLATION) for topic in TOPICS]


def topic_manifest(topic: Topic, installation: str) -> dict[str, Any]:
    """Return the Strimzi `KafkaTopic` of a topic."""
    return {
        "apiVersion": API,
        "kind": "KafkaTopic",
        "metadata": {
            "name": topic.on(installation),
            "labels": {"strimzi.io/cluster": CLUSTER},
            "annotations": {"observatoire/says": topic.says, "observatoire/key": topic.key},
        },
        "spec": {
            "partitions": topic.partitions,
            "replicas": REPLICAS,
            "config": topic_settings(topic, REPLICAS),
        },
    }


def users() -> list[dict[str, Any]]:
    """Return a user a service: it writes what it makes, reads what it reads, as the registry says.

    All write dead letters, see where topics end, and have groups of their installation.
    """
    found = [
        _user(service, _rights(service)) for service in get_args(Service) if service != "replay"
    ]
    everything = [_acl("topic", "", ["All"], "prefix"), _acl("group", "", ["All"], "prefix")]
    return [*found, _user(OPERATIONS, everything)]


def _rights(service: Service) -> list[dict[str, Any]]:
    acls = [
        _acl("topic", "", ["Describe"], "prefix"),
        _acl("group", "", ["Read", "Describe"], "prefix"),
    ]
    for topic in TOPICS:
        makes = service in topic.made_by or topic.name == DEAD_LETTERS.name
        reads = service in topic.read_by or service in topic.made_by
        if operations := [*(["Read"] if reads else []), *(["Write"] if makes else [])]:
            acls.append(_acl("topic", topic.name, operations, "literal"))
    return acls


def _acl(kind: str, name: str, operations: list[str], pattern: str) -> dict[str, Any]:
    resource = {"type": kind, "name": f"{INSTALLATION}.{name}", "patternType": pattern}
    return {"resource": resource, "operations": operations}


def _user(name: str, acls: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "KafkaUser",
        "metadata": {
            "name": f"{CLUSTER}-{name}",
            "labels": {"strimzi.io/cluster": CLUSTER},
        },
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": acls},
        },
    }


def prometheus_rule() -> dict[str, Any]:
    """Return the rules as the Prometheus operator takes them."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "observatoire"},
        "spec": rules.rules(),
    }
