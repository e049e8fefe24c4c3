"""What is stored: the tables as numbered migrations, the views over them, the golden schema.

A migration is one file with one statement, never edited once committed. It serves one node and a
cluster through one macro, `{replicated}`, before the engine's name: nothing on one node,
`Replicated` on a cluster, where the database is itself `Replicated` and carries each statement to
every replica (no `ON CLUSTER`, no path to choose).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path

from contracts.clickhouse.beside_posts import MACRO as BESIDE_POSTS
from contracts.clickhouse.beside_posts import followers_and_text
from contracts.clickhouse.failures import MACRO as FAILURES
from contracts.clickhouse.failures import source_failures
from contracts.clickhouse.figures import kpi_columns
from contracts.clickhouse.interactions import MACRO as INTERACTIONS
from contracts.clickhouse.interactions import interactions
from contracts.clickhouse.labels import labels
from contracts.clickhouse.ranked import ranked
from contracts.clickhouse.targets import (
    LATELY,
    LATELY_DAYS,
    PACED,
    READ,
    network_read,
    paced_networks,
    profile_target,
)
from contracts.clickhouse.targets import MACRO as TARGET

FOLDER = Path(__file__).parent
TABLES = FOLDER / "tables"
VIEWS = FOLDER / "views"
SCHEMA = FOLDER / "schema.sql"
SHIPPED = FOLDER / "shipped.sha256"
"""SHA-256 of every migration as it is rendered: what has shipped is never edited."""

MACRO = "{replicated}"
_NAME = re.compile(r"(?P<number>\d{4})_(?P<what>[a-z_]+)\.sql")
_CREATED = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered change of the schema; `text` is the file's."""

    number: int
    name: str
    text: str

    def render(self, *, replicated: bool) -> str:
        """Return the statement for one node, or for a cluster."""
        return self.text.replace(MACRO, "Replicated" if replicated else "")

    @property
    def table(self) -> str | None:
        """Return the table that the migration creates, if it does."""
        created = _CREATED.search(self.text)
        return created[1] if created else None

    @property
    def digests(self) -> tuple[str, str]:
        """Return the lines of `SHIPPED` for both renderings."""
        node, cluster = (
            sha256(self.render(replicated=replicated).encode()).hexdigest()
            for replicated in (False, True)
        )
        return f"{node}  node/{self.name}", f"{cluster}  cluster/{self.name}"


@dataclass(frozen=True, slots=True)
class View:
    """One view; the file holds its `CREATE OR REPLACE VIEW`."""

    name: str
    text: str


def migrations(folder: Path = TABLES) -> tuple[Migration, ...]:
    """Return the migrations in order; raises `ValueError` for a bad name or a number used twice."""
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        named = _NAME.fullmatch(path.name)
        if named is None:
            raise ValueError(f"{path.name}: a migration is named NNNN_what.sql")
        number = int(named["number"])
        if number in found:
            raise ValueError(f"{path.name}: {found[number].name} has this number")
        found[number] = Migration(number, path.name, path.read_text("utf-8"))
    return tuple(found[number] for number in sorted(found))


def views(folder: Path = VIEWS) -> tuple[View, ...]:
    """Return the views, each after those that it reads; what is written once is put in."""
    written = {
        INTERACTIONS: interactions(),
        BESIDE_POSTS: followers_and_text(),
        TARGET: profile_target(),
        FAILURES: source_failures(),
        READ: network_read(),
        PACED: paced_networks(),
        LATELY: str(LATELY_DAYS),
        **ranked(),
        **labels(),
        **kpi_columns(),
    }
    texts = {path.stem: path.read_text("utf-8") for path in folder.glob("*.sql")}
    for macro, expression in written.items():
        texts = {name: text.replace(macro, expression) for name, text in texts.items()}
    return in_order(View(name, text) for name, text in texts.items())


def in_order(found: Iterable[View]) -> tuple[View, ...]:
    """Sort views so that each comes after those whose names it holds.

    Raises `graphlib.CycleError` when two read each other.
    """
    by_name = {view.name: view for view in sorted(found, key=lambda view: view.name)}
    reads = {
        name: (set(re.findall(r"\w+", _without_comments(view.text))) & by_name.keys()) - {name}
        for name, view in by_name.items()
    }
    return tuple(by_name[name] for name in TopologicalSorter(reads).static_order())


def create_database(name: str, *, replicated: bool) -> str:
    """Return the statement that creates the database of an installation."""
    engine = (
        f"Replicated('/clickhouse/databases/{name}', '{{shard}}', '{{replica}}')"
        if replicated
        else "Atomic"
    )
    return f"CREATE DATABASE IF NOT EXISTS {name} ENGINE = {engine}"


def _without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)
