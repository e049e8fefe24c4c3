"""Manifests against the code: commands, secrets, ports, probes, budgets, policies, images."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml
from click.testing import CliRunner

from contracts.operations.metrics import GROUP_LAG_RECORDS
from contracts.panels import DASHBOARDS
from contracts.topics import PARTITIONS, TOPICS, WATCH_PARTITIONS
from deploy.generation.settings import SECRETS, settings_page, variable
from deploy.secrets.files import Hosts, made
from libs.grafana.sync import folder_of
from libs.process import STOP_SECONDS
from libs.settings import Settings
from services import alerts, collector
from services.cli import COMMANDS, main
from tests.deploy.kubernetes.manifests import (
    CRONS,
    FOLDER,
    OBJECTS,
    OURS,
    PODS,
    ROOT,
    STORES,
    WATCHERS,
    container,
    named,
    pod,
)

PARTS = {"collector": collector.PARTS, "alerts": alerts.PARTS}
each_pod = pytest.mark.parametrize("one", PODS, ids=named)
each_of_ours = pytest.mark.parametrize("one", OURS, ids=named)


@each_of_ours
def test_its_command_exists(one, monkeypatch):
    monkeypatch.setenv("KAFKA_URL", "kafka:9092")
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "live")
    noun, verb, *options = container(one)["args"]
    group = main.get_command(click.Context(main), noun)
    assert isinstance(group, click.Group)
    command = group.get_command(click.Context(group), verb)
    assert command
    command.make_context(verb, list(options), resilient_parsing=False)


@pytest.mark.parametrize("service", PARTS)
def test_each_part_of_a_service_runs_somewhere(service):
    running = [
        set(args[3::2]) for one in OURS if (args := container(one)["args"])[:2] == [service, "run"]
    ]
    assert set[str]().union(*running) == set(PARTS[service])


def test_streams_are_followed_by_who_leads():
    asked = CliRunner().invoke(main, ["collector", "run", "--part", "streams"])
    assert asked.exit_code == 2
    assert "--part scheduler" in asked.output


@each_of_ours
def test_its_secrets_are_made_and_read(one):
    volumes = [each for each in pod(one)["volumes"] if each["name"] == "secrets"]
    items = {each["key"] for volume in volumes for each in volume["secret"]["items"]}
    public = ("recipients_public_key", "tokens_public_key")
    read = {variable(name).lower() for name in (*SECRETS, *public)}
    assert items <= read & made("live", Hosts()).keys()
    kustomization = (FOLDER / "overlays/small/kustomization.yaml").read_text()
    assert all(f"secrets/{name}\n" in kustomization for name in items)


@each_pod
def test_it_is_probed_on_the_port_it_has_and_stops_in_time(one):
    if one["kind"] == "Job":
        assert one["spec"]["activeDeadlineSeconds"]
        return
    before = container(one).get("lifecycle", {}).get("preStop", {}).get("sleep", {"seconds": 0})
    assert pod(one)["terminationGracePeriodSeconds"] > before["seconds"] + STOP_SECONDS
    ports = {port["name"]: port["containerPort"] for port in container(one)["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        how = container(one)[probe]
        at = how.get("httpGet", how.get("tcpSocket", {})).get("port")
        assert at is None or at in ports
    if one["kind"] == "Deployment" and one in OURS:
        assert ports["ops"] == Settings.model_fields["ops_port"].default
        assert ports.get("http", 8000) == Settings.model_fields["port"].default


def test_who_is_visited_answers_until_its_address_is_forgotten():
    """Told to stop, a process listens no more at once, while proxies still send it visitors."""
    visited = {
        one["spec"]["selector"]["app.kubernetes.io/name"]
        for one in OBJECTS
        if one["kind"] == "Service" and "app.kubernetes.io/name" in one["spec"]["selector"]
    }
    ours = [one for one in OURS if one["metadata"]["name"] in visited]
    assert [one["metadata"]["name"] for one in ours] == ["api"]
    for one in ours:
        (waits,) = container(one)["lifecycle"]["preStop"].values()
        assert waits["seconds"] >= 5
        assert one["spec"]["minReadySeconds"] >= 5
        assert one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@each_pod
def test_it_is_held(one):
    assert pod(one)["automountServiceAccountToken"] is False
    assert container(one)["resources"]["limits"]["memory"]
    assert container(one)["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    writes = one["metadata"]["name"] == "kafka"  # its start writes its configuration
    assert container(one)["securityContext"].get("readOnlyRootFilesystem", False) is not writes


def test_whoever_has_replicas_has_a_budget():
    several = {
        one["metadata"]["name"]
        for one in PODS
        if one["kind"] == "Deployment" and one["spec"]["replicas"] > 1
    }
    scaled = [one for one in OBJECTS if one["kind"] == "ScaledObject"]
    several |= {
        one["spec"]["scaleTargetRef"]["name"]
        for one in scaled
        if one["spec"]["minReplicaCount"] > 1
    }
    budgets = {o["metadata"]["name"] for o in OBJECTS if o["kind"] == "PodDisruptionBudget"}
    assert budgets == several


def test_nobody_speaks_unless_a_policy_says_so():
    policies = {
        one["metadata"]["name"]: one["spec"] for one in OBJECTS if one["kind"] == "NetworkPolicy"
    }
    denied = policies["default-deny"]
    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    names = {one["metadata"]["name"] for one in PODS}
    for store in STORES:
        (taken,) = policies[store]["ingress"]
        who = set(taken["from"][0]["podSelector"]["matchExpressions"][0]["values"])
        assert who <= names | {cron["metadata"]["name"] for cron in CRONS}
        assert policies[f"to-{store}"]["podSelector"] == taken["from"][0]["podSelector"]
        (it,) = [one for one in PODS if one["metadata"]["name"] == store]
        assert taken["ports"][0]["port"] in {p["containerPort"] for p in container(it)["ports"]}
    let_out = policies["outside"]["podSelector"]["matchExpressions"][0]["values"]
    assert set(let_out) <= names
    (outside,) = policies["outside"]["egress"]
    assert "10.0.0.0/8" in outside["to"][0]["ipBlock"]["except"]


POLICIES = {
    "small": {
        "clickhouse": ("to-clickhouse", "clickhouse"),
        "postgres": ("to-postgres", "postgres"),
    },
    "production": {
        "clickhouse": ("services-to-altinity", "altinity"),
        "postgres": ("services-to-cnpg", "cnpg"),
    },
}
"""By overlay and store, the policy of who asks and the one of who is asked."""


def ports_of(policy: dict[str, Any], way: str) -> set[int]:
    return {port["port"] for rule in policy["spec"][way] for port in rule.get("ports", [])}


@pytest.mark.parametrize("overlay", POLICIES)
def test_stores_are_reached_by_the_ports_that_addresses_name(overlay):
    """Those that `observatoire secrets create` writes, and ClickHouse's by TLS."""
    path = FOLDER / "overlays" / overlay / "stores-network.yaml"
    policies = {one["metadata"]["name"]: one for one in yaml.safe_load_all(path.read_text())}
    doc = (ROOT / "docs/kubernetes.md").read_text()
    given = re.search(r"--clickhouse (\S+) --postgres (\S+) secrets", doc)
    assert given
    files = made("live", Hosts() if overlay == "small" else Hosts(given[1], given[2]))
    named = {"clickhouse": {urlsplit(files["clickhouse_url"]).port, 8443}}
    named["postgres"] = {urlsplit(files["database_url"]).port}
    for store, (asks, asked) in POLICIES[overlay].items():
        assert named[store] <= ports_of(policies[asks], "egress")
        assert named[store] <= ports_of(policies[asked], "ingress")


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("settings.env")), ids=str)
def test_settings_are_read(path):
    known = {variable(name) for name in Settings.model_fields}
    given = {line.partition("=")[0] for line in path.read_text().splitlines() if "=" in line[:60]}
    assert {name for name in given if not name.startswith("#")} <= known


