"""The manifests, object by object."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted((FOLDER / "base").glob("*.yaml")) + sorted((FOLDER / "overlays").rglob("*.yaml"))
OBJECTS: list[dict[str, Any]] = [
    one
    for path in FILES
    if path.name != "kustomization.yaml" and "secrets" not in path.parts
    for one in yaml.safe_load_all(path.read_text())
    if "kind" in one  # what Prometheus reads is no object
]
PODS = [one for one in OBJECTS if one["kind"] in ("Deployment", "StatefulSet", "Job")]
OURS = [one for one in PODS if one["kind"] != "StatefulSet"]
STORES = ("kafka", "clickhouse", "postgres")
WATCHERS = ("prometheus", "alertmanager")
CRONS = [one for one in OBJECTS if one["kind"] == "CronJob"]


def named(one: dict[str, Any]) -> str:
    return f"{one['kind']}/{one['metadata']['name']}"


def pod(one: dict[str, Any]) -> dict[str, Any]:
    return one["spec"]["template"]["spec"]


def container(one: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod(one)["containers"]
    return found
