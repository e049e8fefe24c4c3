"""The state kept in a backup and put back, into either database: row by row, then it goes on."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, insert, select

from deploy.backup import state
from deploy.backup.place import Damaged, Place
from libs.sealing import Seal
from services.api.store import Store
from services.api.store.models import Base
from tests.api.store.conftest import Now
from tests.api.store.test_store_watches import DRAFT


def invented(column: Column[Any], number: int) -> Any:
    """Return a value of a column; equal in every table, so that what refers to it finds it."""
    if number and column.nullable:
        return None
    kind: Any = column.type
    kind = getattr(kind, "impl_instance", kind)
    values: dict[type, Any] = {
        str: f"{number}é"[: getattr(kind, "length", None) or 2],
        int: number + 1,
        bool: True,
        bytes: b"\x00\xff",
        date: date(2026, 11, 30 - number),
        datetime: datetime(2026, 11, 30 - number, 23, 59, 59, 123_456, tzinfo=UTC),
        object: {"a": [1, None, "é"]},
    }
    return values[kind.python_type]


def rows_of(store: Store) -> dict[str, list[Any]]:
    with store.database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table))]
            for table in Base.metadata.sorted_tables
        }


def test_every_column_of_every_table_comes_back(tmp_path: Path, empty_url: str):
    """A day of a note on a curve is no JSON: from the first one on, no backup could be taken."""
    first, second = (
        Store(url, origin="simulation", now=Now(), seal=Seal(None))
        for url in (f"sqlite:///{tmp_path}/first.db", empty_url)
    )
    for store in (first, second):
        store.migrate()
    with first.database.writing() as session:
        for table in Base.metadata.sorted_tables:
            for number in range(2):
                row = {column.name: invented(column, number) for column in table.columns}
                session.execute(insert(table), row)
    place = Place(str(tmp_path / "kept"))
    assert set(state.keep(first, place).values()) == {2}
    state.put_back(second, place)
    assert rows_of(second) == rows_of(first)
    first.close()
    second.close()


def test_the_state_comes_back_row_by_row(tmp_path: Path, empty_url: str):
    now = Now()
    first, second = (
        Store(url, origin="simulation", now=now, seal=Seal(None))
        for url in (f"sqlite:///{tmp_path}/first.db", empty_url)
    )
    for store in (first, second):
        store.migrate()
    watch = first.watches.create(DRAFT, recipients=("mailto:a@essai.example",))
    first.watches.move(watch.watch, "paused")
    place = Place(str(tmp_path / "kept"))
    counts = state.keep(first, place)
    assert state.put_back(second, place) == counts
    assert second.watches.get(watch.watch) == first.watches.get(watch.watch)
    again = Place(str(tmp_path / "again"))
    state.keep(second, again)
    assert again.digests == place.digests
    with pytest.raises(Damaged, match="has rows"):
        state.put_back(second, place)
    # Numbers of new rows come after those of the rows that were put back.
    assert second.watches.create(DRAFT, recipients=("mailto:b@essai.example",))
    first.close()
    second.close()
