"""The part of openpyxl that we use, typed (the library ships no types)."""

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO

class Worksheet:
    title: str
    def reset_dimensions(self) -> None: ...
    def iter_rows(
        self, *, max_col: int, values_only: bool
    ) -> Iterator[tuple[str | int | float | date | datetime | bool | None, ...]]: ...

class Workbook:
    worksheets: list[Worksheet]

def load_workbook(
    filename: BytesIO, *, read_only: bool, data_only: bool, keep_links: bool
) -> Workbook: ...
