"""Documents name what there is: pages, files, commands, settings, make targets, modules."""

import re
from collections.abc import Iterator
from functools import cache

import click
import pytest

from contracts.channels import CHANNELS
from libs.settings import Settings
from services.cli import main
from tests.conftest import ROOT

ROOTS = (
    "contracts", "libs", "services", "simulation", "deploy", "tests", "docs", "requirements",
    "typings", ".ci",
)  # fmt: skip
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
SETTINGS = {
    *(f"OBSERVATOIRE_{name.upper()}" for name in Settings.model_fields),
    *(channel.setting for channel in CHANNELS),
    *(
        str(alias).upper()
        for field in Settings.model_fields.values()
        for alias in getattr(field.validation_alias, "choices", ())
    ),
}

STANDS_FOR = re.compile(r"SLUG|SCHEME|VERSION|NNNN|WHAT|TOPIC|CASE|TABLE|<\w+>|…|\*")
"""What a path of a document says in place of a name."""

ENDINGS = r"\.(?:py|md|sql|ya?ml|json|html|sh|sha256|csv|toml|txt)$"
MADE_LATER = {"deploy/compose/secrets/", "deploy/compose/live.env"}
"""What a document has its reader make."""

SERVED = {"empreinte.txt", "sha256.txt", "territories.jsonl.gz", "accounts.jsonl"}
"""Files that are given to people, or written by a command."""

OBJECTS = {"deploy/api", "deploy/couriers", "deploy/scorer"}
"""Objects of Kubernetes, which are called as files are."""


def said(pattern: str) -> list[tuple[str, str]]:
    """What pages say of a kind, with the page."""
    return sorted(
        {
            (str(page.relative_to(ROOT)), one)
            for page in PAGES
            for one in re.findall(pattern, page.read_text(encoding="utf-8"))
        }
    )


@cache
def files() -> str:
    """Every file and folder of the repository, each on a line that begins with a slash."""
    found = [path for root in ROOTS for path in (ROOT / root, *(ROOT / root).rglob("*"))]
    found += [path for path in ROOT.iterdir() if path.is_file()]
    return "".join(
        f"/{path.relative_to(ROOT)}{'/' if path.is_dir() else ''}\n"
        for path in found
        if "__pycache__" not in path.parts
    )


@cache
def sources() -> str:
    scripts = (ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / "deploy/compose/compose.yaml")
    modules = (path for root in ROOTS for path in (ROOT / root).rglob("*.py"))
    return "".join(path.read_text(encoding="utf-8") for path in (*scripts, *modules))


def there(path: str) -> bool:
    """Tell whether a path is one of the repository, from its root or from one of its folders."""
    names = STANDS_FOR.split(path.strip("/"))
    pattern = "/" + "[^/\n]*".join(map(re.escape, names)) + "/?\n"
    return re.search(pattern, files()) is not None


def paths() -> Iterator[tuple[str, str]]:
    """Paths that pages name, but for what was there at the time and addresses of the portal."""
    for page, code in said(r"`([^`\n]+)`"):
        for word in (one.partition("::")[0] for one in code.split()):
            if page == "CHANGELOG.md" or word.startswith("/"):
                continue
            rooted = word.startswith(tuple(f"{root}/" for root in ROOTS))
            folder = re.fullmatch(r"[a-z_]+(/[\w.-]+)*/", word)
            if rooted or folder or re.search(ENDINGS, word):
                yield page, word


def named_tests() -> Iterator[tuple[str, tuple[str, str]]]:
    """Tests that pages name: whole after `::`, or by a part, in brackets after their file."""
    for page, code in said(r"`([\w/]+\.py::\w+)`"):
        path, _, name = code.partition("::")
        yield page, (path, name)
    for page, code in said(r"`([\w/]+\.py` \(`[^)]*)\)"):
        path, _, names = code.partition("` (")
        yield from ((page, (path, name)) for name in re.findall(r"`(\w+)`", names))


@pytest.mark.parametrize(("page", "target"), said(r"\]\((?!https?:)([^)\s]+)\)"))
def test_links_lead_somewhere(page, target):
    name, _, chapter = target.partition("#")
    found = (ROOT / page).parent / name if name else ROOT / page
    assert found.exists()
    if chapter:
        titles = re.findall(r"(?m)^#+ (.*)$", found.read_text(encoding="utf-8"))
        assert chapter in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in titles}


