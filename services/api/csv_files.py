"""Tables as CSV: the standard one, and one that opens well in a French Excel (`;` and BOM).

Every line says its origin; the file of a simulation says so in its name.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from fastapi import Request
from fastapi.responses import Response

R = TypeVar("R")
Variant = Literal["standard", "excel"]

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A text beginning so would be run as a formula by a spreadsheet."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column: its French name, where its value is, whether a code keeps its zeros."""

    name: str
    value: Callable[[R], Any]
    code: bool = False


def wants_csv(request: Request) -> bool:
    """Whether the request asks for CSV, by the end of its address or by `Accept`."""
    accepted = request.headers.get("accept", "")
    return request.url.path.endswith(".csv") or accepted.startswith("text/csv")


def csv_response(
    name: str,
    rows: Iterable[R],
    columns: Sequence[Column[R]],
    *,
    origin: Callable[[R], str],
    simulation: bool,
    variant: Variant,
) -> Response:
    """Return the file; `name` has no extension and gains the mark of a simulation."""
    written = [*columns, Column("origine", origin)]
    prefix = "simulation_" if simulation else ""
    return Response(
        _text(rows, written, variant).encode("utf-8-sig" if variant == "excel" else "utf-8"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{prefix}{name}.csv"'},
    )


def _text(rows: Iterable[R], columns: Sequence[Column[R]], variant: Variant) -> str:
    excel = variant == "excel"
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";" if excel else ",", lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        values = [(column.value(row), column.code) for column in columns]
        writer.writerow([_excel(v, code=c) if excel else _standard(v) for v, c in values])
    return file.getvalue()


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
    if code and text:
        return f'="{text}"'
    if isinstance(value, str) and text.startswith(FORMULA_SIGNS):
        return f"'{text}"
    return text
