"""Tables sent as the CSV files of this installation."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from fastapi.responses import Response

from services.api.files.csv import Column, Variant, attached, csv_file, file_name
from services.api.installation import Installation

R = TypeVar("R")


def send_csv(
    here: Installation,
    name: str,
    rows: Iterable[R],
    columns: Sequence[Column[R]],
    variant: Variant,
) -> Response:
    """Return the file; `name` has no extension and gains the mark of a simulation.

    A line's origin is the row's own where it says one, else the installation's.
    """

    def origin(row: R) -> str:
        return getattr(row, "origin", here.settings.installation)

    content = csv_file(rows, columns, origin=origin, variant=variant)
    return attached(content, file_name(name, simulation=here.simulation, variant=variant))