@pytest.mark.parametrize(("page", "path"), sorted({*paths()}))
def test_files_are_there(page, path):
    assert there(path) or path in MADE_LATER | SERVED | OBJECTS


@pytest.mark.parametrize(("page", "path", "name"), [(page, *one) for page, one in named_tests()])
def test_tests_that_pages_name_are_there(page, path, name):
    text = (ROOT / "tests" / path).read_text(encoding="utf-8")
    found = re.findall(r"(?m)^ *(?:async )?def (test_\w+)\(", text)
    assert [one for one in found if one == name or (name in one and "test_" not in name)]


def test_each_fault_says_what_was_observed_and_what_shows_it():
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    tables = re.findall(r"(?m)^\| fault \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page)
    rows = [line.strip("| ").split(" | ") for table in tables for line in table.splitlines()]
    assert len(tables) == 3
    assert not [row for row in rows if len(row) != 4 or not all(cell.strip() for cell in row)]
    assert not [row[0] for row in rows if not re.search(r"`[\w/]+\.py(?:::\w+)?`|chaos/", row[3])]


@pytest.mark.parametrize(("page", "target"), said(r"(?:`|^|    )make ([a-z][a-z-]*)"))
def test_targets_of_make_are_there(page, target):
    assert re.search(rf"(?m)^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("page", "module"), said(r"python -m ([\w.]*\w)"))
def test_modules_are_there(page, module):
    path = ROOT / module.replace(".", "/")
    assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()


@pytest.mark.parametrize(
    ("page", "setting"), said(r"\b(OBSERVATOIRE_[A-Z_]+|[A-Z]+_(?:URL|VIA))\b")
)
def test_settings_are_there(page, setting):
    assert setting in SETTINGS or setting in sources()


@pytest.mark.parametrize(
    ("page", "line"), said(r"(?<!-n )\bobservatoire ((?:[a-z-]+ [a-z-]+)\b[^`\n|;)]*)")
)
def test_commands_and_their_options_are_there(page, line):
    words = line.split()
    command: click.Command = main
    with click.Context(main) as context:
        for word in words[:2]:
            if isinstance(command, click.Group):
                found = command.get_command(context, word)
                assert found is not None, f"no command {word}"
                command = found
    options = {name for one in command.params for name in one.opts}
    assert {word for word in words if re.fullmatch(r"--[a-z-]+", word)} <= options


def test_no_line_of_the_changelog_stands_twice_or_alone():
    """What merging two sides leaves: a line twice, or the end of an entry under another one."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("## Unreleased")[2]
    unreleased = text.partition("\n## ")[0].strip().splitlines()
    assert sorted(set(unreleased)) == sorted(unreleased)
    assert all(line.startswith(("- [", "  ")) for line in unreleased)


def test_each_room_is_on_the_page_of_the_architecture():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [
        room.name
        for floor in (ROOT / "libs", *(ROOT / "services").iterdir())
        if floor.is_dir()
        for room in floor.iterdir()
        if (room / "__init__.py").exists()
    ]
    assert rooms
    assert not {room for room in rooms if not re.search(rf"`[\w/]*\b{room}/?`", page)}


def test_decisions_are_numbered_one_after_the_other():
    pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    for number, page in enumerate(pages, 1):
        assert page.name.startswith(f"{number:04}-")
        assert page.read_text(encoding="utf-8").startswith(f"# {number:04} · ")


def code_paths() -> Iterator[tuple[str, str]]:
    """Paths of the repository that comments and docstrings name."""
    for root in ROOTS:
        for module in (ROOT / root).rglob("*.py"):
            text = module.read_text(encoding="utf-8")
            for path in re.findall(rf"(?:{'|'.join(ROOTS)})/[\w./-]*\.(?:py|md|sql|yaml)\b", text):
                yield str(module.relative_to(ROOT)), path


def test_code_names_files_that_are_there():
    # tests/adding makes things that are not there.
    gone = {one for one in code_paths() if not there(one[1]) and "tests/adding" not in one[0]}
    assert gone == set()
