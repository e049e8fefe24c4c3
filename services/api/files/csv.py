"""Tables as CSV: the standard one, and one that opens well in a French Excel (`;` and BOM).

Every line says its origin; the file of a simulation says so in its name. The standard variant is
faithful (RFC 4180): a text that begins with `=`, `+`, `-` or `@` is given as it was written, for
programs, and a spreadsheet that opens it may run it as a formula. The variant for Excel puts an
apostrophe before such a text, writes a code as the formula `="01001"` so that it keeps its
zeros, and an instant as the hour of Paris. These are said on the page of open data.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar

from fastapi import Request
from fastapi.responses import Response

from contracts.panels.labels import ORIGINS
from libs.french import PARIS

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)
Variant = Literal["standard", "excel"]

FORMULA_SIGNS = ("=", "+", "-", "@")
"""A text beginning so, of whatever width, would be run as a formula by a spreadsheet."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R_contra]):
    """A column: its French name, where its value is, what it says and in which unit (French).

    A value is a field of the row, or of what a field of it holds ("account.handle": None where
    that is missing), or is worked out.

    A `code` keeps its zeros. A `raw` column is a counter of the network's, or gives one back: it
    is empty where the network's terms let nobody hand it on. A `widened` bound is to the ten there.
    `labels` are what its codes are called in French (`contracts/panels/labels.py`).
    """

    name: str
    value: str | Callable[[R_contra], Any]
    says: str
    unit: str = ""
    code: bool = False
    raw: bool = False
    widened: bool = False
    labels: Mapping[str, str] | None = None

    @property
    def read(self) -> Callable[[R_contra], Any]:
        """Return what takes its value out of a row."""
        found = self._found
        return partial(_labelled, found, self.labels) if self.labels else found

    @property
    def _found(self) -> Callable[[R_contra], Any]:
        if callable(self.value):
            return self.value
        return partial(_field, self.value) if "." in self.value else attrgetter(self.value)


def origin(of: Callable[[R], str]) -> Column[R]:
    """Return the last column of every file."""
    return Column("origine", of, "observé, inventé (simulation) ou déclaré", labels=ORIGINS)


def wants_csv(request: Request) -> bool:
    """Whether the request asks for CSV, by the end of its address or by `Accept`."""
    accepted = request.headers.get("accept", "")
    return request.url.path.endswith(".csv") or accepted.startswith("text/csv")


@dataclass(frozen=True)
class CsvForm(Generic[R]):
    """How a file is written, block by block: its head, then lines."""

    columns: Sequence[Column[R]]
    origin: Callable[[R], str]
    variant: Variant

    def head(self) -> bytes:
        """Return the bytes of the first line, with what Excel needs before it."""
        names = [column.name for column, _ in self._written]
        return self._bytes([names], "utf-8-sig" if self.variant == "excel" else "utf-8")

    def lines(self, rows: Iterable[R]) -> bytes:
        """Return the bytes of the lines of these rows."""
        return self._bytes(map(self._cells, rows), "utf-8")

    @property
    def all_columns(self) -> list[Column[R]]:
        """Return every column that is written, the origin too."""
        return [column for column, _ in self._written]

    @cached_property
    def _written(self) -> list[tuple[Column[R], Callable[[R], Any]]]:
        written = [*self.columns, origin(self.origin)]
        return [(column, column.read) for column in written]

    def _cells(self, row: R) -> list[str]:
        excel = self.variant == "excel"
        cells: list[str] = []
        for column, read in self._written:
            value = read(row)
            cells.append(_excel(value, code=column.code) if excel else _standard(value))
        return cells

    def _bytes(self, lines: Iterable[Sequence[str]], encoding: str) -> bytes:
        file = io.StringIO()
        delimiter = ";" if self.variant == "excel" else ","
        csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
        return file.getvalue().encode(encoding)


def csv_file(
    rows: Iterable[R],
    columns: Sequence[Column[R]],
    *,
    origin: Callable[[R], str],
    variant: Variant,
) -> bytes:
    """Return the bytes of a file."""
    form = CsvForm(columns, origin, variant)
    return form.head() + form.lines(rows)


def file_name(name: str, *, simulation: bool, variant: Variant = "standard") -> str:
    """Return the name of a file, which says what it is when it lies alone in a folder."""
    marked = f"simulation_{name}" if simulation else name
    return f"{marked}_excel.csv" if variant == "excel" else f"{marked}.csv"


def attached(content: bytes, name: str) -> Response:
    """Return a CSV file to keep under a name."""
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _field(path: str, row: object) -> Any:
    for name in path.split("."):
        row = None if row is None else getattr(row, name)
    return row


def _labelled(found: Callable[[Any], Any], labels: Mapping[str, str], row: object) -> Any:
    value = found(row)
    return labels.get(value, value)


def _standard(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)


def _excel(value: object, *, code: bool) -> str:
    text = _standard(value)
    if isinstance(value, float | Decimal):
        return text.replace(".", ",")
    if isinstance(value, datetime):
        return f"{value.astimezone(PARIS):%Y-%m-%d %H:%M:%S}"
    if code and text.isalnum():
        return f'="{text}"'
    if isinstance(value, str | list | tuple) and would_run(text):
        return f"'{text}"
    return text


def would_run(text: str) -> bool:
    """Tell whether a spreadsheet would run a text: blanks before a formula hide it from nobody."""
    if text.startswith(("\t", "\r", "\n")):
        return True
    first = next((sign for sign in text if unicodedata.category(sign)[0] not in "CZ"), "")
    return unicodedata.normalize("NFKC", first) in FORMULA_SIGNS
