"""Manifests against the code, and on a real control plane.

Which one: `OBSERVATOIRE_TEST_KUBECONFIG` (kind, k3s…), a name of its own so that no cluster is
taken by mistake; else the one whose `up.sh` is beside the checkout; else these tests are skipped.
No container runs there: schemas, Pod Security, scheduling, volumes, budgets, roll-outs are real.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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
from services.cli import COMMANDS, main
from services.collector.app import PARTS

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy" / "kubernetes"
FILES = sorted((FOLDER / "base").glob("*.yaml")) + sorted((FOLDER / "overlays").rglob("*.yaml"))
OBJECTS: list[dict[str, Any]] = [
    one
    for path in FILES
    if path.name != "kustomization.yaml" and "secrets" not in path.parts
    for one in yaml.safe_load_all(path.read_text())
]
PODS = [one for one in OBJECTS if one["kind"] in ("Deployment", "StatefulSet", "Job")]
OURS = [one for one in PODS if one["kind"] != "StatefulSet"]
BESIDE = ROOT.parent / "shared" / "tools" / "kubernetes"


def named(one: dict[str, Any]) -> str:
    return f"{one['kind']}/{one['metadata']['name']}"


def pod(one: dict[str, Any]) -> dict[str, Any]:
    return one["spec"]["template"]["spec"]


def container(one: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod(one)["containers"]
    return found


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


def test_each_part_of_the_collector_runs_somewhere_and_can():
    running = [
        set(args[3::2])
        for one in OURS
        if (args := container(one)["args"])[:2] == ["collector", "run"]
    ]
    assert set[str]().union(*running) == set(PARTS)
    asked = CliRunner().invoke(main, ["collector", "run", "--part", "streams"])
    assert asked.exit_code == 2
    assert "--part scheduler" in asked.output


@each_of_ours
def test_its_secrets_are_made_and_read(one):
    (volume,) = [each for each in pod(one)["volumes"] if each["name"] == "secrets"]
    items = {each["key"] for each in volume["secret"]["items"]}
    read = {variable(name).lower() for name in (*SECRETS, "recipients_public_key")}
    assert items <= read & made("live", Hosts()).keys()
    kustomization = (FOLDER / "overlays/small/kustomization.yaml").read_text()
    assert all(f"secrets/{name}\n" in kustomization for name in items)


@each_pod
def test_it_is_probed_on_the_port_it_has_and_stops_in_time(one):
    if one["kind"] == "Job":
        assert one["spec"]["activeDeadlineSeconds"]
        return
    assert pod(one)["terminationGracePeriodSeconds"] > STOP_SECONDS
    ports = {port["name"]: port["containerPort"] for port in container(one)["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        how = container(one)[probe]
        at = how.get("httpGet", how.get("tcpSocket", {})).get("port")
        assert at is None or at in ports
    if one["kind"] == "Deployment":
        assert ports["ops"] == Settings.model_fields["ops_port"].default
        assert ports.get("http", 8000) == Settings.model_fields["port"].default


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
    for store in ("kafka", "clickhouse", "postgres"):
        (taken,) = policies[store]["ingress"]
        who = set(taken["from"][0]["podSelector"]["matchExpressions"][0]["values"])
        assert who <= names
        assert policies[f"to-{store}"]["podSelector"] == taken["from"][0]["podSelector"]
        (it,) = [one for one in PODS if one["metadata"]["name"] == store]
        assert taken["ports"][0]["port"] in {p["containerPort"] for p in container(it)["ports"]}
    (outside,) = policies["outside"]["egress"]
    assert "10.0.0.0/8" in outside["to"][0]["ipBlock"]["except"]


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


CRONS = [one for one in OBJECTS if one["kind"] == "CronJob"]


@pytest.mark.parametrize("one", CRONS, ids=named)
def test_a_cron_job_is_held_as_the_others_are(one):
    spec = one["spec"]["jobTemplate"]["spec"]
    assert spec["activeDeadlineSeconds"]
    assert one["spec"]["concurrencyPolicy"] == "Forbid"
    (run,) = spec["template"]["spec"]["containers"]
    assert run["securityContext"]["readOnlyRootFilesystem"]
    assert re.search(r"observatoire (\w+)", run["command"][-1])[1] in COMMANDS


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


def test_every_setting_has_a_line_on_its_page():
    page = settings_page()
    assert (ROOT / "docs/settings.md").read_text() == page
    for name in Settings.model_fields:
        assert re.search(rf"(?m)^\| `{variable(name)}` \| \S", page)


Kubectl = Callable[..., str]


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """Speak to the control plane; raises `CalledProcessError` where it refuses."""
    environment = dict(os.environ)
    folder = tmp_path_factory.mktemp("kubernetes")
    given, ours = os.environ.get("OBSERVATOIRE_TEST_KUBECONFIG"), BESIDE / "up.sh"
    if given:
        environment["KUBECONFIG"] = given
    elif ours.exists():
        told = f'eval "$({ours} {folder}/state 3)" && env -0'
        started = subprocess.run(["bash", "-c", told], check=True, capture_output=True, text=True)
        environment |= dict(one.split("=", 1) for one in started.stdout.split("\0") if "=" in one)
    else:
        pytest.skip("no Kubernetes here: set OBSERVATOIRE_TEST_KUBECONFIG (kind, k3s…)")
    if shutil.which("kubectl", path=environment["PATH"]) is None:
        pytest.skip("a Kubernetes, but no kubectl on the PATH")

    def run(*arguments: str, given: str | None = None) -> str:
        done = subprocess.run(
            [str(shutil.which("kubectl", path=environment["PATH"])), *arguments],
            env=environment, input=given, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout[-800:]}{done.stderr}"
        return done.stdout

    try:
        yield run
    finally:
        if given:
            run("delete", "namespace", "observatoire", "--ignore-not-found")
        else:
            subprocess.run([str(BESIDE / "down.sh"), f"{folder}/state"], check=True)


@pytest.fixture(scope="module")
def small(kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The overlay `small` as kustomize writes it, with secrets made for it."""
    copy = tmp_path_factory.mktemp("manifests") / "kubernetes"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("secrets"))
    secrets = str(copy / "overlays/small/secrets")
    command = ["secrets", "create", "--installation", "live", secrets]
    assert CliRunner().invoke(main, command).exit_code == 0
    return kubectl("kustomize", str(copy / "overlays/small"))


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_production_is_accepted_by_the_operators_own_schemas(
    kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory
):
    """Every object of the overlay, by a strict dry-run against the real definitions."""
    if not BESIDE.exists():
        pytest.skip("the definitions of the operators are not here")
    production = kubectl("kustomize", str(FOLDER / "overlays/production"))
    parts = list(yaml.safe_load_all(production))
    assert {one["kind"] for one in parts} >= {
        "Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser", "ClickHouseInstallation",
        "ClickHouseKeeperInstallation", "Cluster", "ScaledObject", "PodMonitor", "PrometheusRule",
        "ExternalSecret", "Certificate", "CronJob", "NetworkPolicy", "PodDisruptionBudget",
        "ScheduledBackup", "ResourceQuota", "LimitRange",
    }  # fmt: skip
    assert "topics" not in {one["metadata"]["name"] for one in parts if one["kind"] == "Job"}
    for folder in sorted((BESIDE / "crds").iterdir()):
        kubectl("apply", "--server-side", "-f", str(folder))
    kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    (namespace,) = [one for one in parts if one["kind"] == "Namespace"]
    kubectl("apply", "--server-side", "-f", "-", given=yaml.safe_dump(namespace))
    strict = ("--server-side", "--warnings-as-errors", "--validate=strict", "-f", "-")
    told = kubectl("apply", "--dry-run=server", *strict, given=production)
    assert told.count("(server dry run)") == len(parts)


