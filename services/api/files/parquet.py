"""A CSV file as Parquet: the engine reads our own bytes, so that both forms say the same.

What may leave is decided once, when the CSV is written. Columns keep their names; counts, points
and ratios are numbers, the rest is text; what is empty is null. Codes keep their zeros, being text.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel

from services.api.files.csv import Column

MEDIA = "application/vnd.apache.parquet"

TYPES: dict[type, str] = {int: "Int64", float: "Float64", Decimal: "Decimal(9, 2)"}
"""Of points, the engine's own; anything else is text, an instant too, as it is in the CSV."""


def structure(columns: Sequence[Column[Any]], row: type[BaseModel]) -> str:
    """Return the columns of a file as the engine is told them: names and types."""
    return ", ".join(f"`{one.name}` Nullable({_type(one, row)})" for one in columns)


def _type(column: Column[Any], row: type[BaseModel]) -> str:
    value = column.value
    if not isinstance(value, str) or column.labels or column.code or value not in row.model_fields:
        return "String"
    held = _held(row.model_fields[value].annotation) - {type(None)}
    return TYPES.get(held.pop(), "String") if len(held) == 1 else "String"


def _held(annotation: Any) -> set[Any]:
    """Return the types of a field, of those that it may be."""
    inner = [one for one in get_args(annotation) if isinstance(one, type) or get_args(one)]
    if isinstance(annotation, type) and not inner:
        return {annotation}
    return {held for one in inner for held in _held(one)}
