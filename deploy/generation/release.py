"""A new version: `make release VERSION=0.3.0` writes it everywhere, and dates the changelog.

What the version of before is named by (images of compose and Kubernetes, commands of documents)
follows. The commit and the tag are a person's to push; the workflow of releases does the rest.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = ("Makefile", "deploy/**/*.yaml", "docs/*.md")
"""Files in which images are named by the version."""
FORM = re.compile(r"\d+\.\d+\.\d+")
UNRELEASED = "## Unreleased\n"


class Refused(Exception):
    """No version was made; the message says why."""


def version_of(root: Path = ROOT) -> str:
    """Return the version of the project."""
    return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def raised(root: Path, version: str, today: date) -> Iterator[tuple[Path, str]]:
    """Yield the files that change, with their new text. Raises `Refused`."""
    before = version_of(root)
    if not FORM.fullmatch(version) or _parts(version) <= _parts(before):
        raise Refused(f"{version} is no version after {before}: three numbers, such as 0.3.0")
    project = root / "pyproject.toml"
    yield (
        project,
        project.read_text("utf-8").replace(f'version = "{before}"', f'version = "{version}"', 1),
    )
    image = re.compile(
        rf"(observatoire(?:-demonstration)?:|newTag: ){re.escape(before)}(?![\d.]*\d)"
    )
    for path in sorted({one for pattern in NAMED for one in root.glob(pattern)}):
        text = path.read_text("utf-8")
        if (new := image.sub(rf"\g<1>{version}", text)) != text:
            yield path, new
    changes = root / "CHANGELOG.md"
    yield changes, dated(changes.read_text("utf-8"), version, today)


def dated(changelog: str, version: str, today: date) -> str:
    """Put what is unreleased under the version. Raises `Refused` where there is nothing."""
    if not notes(changelog, "Unreleased"):
        raise Refused("nothing under « Unreleased » in CHANGELOG.md")
    return changelog.replace(UNRELEASED, f"{UNRELEASED}\n## {version} ({today.isoformat()})\n", 1)


def notes(changelog: str, version: str) -> str:
    """Return the lines of a version in the changelog."""
    found = re.search(
        rf"(?ms)^## {re.escape(version)}(?: \([\d-]+\))?\n(.*?)(?=^## |\Z)", changelog
    )
    return found[1].strip() if found else ""


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def main(arguments: list[str]) -> int:
    """Raise the version, or with `--notes` print what the changelog says of the present one."""
    if arguments == ["--notes"]:
        changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
        sys.stdout.write(notes(changelog, version_of()) + "\n")
        return 0
    try:
        changed = list(raised(ROOT, "".join(arguments), datetime.now(UTC).date()))
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path, text in changed:
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