GREEDY = {
    "spec": {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "greedy", "image": "observatoire",
                "securityContext": {
                    "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                },
                "resources": {"requests": {"cpu": "1", "memory": "100Gi"},
                              "limits": {"memory": "100Gi"}},
            }
        ],
    }
}  # fmt: skip


def amount(quantity: str) -> float:
    """Read a quantity of Kubernetes: cores, bytes or a count."""
    units = {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    found = re.fullmatch(r"([\d.]+)(\w*)", quantity)
    assert found, quantity
    return float(found[1]) * units.get(found[2], 1)


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_small_is_accepted_and_becomes_ready(kubectl: Kubectl, small: str):
    """In a `restricted` namespace, warnings taken for errors."""
    parts = list(yaml.safe_load_all(small))
    (namespace,) = [one for one in parts if one["kind"] == "Namespace"]
    kubectl("apply", "--server-side", "-f", "-", given=yaml.safe_dump(namespace))
    strict = ("--server-side", "--warnings-as-errors", "--validate=strict", "-f", "-")
    kubectl("apply", "--dry-run=server", *strict, given=small)
    kubectl("apply", *strict, given=small)
    here = ("-n", "observatoire")
    wait = ("wait", *here, "--all", "--timeout=120s")
    kubectl(*wait, "--for=condition=Available", "deployment")
    kubectl(*wait, "--for=condition=complete", "job")
    for store in ("kafka", "clickhouse", "postgres"):
        kubectl("rollout", "status", *here, f"statefulset/{store}", "--timeout=120s")
    bound = kubectl("get", "pvc", *here, "-o", "jsonpath={.items[*].status.phase}")
    assert bound.split() == ["Bound"] * 3
    held = json.loads(kubectl("get", "resourcequota", "observatoire", *here, "-o", "json"))[
        "status"
    ]
    for name in ("requests.cpu", "requests.memory", "pods"):
        assert 0 < amount(held["used"][name]) <= amount(held["hard"][name]) / 2, "room to roll out"
    with pytest.raises(AssertionError, match="exceeded quota"):
        kubectl("run", "greedy", *here, "--image=observatoire", "--dry-run=server", "--overrides",
                json.dumps(GREEDY))  # fmt: skip
    kubectl("rollout", "restart", *here, "deployment/api")
    kubectl("rollout", "status", *here, "deployment/api", "--timeout=120s")
    kubectl("rollout", "undo", *here, "deployment/api")
    kubectl("rollout", "status", *here, "deployment/api", "--timeout=120s")
    held = kubectl(
        "auth", "can-i", "--list", "--as=system:serviceaccount:observatoire:observatoire"
    )
    assert "secrets" not in held
    assert "pods" not in held
    api = kubectl("get", "pods", *here, "-l", "app.kubernetes.io/name=api", "-o",
                  "jsonpath={.items[0].spec.nodeName}")  # fmt: skip
    kubectl("drain", api, "--ignore-daemonsets", "--delete-emptydir-data", "--force",
            "--timeout=120s")  # fmt: skip
    kubectl("uncordon", api)
    kubectl(*wait, "--for=condition=Available", "deployment")