def test_images_are_those_of_compose():
    compose = (ROOT / "deploy/compose/compose.yaml").read_text()
    small = yaml.safe_load((FOLDER / "overlays/small/kustomization.yaml").read_text())
    for image in small["images"]:
        name = image["name"]
        assert f"{name}:{image['newTag']}" in compose
    assert {container(one)["image"] for one in PODS} == {one["name"] for one in small["images"]}


@pytest.mark.parametrize("one", CRONS, ids=named)
def test_a_cron_job_is_held_as_the_others_are(one):
    spec = one["spec"]["jobTemplate"]["spec"]
    assert spec["activeDeadlineSeconds"]
    assert one["spec"]["concurrencyPolicy"] == "Forbid"
    assert one["spec"]["timeZone"] == "Europe/Paris"
    (run,) = spec["template"]["spec"]["containers"]
    assert run["securityContext"]["readOnlyRootFilesystem"]
    said = " ".join(["observatoire", *run["args"]] if "args" in run else run["command"])
    found = re.search(r"observatoire (\w+)", said)
    assert found
    assert found[1] in COMMANDS
    own = [each for each in spec["template"]["spec"]["volumes"] if each["name"] == "secrets"]
    given = {each["key"] for each in own[0]["secret"]["items"]}
    assert given <= made("live", Hosts()).keys()
    allowed = {
        policy["metadata"]["name"]
        for policy in OBJECTS
        if policy["kind"] == "NetworkPolicy" and one["metadata"]["name"] in str(policy["spec"])
    }
    assert allowed, "no policy lets it speak to anybody"


