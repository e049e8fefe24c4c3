"""Tables sent as the CSV files of this installation."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from fastapi.responses import Response

from services.api.files.csv import Column, Variant, attached, csv_file, file_name
from services.api.installation import Installation

R = TypeVar("R")


class WithOrigin(Protocol):
    """A row that says its own origin."""

    @property
    def origin(self) -> str:
        """Return `live`, `simulation` or `declared`."""
        ...


def own(row: WithOrigin) -> str:
    """Return the origin that a row says itself."""
    return row.origin


def send_csv(
    here: Installation,
    name: str,
    rows: Iterable[R],
    columns: Sequence[Column[R]],
    variant: Variant,
    *,
    origin: Callable[[R], str] | None = None,
    withheld: Callable[[R], bool] = lambda _: False,
) -> Response:
    """Return the file; `name` has no extension and gains the mark of a simulation.

    A line's origin is the installation's, unless `origin` tells it by the row.
    """

    def installed(_: R) -> str:
        return here.settings.installation

    content = csv_file(
        rows, columns, origin=origin or installed, variant=variant, withheld=withheld
    )
    return attached(content, file_name(name, simulation=here.simulation, variant=variant))
