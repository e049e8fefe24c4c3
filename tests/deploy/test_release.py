"""A version is written wherever the one of before stood, and nowhere else."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from deploy.generation.release import NAMED, ROOT, Refused, dated, notes, raised, version_of
from tests.deploy.test_image import TAG

TODAY = date(2026, 12, 24)
CHANGELOG = "# Changelog\n\n## Unreleased\n\n- [FEATURE] New.\n\n## 0.2.0 (2026-11-30)\n\n- Old.\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    for path in {one for pattern in NAMED for one in ROOT.glob(pattern)}:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## Unreleased\n", "## Unreleased\n\n- x\n"))
    return tmp_path


def test_every_image_is_named_by_the_new_version(copy):
    before = version_of(copy)
    for path, text in raised(copy, "9.8.7", TODAY):
        path.write_text(text)
    assert version_of(copy) == "9.8.7"
    named = {
        found
        for pattern in NAMED
        for path in copy.glob(pattern)
        for found in TAG.findall(path.read_text())
    }
    assert named == {"9.8.7"}
    assert f"## {before}" in (copy / "CHANGELOG.md").read_text()
    assert "## 9.8.7 (2026-12-24)" in (copy / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("version", ["", "0.0.1", "1.0", "v9.9.9", "9.9.9-rc1"])
def test_what_is_no_later_version_is_refused(copy, version):
    with pytest.raises(Refused):
        list(raised(copy, version, TODAY))


def test_what_is_unreleased_goes_under_the_version():
    after = dated(CHANGELOG, "0.3.0", TODAY)
    assert notes(after, "0.3.0") == "- [FEATURE] New."
    assert notes(after, "0.2.0") == "- Old."
    assert notes(after, "Unreleased") == ""
    with pytest.raises(Refused, match="Unreleased"):
        dated(after, "0.4.0", TODAY)


TOOLS = ("ruff", "basedpyright", "lint-imports", "hadolint", "observatoire")
"""What `make check` runs: here they say only that they were."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which something is unreleased, with an environment that makes a version only."""
    clone, binaries = tmp_path / "clone", tmp_path / "environment" / "bin"
    subprocess.run(["git", "clone", "--quiet", "--shared", str(ROOT), str(clone)], check=True)
    git(clone, "config", "user.name", "Essai")
    git(clone, "config", "user.email", "essai@essai.example")
    changelog = clone / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## Unreleased\n", "## Unreleased\n\n- x\n"))
    git(clone, "commit", "--quiet", "--all", "--message", "Say something")
    binaries.mkdir(parents=True)
    asked = f'echo "$(basename "$0") $*" >> {tmp_path}/asked'
    # It installs nothing: the one that runs is that of these tests.
    runs = f'case "$*" in "-m deploy."*) exec {sys.executable} "$@";; esac'
    for name, body in {"python": f"{asked}\n{runs}", **dict.fromkeys(TOOLS, asked)}.items():
        (binaries / name).write_text(f"#!/bin/sh\n{body}\n")
        (binaries / name).chmod(0o755)
    for marker in (".python", ".demo", ".dev"):
        (binaries.parent / marker).touch()
    return clone


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def make(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["make", *words, f"VENV={clone.parent}/environment"]
    return subprocess.run(command, cwd=clone, capture_output=True, text=True)


@pytest.mark.proof
def test_the_target_checks_commits_and_tags_a_version(clone: Path, tmp_path: Path):
    made = make(clone, "release", "VERSION=9.8.7")
    assert made.returncode == 0, made.stdout + made.stderr
    assert version_of(clone) == "9.8.7"
    assert notes((clone / "CHANGELOG.md").read_text(), "9.8.7").startswith("- x")
    # The upgrade from the version before finds it by these words (tests/journeys/test_upgrade.py).
    assert git(clone, "show", "--no-patch", "--format=%s") == "Name version 9.8.7"
    # A tag that `git push --follow-tags` takes along.
    assert git(clone, "cat-file", "-t", "v9.8.7") == "tag"
    assert git(clone, "rev-parse", "v9.8.7^{commit}") == git(clone, "rev-parse", "HEAD")
    assert git(clone, "status", "--porcelain") == ""
    asked = [line.split()[0] for line in (tmp_path / "asked").read_text().splitlines()]
    assert set(TOOLS) <= set(asked)
    again = make(clone, "release", "VERSION=9.8.7")
    assert again.returncode != 0
    assert "no version after 9.8.7" in again.stderr
    (clone / "README.md").write_text("changed")
    assert "Commit what you have first" in make(clone, "release", "VERSION=9.9.0").stdout


def test_what_is_pushed_proposed_or_released_is_checked_where_ci_can_run():
    check = yaml.safe_load((ROOT / ".github/workflows/check.yaml").read_text())
    asked = check[True]  # « on », which YAML 1.1 reads as a truth
    assert {"push", "pull_request", "workflow_call"} <= asked.keys()
    (job,) = check["jobs"].values()
    assert job["container"].startswith("debian:")  # as root, with apt-get
    assert {"run": ".ci/run"} in job["steps"]
    release = yaml.safe_load((ROOT / ".github/workflows/release.yaml").read_text())
    assert release["jobs"]["check"]["uses"] == "./.github/workflows/check.yaml"
    assert release["jobs"]["release"]["needs"] == "check"


def test_the_workflow_does_what_the_makefile_has():
    flow = yaml.safe_load((ROOT / ".github/workflows/release.yaml").read_text())
    steps = flow["jobs"]["release"]["steps"]
    commands = "\n".join(step.get("run", "") for step in steps)
    makefile = (ROOT / "Makefile").read_text()
    assert "make sbom" in commands
    assert "\nsbom:" in makefile
    assert "deploy.generation.release --notes" in commands
    for target in ("services", "demonstration"):
        assert target in commands
        assert f" AS {target}\n" in (ROOT / "deploy/Dockerfile").read_text()
