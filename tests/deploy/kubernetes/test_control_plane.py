"""The manifests on a real control plane.

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

import pytest
import yaml
from click.testing import CliRunner

from services.cli import main
from tests.deploy.kubernetes.manifests import FOLDER, ROOT, STORES, WATCHERS

BESIDE = ROOT.parent / "shared" / "tools" / "kubernetes"
Kubectl = Callable[..., str]
NEVER_READY = "test/never-ready"
"""Pods with this annotation never become ready on the control plane of these tests."""


def stages(folder: Path) -> Path:
    """Write how pods of the fake nodes live, but for those that never become ready."""
    unpacked = subprocess.run(
        ["bash", BESIDE / "unpack.sh"], check=True, capture_output=True, text=True
    )
    told = subprocess.run(
        [Path(unpacked.stdout.strip()) / "kubecontrolplane", "kwok-stages"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    lives: list[dict[str, Any]] = [one for one in yaml.safe_load_all(told.stdout) if one]
    (ready,) = [one for one in lives if one["metadata"]["name"] == "pod-ready"]
    selected = ready["spec"]["selector"].setdefault("matchExpressions", [])
    selected.append({"key": f'.metadata.annotations["{NEVER_READY}"]', "operator": "DoesNotExist"})
    path = folder / "stages.yaml"
    path.write_text(yaml.safe_dump_all(lives))
    return path


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """Speak to the control plane; raises `CalledProcessError` where it refuses."""
    environment = dict(os.environ)
    folder = tmp_path_factory.mktemp("kubernetes")
    given, ours = os.environ.get("OBSERVATOIRE_TEST_KUBECONFIG"), BESIDE / "up.sh"
    if given:
        environment["KUBECONFIG"] = given
    elif ours.exists():
        environment["KWOK_STAGES"] = str(stages(folder))
        told = f'eval "$({ours} {folder}/state 3)" && env -0'
        started = subprocess.run(
            ["bash", "-c", told], env=environment, check=True, capture_output=True, text=True
        )
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
    for beside in ("prometheus", "grafana"):
        shutil.copytree(FOLDER.parent / beside, copy.parent / beside)
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
    # What stays ready for ten seconds is no other than what does for one.
    kubectl("apply", *strict, given=small.replace("minReadySeconds: 10", "minReadySeconds: 1"))
    here = ("-n", "observatoire")
    wait = ("wait", *here, "--all", "--timeout=120s")
    kubectl(*wait, "--for=condition=Available", "deployment")
    kubectl(*wait, "--for=condition=complete", "job")
    for one in (*STORES, *WATCHERS):
        kubectl("rollout", "status", *here, f"statefulset/{one}", "--timeout=120s")
    for name in ("backup", "census"):
        kubectl("create", "job", *here, f"--from=cronjob/{name}", f"{name}-now")
    kubectl(*wait, "--for=condition=complete", "job")
    bound = kubectl("get", "pvc", *here, "-o", "jsonpath={.items[*].status.phase}")
    assert bound.split() == ["Bound"] * (len(STORES) + len(WATCHERS) + 1)
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
    fails_and_is_undone(kubectl)
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
    drains_one_at_a_time(kubectl)
    kubectl(*wait, "--for=condition=Available", "deployment")


def fails_and_is_undone(kubectl: Kubectl) -> None:
    """A version that never becomes ready takes nobody's place, and is taken back."""
    here = ("-n", "observatoire")
    never = {"spec": {"template": {"metadata": {"annotations": {NEVER_READY: "yes"}}}}}
    if "kwok" not in kubectl("get", "nodes", "-o", "yaml"):
        return  # real nodes: their pods do not know that they are not to be ready
    kubectl("patch", "deployment", "api", *here, "--patch", json.dumps(never))
    with pytest.raises(AssertionError, match="timed out"):
        kubectl("rollout", "status", *here, "deployment/api", "--timeout=5s")
    told = json.loads(kubectl("get", "deployment", "api", *here, "-o", "json"))
    assert told["status"]["availableReplicas"] == told["spec"]["replicas"]
    assert told["status"]["updatedReplicas"] == 1
    kubectl("rollout", "undo", *here, "deployment/api")
    kubectl("rollout", "status", *here, "deployment/api", "--timeout=120s")


def drains_one_at_a_time(kubectl: Kubectl) -> None:
    """With nowhere to go, a second portal stays where it is, whoever drains its node."""
    nodes = kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}").split()
    portals = ("--pod-selector=app.kubernetes.io/name=api", "--delete-emptydir-data", "--force")
    where = kubectl("get", "pods", "-n", "observatoire", "-l", "app.kubernetes.io/name=api", "-o",
                    "jsonpath={.items[*].spec.nodeName}").split()  # fmt: skip
    first, second = sorted(set(where))[:2]
    kubectl("cordon", *nodes)
    kubectl("drain", first, *portals, "--ignore-daemonsets", "--timeout=60s")
    with pytest.raises(AssertionError, match="disruption budget"):
        kubectl("drain", second, *portals, "--ignore-daemonsets", "--timeout=3s")
    kubectl("uncordon", *nodes)
