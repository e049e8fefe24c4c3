"""The tree: no circle of modules, no folder of too many modules, no file too long to read."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.conftest import ROOT

ROOTS = ("contracts", "libs", "services", "simulation", "deploy")
MODULES_AT_MOST = 14
"""Beside sub-folders; folders of one file a thing (networks, channels…) are as long as theirs."""

REGISTRIES = {"networks", "channels", "kpis", "panels", "versions", "streams", "stages", "charts"}
LINES_AT_MOST = 430
LINES_OF_A_FUNCTION = 40
"""From its `def` to its end, the docstring apart."""

WRITTEN_ONCE = "services/api/migrations/versions/"
"""Migrations are one table after another, and never edited: their functions may be long."""


CONTRACTS_IMPORT = {
    *sys.stdlib_module_names,
    *("contracts", "pydantic", "pydantic_core", "annotated_types", "msgspec"),
}
"""A topic's shape is read by all: it asks nobody to install more."""


def folders() -> Iterator[Path]:
    for root in ROOTS:
        for folder in (ROOT / root, *(ROOT / root).rglob("*")):
            if folder.is_dir() and folder.name not in REGISTRIES and any(folder.glob("*.py")):
                yield folder


def test_no_circle_of_modules():
    graph = grimp.build_graph(*ROOTS, cache_dir=None)
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' → '.join(reversed(error.args[1]))}")


@pytest.mark.parametrize("folder", [*folders()], ids=lambda folder: str(folder.relative_to(ROOT)))
def test_a_folder_is_a_room_and_not_a_heap(folder):
    modules = sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py")
    assert len(modules) <= MODULES_AT_MOST, f"{len(modules)} modules: make rooms by subject"


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{'.' * node.level}{node.module or ''}"


def test_contracts_import_the_standard_library_pydantic_and_msgspec():
    others = {
        str(path.relative_to(ROOT)): more
        for path in (ROOT / "contracts").rglob("*.py")
        if (more := {n for n in imported_by(path) if n.split(".")[0] not in CONTRACTS_IMPORT})
    }
    assert others == {}


CLIENTS = r"AIOKafka(Consumer|Producer|AdminClient)\(|get_async_client|create_async_client"
OUTWARD = r"\bAsyncClient\(|\bClientSession\("
INSIDE = {"services/api/operations/prometheus.py"}
"""What asks a part of the installation by HTTP, and nobody else."""


def holding(pattern: str, *roots: str) -> set[str]:
    """The files that hold a pattern."""
    return {
        str(path.relative_to(ROOT))
        for root in roots
        for path in (ROOT / root).rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE)
    }


PRIVATE = (
    r"^ *from [\w.]+ import (.*\W)?_[a-z]\w*|\"(" + "|".join(ROOTS) + r")\.[\w.]*\._[a-z]\w*\""
)
"""A private name imported, or named by its whole address (by a test that replaces it)."""


def test_what_is_private_to_a_module_is_named_by_nobody_else():
    assert holding(PRIVATE, *ROOTS, "tests") == set()


def test_broker_and_engine_are_reached_through_libs():
    own = holding(CLIENTS, *ROOTS)
    assert {Path(name).parts[0] for name in own} == {"libs"}, own


def test_the_world_outside_is_reached_by_the_guarded_client_alone():
    """A client of a service's own would reach what is behind our walls: hooks, feeds are typed."""
    assert holding(OUTWARD, "libs", "services") == {"libs/outbound/client.py", *INSIDE}


def test_a_file_can_be_read():
    long = {
        str(path.relative_to(ROOT)): lines
        for root in ROOTS
        for path in (ROOT / root).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_AT_MOST
    }
    assert long == {}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a file, each with its lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            yield node.name, lines


def test_a_function_is_read_at_one_glance():
    long = {
        f"{name}:{function}": lines
        for root in ROOTS
        for path in (ROOT / root).rglob("*.py")
        if not (name := str(path.relative_to(ROOT))).startswith(WRITTEN_ONCE)
        for function, lines in functions(path)
        if lines > LINES_OF_A_FUNCTION
    }
    assert long == {}, "give its steps a name each"


def of_installation(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Functions that take an `Installation` and only ask parts of it, with these parts."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for taken in ast.walk(node.args):
            if isinstance(taken, ast.arg) and taken.annotation is not None:
                if ast.unparse(taken.annotation) != "Installation":
                    continue
                asked = [
                    one
                    for one in ast.walk(node)
                    if isinstance(one, ast.Attribute) and ast.unparse(one.value) == taken.arg
                ]
                named = [one for one in ast.walk(node) if getattr(one, "id", "") == taken.arg]
                if len(asked) == len(named):
                    yield node.name, {one.attr for one in asked}


def test_a_function_takes_the_parts_that_it_uses_and_not_all_of_an_installation():
    few = {
        f"{path.relative_to(ROOT)}:{name}": parts
        for path in (ROOT / "services/api").rglob("*.py")
        for name, parts in of_installation(path)
        if len(parts) < 3
    }
    assert few == {}, "give it the parts; only a route is given an Installation by FastAPI (`Here`)"


def test_migrations_of_the_small_state_stand_in_one_line():
    """Two of one number, each made beside the other, left a database without a newest one."""
    folder = ROOT / "services/api/migrations/versions"
    said = re.compile(r'^(down_)?revision = "?(\w+)"?$', re.MULTILINE)
    before = None
    for path in sorted(folder.glob("0*.py")):
        found = dict(said.findall(path.read_text(encoding="utf-8")))
        assert (found[""], found["down_"]) == (path.name[:4], before or "None"), path.name
        before = found[""]
