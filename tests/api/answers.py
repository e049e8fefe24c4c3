"""What the real engine answered of the small made-up country, recorded: figures for fast tests.

`make answers` asks the engine anew whatever the tests ask, and writes `answers/<view>.json`: each
row once, and which rows answer which parameters. `test_figures.py` asks the engine every recorded
question again. What belongs to one test (a watch, texts, an engine that is away) the test gives.
"""

import json
import os
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from services.api.figures.queries import Queries, Some, require_parameters
from services.api.figures.rows import Row
from services.api.figures.views import VIEWS, View
from tests.api import given
from tests.api.given import Given, Silent
from tests.api.world import every_account

R = TypeVar("R", bound=Row)

FOLDER = Path(__file__).parent / "answers"
RECORDING = "OBSERVATOIRE_ANSWERS_FROM"
"""Address and database of a filled engine, `http://… database`, while answers are recorded."""

BLOCK = 7


def question(parameters: dict[str, str]) -> str:
    """Write parameters as they are kept."""
    return "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))


def asked(kept: str) -> dict[str, str]:
    """Return the parameters of a question that is kept."""
    return dict(one.split("=", 1) for one in kept.split("&")) if kept else {}


class Answers:
    """The answers of one view."""

    def __init__(self, view: View[Any]) -> None:
        self.file = FOLDER / f"{view.name}.json"
        known = self.file.exists() and RECORDING not in os.environ
        kept = json.loads(self.file.read_text()) if known else {}
        self.rows: list[str] = [json.dumps(row) for row in kept.get("rows", [])]
        self.places = {row: place for place, row in enumerate(self.rows)}
        self.of: dict[str, list[int]] = kept.get("answers", {})

    def keep(self, kept: str, rows: Iterable[Given]) -> None:
        """Keep an answer."""
        self.of[kept] = []
        for row in map(json.dumps, rows):
            if row not in self.places:
                self.places[row] = len(self.rows)
                self.rows.append(row)
            self.of[kept].append(self.places[row])

    def answer(self, kept: str) -> list[Given]:
        """Return an answer. Raises `KeyError` for what was never asked."""
        return [json.loads(self.rows[place]) for place in self.of[kept]]

    def write(self) -> None:
        """Write the file: a line a row, in an order that who asked first does not change."""
        placed: dict[str, int] = {}
        self.of = {
            one: [placed.setdefault(self.rows[place], len(placed)) for place in places]
            for one, places in sorted(self.of.items())
        }
        self.rows, self.places = [*placed], placed
        rows = ",\n".join(self.rows)
        answers = ",\n".join(f"{json.dumps(one)}: {places}" for one, places in self.of.items())
        self.file.write_text(f'{{"rows": [\n{rows}\n], "answers": {{\n{answers}\n}}}}\n')


ANSWERS = {view.name: Answers(view) for view in VIEWS.values()}

ACCOUNTS = {row["account"] for row in every_account()}


async def ask(url: str, database: str, view: View[Any], parameters: dict[str, str]) -> list[Given]:
    """Ask the engine; rows as they are kept, what is null left out."""
    queries = Queries(url, database, kept_seconds=0)
    try:
        rows = await queries.read(view, None, **parameters)
    finally:
        await queries.stop()
    # Through JSON as files are, decimals and moments as text: 31.40 keeps its zero.
    told = json.dumps([row.model_dump(exclude_none=True) for row in rows], default=str)
    return json.loads(told)


class RecordedFigures:
    """Figures of the small country as the engine answered them, but for what a test gives.

    `given` answers a view whatever is asked of it (rows, or an exception to raise); `changes` are
    made to every row that is answered, from what it has to what differs.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: Exception | None = None
        self.given: dict[str, list[Any] | Exception] = {}
        self.changes: list[Callable[[Given], Given]] = []
        self.watches: dict[str, list[Given]] = {}
        self.alerts: dict[str, list[Given]] = {}
        self.texts: list[Given] = []
        self.silences: list[Silent] = []
        self.stored: list[tuple[str, datetime]] = []

    async def read(self, view: View[R], limit: Some = None, **parameters: str) -> list[R]:
        """Return the rows of a view (see `Figures`)."""
        require_parameters(view, parameters)
        self.asked.append(view.name)
        for failure in (self.failure, self.given.get(view.name)):
            if isinstance(failure, Exception):
                raise failure
        rows = [view.row.model_validate(row) for row in await self._rows(view, parameters)]
        some = limit if isinstance(limit, range) else range(len(rows) if limit is None else limit)
        return [self._changed(row) for row in rows[some.start : some.stop]]

    async def count(self, view: View[Any], **parameters: str) -> int:
        """Return how many rows a view has (see `Figures`)."""
        return len(await self.read(view, None, **parameters))

    async def as_parquet(self, csv: bytes, structure: str) -> bytes:
        """Return what was asked between the marks of a Parquet file: no engine makes one here."""
        return b"PAR1" + structure.encode() + b"\n" + csv + b"PAR1"

    async def blocks(self, view: View[R], **parameters: str) -> AsyncGenerator[list[R]]:
        """Yield the rows of a view by blocks (see `Figures`)."""
        rows = await self.read(view, None, **parameters)
        for start in range(0, len(rows), BLOCK):
            yield rows[start : start + BLOCK]

    async def _rows(self, view: View[Any], parameters: dict[str, str]) -> list[Any]:
        if view.name in self.given:
            return list(self.given[view.name])
        if own := getattr(self, f"_{view.name}", None):
            return own(**parameters)
        if parameters.get("account", "nobody") not in ACCOUNTS | {"nobody"}:
            return []
        empty: Given = dict.fromkeys(view.row.model_fields)
        kept = question(parameters)
        if filled := os.environ.get(RECORDING):
            answers = ANSWERS[view.name]
            if kept not in answers.of:
                answers.keep(kept, await ask(*filled.split(), view, parameters))
        try:
            return [empty | row for row in ANSWERS[view.name].answer(kept)]
        except KeyError:
            raise AssertionError(
                f"never asked of the engine: {view.name}, {kept}; run `make answers`"
            ) from None

    def _changed(self, row: R) -> R:
        for change in self.changes:
            held = row.model_dump()
            update = {k: v for k, v in change(held).items() if k in held}
            row = row.model_copy(update=update)
        return row

    def _watch_matches(self, watch: str, **days: str) -> list[Given]:
        return given.matches(self.watches.get(watch, ()), **days)

    def _watch_alerts(self, watch: str, **days: str) -> list[Given]:
        return given.alerts(self.alerts.get(watch, ()), **days)

    def _watch_hours(self, watch: str, **days: str) -> list[Given]:
        return given.hours(self.watches.get(watch, ()), **days)

    def _watch_silences_between(self, watch: str, since: str, until: str) -> list[Given]:
        return given.silences(self.silences, watch, since, until)

    def _watch_activity(self, since: str) -> list[Given]:
        return given.activity(self.alerts, since)

    def _texts_read(self, since: str) -> list[Given]:
        return given.texts_read(self.texts, since)

    def _texts_between(self, **days: str) -> list[Given]:
        return given.texts_between(self.texts, **days)

    def _texts_with(self, words: str, **days: str) -> list[Given]:
        return given.texts_with(self.texts, words=words, **days)

    def _stored_observations(self, since: str) -> list[Given]:
        return given.stored(self.stored, since)
