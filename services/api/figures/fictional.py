"""The figures of a simulation, with addresses that lead to nobody real."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar, cast

from contracts.addresses.fiction import fictional
from services.api.figures.queries import Figures, Some
from services.api.figures.rows import Row
from services.api.figures.views import View

R = TypeVar("R", bound=Row)


class FictionalFigures:
    """Figures whose rows have the addresses of `contracts.addresses.fiction`: pages, files, API."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    async def read(self, view: View[R], limit: Some = None, **parameters: str) -> list[R]:
        """Return the rows of a view (see `Figures`)."""
        return [_shown(row) for row in await self._figures.read(view, limit, **parameters)]

    async def count(self, view: View[Any], **parameters: str) -> int:
        """Return how many rows a view has (see `Figures`)."""
        return await self._figures.count(view, **parameters)

    async def as_parquet(self, csv: bytes, structure: str) -> bytes:
        """Return a CSV file as Parquet (see `Figures`)."""
        return await self._figures.as_parquet(csv, structure)

    async def blocks(self, view: View[R], **parameters: str) -> AsyncGenerator[list[R]]:
        """Yield the rows of a view by blocks (see `Figures`)."""
        async with aclosing(self._figures.blocks(view, **parameters)) as blocks:
            async for block in blocks:
                yield [_shown(row) for row in block]


def _shown(row: R) -> R:
    address = cast("str | None", getattr(row, "address", None))
    return row.model_copy(update={"address": fictional(address)}) if address else row
