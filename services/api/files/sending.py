"""Tables sent as the CSV files of this installation."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from fastapi.responses import Response

from contracts.event import Origin
from services.api.files.csv import Column, Variant, attached, csv_file, file_name

R = TypeVar("R")


def send_csv(
    origin: Origin,
    name: str,
    rows: Iterable[R],
    columns: Sequence[Column[R]],
    variant: Variant,
) -> Response:
    """Return the file; `name` has no extension and gains the mark of a simulation.

    A line's origin is the row's own where it says one, else the installation's.
    """

    def of_row(row: R) -> str:
        return getattr(row, "origin", origin)

    content = csv_file(rows, columns, origin=of_row, variant=variant)
    simulation = origin == "simulation"
    return attached(content, file_name(name, simulation=simulation, variant=variant))
