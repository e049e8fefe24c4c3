"""The relational store: accounts, watches, agents, whatever database holds them."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, func, insert, select
from sqlalchemy.orm import Session

from deploy.backup.place import Damaged, Place
from services.api.store import Store
from services.api.store.models import Base

ROWS_AT_ONCE = 1_000

_READ: Mapping[type, Callable[[str], Any]] = {
    bytes: b64decode,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}
"""How what JSON has no word for is read again, by what a column holds."""


def keep(store: Store, place: Place) -> dict[str, int]:
    """Write the rows of every table as one transaction sees them; return how many of each."""
    counts: dict[str, int] = {}
    with store.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            counts[table.name] = 0
            with place.writing(f"state/{table.name}.jsonl") as file:
                for row in session.execute(select(table)):
                    line = json.dumps([_plain(value) for value in row], ensure_ascii=False)
                    file.write(line.encode() + b"\n")
                    counts[table.name] += 1
    return counts


def put_back(store: Store, place: Place) -> dict[str, int]:
    """Fill the tables of a store that was just migrated. Raises `Damaged` where one has rows."""
    counts: dict[str, int] = {}
    with store.database.writing() as session:
        for table in Base.metadata.sorted_tables:
            if session.scalar(select(func.count()).select_from(table)):
                raise Damaged(f"the database has rows in {table.name}: restore into an empty one")
            rows = list(_rows(table, place))
            for start in range(0, len(rows), ROWS_AT_ONCE):
                session.execute(insert(table), rows[start : start + ROWS_AT_ONCE])
            counts[table.name] = len(rows)
        if not store.database.is_sqlite:
            _go_on_counting(session)
    return counts


def _go_on_counting(session: Session) -> None:
    """Have PostgreSQL number new rows after those that were put back with their numbers."""
    for table in Base.metadata.sorted_tables:
        (key, *others) = table.primary_key.columns
        if not others and isinstance(key.type, Integer):
            sequence = func.pg_get_serial_sequence(table.name, key.name)
            last = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
            session.execute(select(func.setval(sequence, last, False)))


def _rows(table: Table, place: Place) -> Iterator[dict[str, Any]]:
    columns = list(table.columns)
    for line in place.read(f"state/{table.name}.jsonl").splitlines():
        values = cast("list[Any]", json.loads(line))
        yield {
            column.name: _of(column.type, value)
            for column, value in zip(columns, values, strict=True)
        }


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a moment is one too
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _of(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    reads = _READ.get(getattr(kind, "impl_instance", kind).python_type)
    return reads(value) if reads else value
