"""The tools whose exports are read: one file each in `tools/`, which says what its columns are.

A tool renames its columns without a word, by language too: adding a name is a line in its file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from contracts.networks import network_of
from libs.matching.words import fold

FOLDER = Path(__file__).parent / "tools"

Counter = Literal["likes", "comments", "shares", "interactions", "views"]
Field = Literal[Counter, "post", "account", "day", "followers", "gained"]
COUNTERS: tuple[Counter, ...] = get_args(Counter)

WORDS: dict[Field, str] = {
    "post": "la publication",
    "account": "le compte",
    "day": "le jour",
    "likes": "les mentions « J’aime » ou réactions",
    "comments": "les commentaires",
    "shares": "les partages",
    "interactions": "la somme des interactions",
    "views": "les vues ou affichages",
    "followers": "les abonnés",
    "gained": "les abonnés gagnés",
}
"""What pages call each figure that is kept."""


class Export(BaseModel):
    """A file that a tool gives: a row is a post, or a day of the account.

    `columns` are the names that a column bears, the English one first; the first that the file
    has is read. `needs` are those without which it is another file; `only_with` names columns one
    of which is there, where the others would not tell it from another. `ignored` are known, and
    not kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: str
    what: str
    rows: Literal["posts", "days"]
    needs: tuple[Field, ...]
    columns: dict[Field, tuple[str, ...]]
    interactions: tuple[Counter, ...] = ()
    only_with: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    ignored_too: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Export":
        if missing := {*self.needs, *self.interactions} - self.columns.keys():
            raise ValueError(f"no column for {sorted(missing)}")
        if network_of(self.network).name == self.network:
            raise ValueError(f"no network {self.network}")
        return self

    @cached_property
    def _known(self) -> frozenset[bytes]:
        return frozenset(map(_folded, (*self.ignored, *self.ignored_too)))

    def place(self, header: Sequence[str]) -> "Placed | None":
        """Return where its columns are in a header; None where it is another file's."""
        names = [_folded(one) for one in header]
        found: dict[Field, int] = {}
        for field, called in self.columns.items():
            where = next((names.index(one) for one in map(_folded, called) if one in names), None)
            if where is not None:
                found[field] = where
        marks = set(map(_folded, self.only_with))
        if not found.keys() >= set(self.needs) or (marks and marks.isdisjoint(names)):
            return None
        rest = [n for n, name in enumerate(names) if name and n not in found.values()]
        return Placed(
            self,
            found,
            day_first=any(names[found[one]] != _folded(self.columns[one][0]) for one in self.needs),
            ignored=tuple(header[n] for n in rest if names[n] in self._known),
            unknown=tuple(header[n] for n in rest if names[n] not in self._known),
        )


class Tool(BaseModel):
    """Where an agent has a file from, and what we read of it; `source` says how that is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    name: str
    how: str
    source: str
    exports: tuple[Export, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """An export that a header was known for: the index of each column, and those that are left.

    `day_first`: its columns are not called in English, so « 03/06 » is the third of June.
    """

    export: Export
    at: dict[Field, int]
    day_first: bool = False
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def _folded(name: str) -> bytes:
    return b" ".join(fold(name))


@cache
def tools() -> tuple[Tool, ...]:
    """Return every tool, by name. Raises pydantic's error for a file that says nonsense."""
    return tuple(
        Tool.model_validate({"slug": file.stem, **yaml.safe_load(file.read_text(encoding="utf-8"))})
        for file in sorted(FOLDER.glob("*.yaml"))
    )


@cache
def declarable() -> frozenset[str]:
    """Return the networks of which a tool's export is read, by slug."""
    return frozenset(export.network for tool in tools() for export in tool.exports)


def recognise(headers: Iterable[Sequence[str]]) -> tuple[int, Tool, Placed] | None:
    """Return the first header that an export is known by: its index, the tool, its columns."""
    for index, header in enumerate(headers):
        known = [
            (tool, placed)
            for tool in tools()
            for export in tool.exports
            if (placed := export.place(header))
        ]
        if known:
            tool, placed = max(known, key=lambda one: len(one[1].at))
            return index, tool, placed
    return None
