"""A copy of the repository to which a thing is added, as a contributor would."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT

PARTS = ("contracts", "libs", "services", "simulation", "deploy", "tests", "docs", "requirements")
ALONE = ("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "LICENSE")


@dataclass
class Copy:
    """A throwaway copy; `made` and `edited` are the files that adding the thing took."""

    root: Path
    environment: dict[str, str]
    made: list[str] = field(default_factory=list[str])
    edited: list[str] = field(default_factory=list[str])

    def write(self, path: str, text: str) -> None:
        """Make a file. Fails when there is one."""
        target = self.root / path
        assert not target.exists(), f"{path} is there already: adding a thing edits no whole file"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self.made.append(path)

    def insert(self, path: str, before: str, line: str) -> None:
        """Insert a line before the first one that begins with `before`, blanks left out."""
        target = self.root / path
        lines = target.read_text(encoding="utf-8").splitlines()
        place = next(n for n, one in enumerate(lines) if one.lstrip().startswith(before))
        lines.insert(place, line)
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.edited.append(path)

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace the one place where a file says `old`."""
        target = self.root / path
        text = target.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} says « {old} » {text.count(old)} times"
        target.write_text(text.replace(old, new), encoding="utf-8")
        self.edited.append(path)

    def run(self, *arguments: str) -> str:
        """Run Python in the copy; return what it printed. Fails with it."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        told = done.stdout + done.stderr
        assert done.returncode == 0, f"{' '.join(arguments)}:\n{told[-6000:]}"
        return done.stdout

    def generate(self) -> None:
        """Write what is generated, as `make contracts`."""
        self.observatoire("contracts", "write")

    def migrate(self, database: str) -> None:
        """Write the digests of the migrations, and what an engine makes of them."""
        self.environment |= {
            "OBSERVATOIRE_INSTALLATION": "simulation",
            "OBSERVATOIRE_DATABASE_NAME": database,
        }
        folder = self.root / "contracts" / "clickhouse"
        (folder / "shipped.sha256").write_text(self.observatoire("engine", "shipped"))
        self.observatoire("engine", "migrate")
        (folder / "schema.sql").write_text(self.observatoire("engine", "schema"))

    def observatoire(self, *arguments: str) -> str:
        """Run a command of the copy; return what it printed."""
        return self.run("-c", "from services.cli import main; main()", *arguments)

    def test(self, *selected: str) -> None:
        """Run tests of the copy, on the broker and engine of this session."""
        printed = self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *selected)
        assert " passed" in printed, printed[-2000:]


@pytest.fixture
def copy(tmp_path: Path, kafka_url: str, clickhouse_url: str) -> Iterator[Copy]:
    """A copy of the repository, as it is on disk, generated files included."""
    root = tmp_path / "copy"
    # With what is compiled: it holds as long as its source is not edited.
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part)
    for name in ALONE:
        shutil.copy(ROOT / name, root / name)
    # What xdist tells its workers is not for the sessions that a test starts.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    environment |= {
        "PYTHONPATH": str(root),
        "KAFKA_URL": kafka_url,
        "CLICKHOUSE_URL": clickhouse_url,
    }
    yield Copy(root, environment)
    shutil.rmtree(root)