def test_every_overlay_keeps_backups_and_takes_the_census():
    """The month, digests and mails are the services' own work, and the archive is in the backup."""
    for overlay in ("small", "production"):
        resources = (FOLDER / "overlays" / overlay / "kustomization.yaml").read_text()
        assert "- backup.yaml" in resources
        assert "- ../../base" in resources
    assert {one["metadata"]["name"] for one in CRONS} == {"backup", "census"}


def test_what_watches_small_scrapes_each_service_by_the_rules():
    folder = FOLDER / "overlays/small"
    told = yaml.safe_load((folder / "prometheus.yaml").read_text())
    alone = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yaml").read_text())
    services = {one["metadata"]["name"]: one["spec"] for one in OBJECTS if one["kind"] == "Service"}
    for one, other in zip(told["scrape_configs"], alone["scrape_configs"], strict=True):
        assert one["job_name"] == other["job_name"]
        (where,) = one["dns_sd_configs"]
        (name,) = where["names"]
        assert services[name]["selector"] == {"observatoire/service": one["job_name"]}
        assert services[name]["clusterIP"] == "None"
        assert services[name]["ports"][0]["port"] == where["port"] == 8001
    held = {one["metadata"]["name"]: one for one in PODS if one["metadata"]["name"] in WATCHERS}
    assert held.keys() == {*WATCHERS}
    for name, one in held.items():
        (config,) = [arg for arg in container(one)["args"] if arg.startswith("--config.file=")]
        at = Path(config.partition("=")[2])
        mounts = {each["mountPath"]: each["name"] for each in container(one)["volumeMounts"]}
        assert str(at.parent) in mounts
        assert at.name == f"{name}.yaml"
    given = yaml.safe_load((ROOT / "deploy/prometheus/kustomization.yaml").read_text())
    for one in given["configMapGenerator"]:
        for file in one["files"]:
            assert (ROOT / "deploy/prometheus" / file).exists()


def test_readers_are_no_more_than_the_partitions_of_what_they_read():
    for one in OBJECTS:
        if one["kind"] == "ScaledObject":
            assert one["spec"]["maxReplicaCount"] <= min(PARTITIONS, WATCH_PARTITIONS)
            (trigger,) = one["spec"]["triggers"]
            assert GROUP_LAG_RECORDS.shown in trigger["metadata"]["query"]


def test_each_service_has_its_user_who_writes_what_it_makes():
    users = {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == "KafkaUser"}
    named_in = (FOLDER / "overlays/production/kustomization.yaml").read_text()
    named_in += (FOLDER / "overlays/production/backup.yaml").read_text()
    assert set(re.findall(r"kafkas://([\w-]+)@", named_in)) == users.keys()
    for topic in TOPICS:
        for service in {*topic.made_by} - {"replay"}:
            (acl,) = [
                acl
                for acl in users[f"observatoire-{service}"]["spec"]["authorization"]["acls"]
                if acl["resource"]["name"] == topic.on("live")
            ]
            assert "Write" in acl["operations"]


def test_dashboards_of_the_cluster_are_all_of_them():
    text = (ROOT / "deploy/grafana/live/kustomization.yaml").read_text()
    given = yaml.safe_load(text)["configMapGenerator"]
    folders = {one["files"][0]: one["options"]["annotations"]["grafana_folder"] for one in given}
    assert folders == {f"{board.slug}.json": folder_of(board).title for board in DASHBOARDS}
    for overlay in ("small", "production"):
        resources = (FOLDER / "overlays" / overlay / "kustomization.yaml").read_text()
        assert "- ../../../grafana/live\n" in resources


def test_every_setting_has_a_line_on_its_page():
    page = settings_page()
    assert (ROOT / "docs/settings.md").read_text() == page
    for name in Settings.model_fields:
        assert re.search(rf"(?m)^\| `{variable(name)}` \| \S", page)
