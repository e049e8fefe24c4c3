"""What is written from the contracts: schemas, AsyncAPI 3, manifests, dashboards, tables of docs.

All of it is committed; a difference fails `observatoire contracts check`.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from contracts.networks.table import networks_table
from contracts.topics import DECLARED, TOPICS, Topic
from deploy.generation import cluster, lessons, settings
from deploy.local.keys import INVENTED_TOKENS
from deploy.prometheus import rules as prometheus_rules
from libs.grafana.render import dashboards

ROOT = Path(__file__).parents[2]
GENERATED = Path("contracts/generated")
PRODUCTION = Path("deploy/kubernetes/overlays/production")
DEMONSTRATION = Path("deploy/compose/demonstration.env")


def schema_of(topic: Topic) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a topic's event as it is written."""
    schema = topic.event.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": topic.name, **schema}


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI 3 description: one channel a topic, what each service sends and reads."""
    channels: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for topic in TOPICS:
        name = topic.event.__name__
        messages[name] = {
            "name": name,
            "title": topic.says,
            "contentType": "application/json",
            "payload": {"$ref": f"schemas/{topic.name}.json"},
            "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
        }
        channels[topic.name] = {
            "address": "{installation}." + topic.name,
            "description": topic.says,
            "parameters": {"installation": {"enum": ["live", "simulation"]}},
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
            "bindings": {
                "kafka": {"partitions": topic.partitions, "topicConfiguration": _retention(topic)}
            },
        }
        for action, services in (("send", topic.made_by), ("receive", topic.read_by)):
            for service in services:
                operations[f"{service}.{action}.{topic.name}"] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{topic.name}"},
                    "messages": [{"$ref": f"#/channels/{topic.name}/messages/{name}"}],
                }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Observatoire", "version": "1.0.0", "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def demonstration_settings(held: str) -> str:
    """Return the settings of the demonstration with the credentials that its networks take."""
    line = f"OBSERVATOIRE_NETWORK_TOKENS='{json.dumps(INVENTED_TOKENS)}'"
    return re.sub("(?m)^OBSERVATOIRE_NETWORK_TOKENS=.*$", lambda _: line, held)


def generated() -> dict[Path, str]:
    """Return every generated file, path from the root of the repository → text."""
    files: dict[Path, str] = {
        GENERATED / "schemas" / f"{topic.name}.json": _json(schema_of(topic)) for topic in DECLARED
    }
    files[GENERATED / "asyncapi.json"] = _json(asyncapi())
    for name, objects in cluster.manifests().items():
        files[PRODUCTION / f"{name}.yaml"] = _manifests(objects)
    files[Path("docs/networks.md")] = networks_table()
    files[lessons.PAGE] = lessons.lessons_table()
    files[prometheus_rules.PATH] = prometheus_rules.rendered()
    files[settings.PAGE] = settings.settings_page()
    files[DEMONSTRATION] = demonstration_settings((ROOT / DEMONSTRATION).read_text())
    return files | dashboards()


def _manifests(objects: list[dict[str, Any]]) -> str:
    head = "# Written from the contracts by `make contracts`: change them there.\n"
    return head + yaml.safe_dump_all(objects, allow_unicode=True, sort_keys=False, width=120)


def breaking_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say what in a schema would break a reader or a record of the same version.

    Only optional fields may be added: a property that goes, a new required one, a changed type or
    a value that an enumeration loses is a new version (a second class, a second topic). So is a
    value that it gains: who reads by the version before takes it for a bad record.
    """
    found = _property_changes("", old, new)
    old_parts: dict[str, Any] = old.get("$defs", {})
    new_parts: dict[str, Any] = new.get("$defs", {})
    for name, part in old_parts.items():
        if name in new_parts:
            found += _property_changes(f"{name}.", part, new_parts[name])
    return found


def _property_changes(place: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before: dict[str, Any] = old.get("properties", {})
    after: dict[str, Any] = new.get("properties", {})
    found = [f"{place}{name}: is gone" for name in before if name not in after]
    # A serialisation schema requires every field, so a field is optional when it has a default.
    found += [
        f"{place}{name}: is new and required"
        for name in after
        if name not in before and "default" not in after[name]
    ]
    for name in before.keys() & after.keys():
        if _shape(before[name]) - _shape(after[name]):
            found.append(f"{place}{name}: {_shape(before[name])} became {_shape(after[name])}")
        elif (listed := _enumerated(before[name])) and _enumerated(after[name]) - listed:
            gained = sorted(_enumerated(after[name]) - listed)
            found.append(f"{place}{name}: gained {', '.join(gained)}")
    return sorted(found)


def _shape(schema: Mapping[str, Any]) -> set[str]:
    """Return the kinds and enumerated values that a property admits."""
    admitted: set[str] = set()
    for option in schema.get("anyOf", [schema]):
        admitted.add(str(option.get("type", option.get("$ref", ""))))
    return admitted | _enumerated(schema)


def _enumerated(schema: Mapping[str, Any]) -> set[str]:
    """Return the values that an enumeration lists."""
    options = schema.get("anyOf", [schema])
    return {str(value) for option in options for value in option.get("enum", [])}


def _retention(topic: Topic) -> dict[str, Any]:
    if topic.retention_ms is None:
        return {"cleanup.policy": ["compact"]}
    return {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
