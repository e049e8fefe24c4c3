"""The tables of the engine, partition by partition, in its own format (Native).

Texts are not kept, nor what comes from a network whose terms limit its keeping: a backup outlives
the thirty days that they may be. Tables that others fill (by
a materialised view) are filled again by them.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import clickhouse_connect
from clickhouse_connect.driver import httputil

from deploy.backup.place import Damaged, Place
from libs.engine.client import address
from libs.retention import TABLES, TEXT_DAYS, outliving

PIECE_BYTES = 1 << 20
MADE_BY_MIGRATION = {"migrations", "territories"}
APPLIED = {"erasures_applied"}
"""Not kept: what is put back is looked through for all that was ever to be erased."""

TEXTS = {name for name, kept in TABLES.items() if kept.days == TEXT_DAYS}

_client = cast("Callable[..., Any]", clickhouse_connect.get_client)
_pool = cast("Callable[..., Any]", httputil.get_pool_manager)


def connected(url: str, database: str) -> Any:
    """Return a client that streams. Raises `clickhouse_connect`'s errors."""
    told = address(url)
    if ca := told.pop("ca_cert", None):
        # A pool that is the client's own it closes by a lock that the one of urllib3-future, which
        # stands in urllib3's place here, has not.
        told["pool_mgr"] = _pool(ca_cert=ca)
    return _client(**told, database=database, send_receive_timeout=3_600)


def kept_tables(client: Any, database: str) -> list[str]:
    """Return the names of the tables that a backup holds."""
    found = client.query(
        "SELECT name, engine, create_table_query FROM system.tables WHERE database = {d:String}",
        parameters={"d": database},
    ).result_rows
    filled = {
        match[1]
        for _, engine, made in found
        if engine == "MaterializedView" and (match := re.search(r"\bTO\s+(?:\w+\.)?(\w+)", made))
    }
    stored = {name for name, engine, _ in found if engine.endswith("MergeTree")}
    return sorted(stored - filled - MADE_BY_MIGRATION - APPLIED - TEXTS)


def keep(client: Any, database: str, place: Place) -> dict[str, int]:
    """Write every partition of every table; return how many rows of each."""
    counts: dict[str, int] = {}
    for table in kept_tables(client, database):
        counts[table] = 0
        where = outliving(table)
        for part, rows in _partitions(client, table, where):
            counts[table] += rows
            stream = client.raw_stream(
                f"SELECT * FROM {table} WHERE _partition_id = '{part}' AND ({where})",  # noqa: S608
                fmt="Native",
            )
            with place.writing(f"tables/{table}/{part}.native") as file:
                while piece := stream.read(PIECE_BYTES):
                    file.write(piece)
            stream.close()
    return counts


def put_back(client: Any, place: Place, files: list[str]) -> dict[str, int]:
    """Insert what was kept into tables of this version. Raises `Damaged` where one has rows."""
    by_table: dict[str, list[str]] = {}
    for path in files:
        by_table.setdefault(path.split("/")[1], []).append(path)
    for table in by_table:
        if client.query(f"SELECT count() FROM {table}").result_rows[0][0]:  # noqa: S608
            raise Damaged(f"the engine has rows in {table}: restore into an empty database")
    for table, paths in by_table.items():
        for path in paths:
            with place.reading(path) as stream:
                client.raw_insert(table, insert_block=_pieces(stream), fmt="Native")
    return {
        table: int(client.query(f"SELECT count() FROM {table}").result_rows[0][0])  # noqa: S608
        for table in by_table
    }


def _partitions(client: Any, table: str, where: str) -> list[tuple[str, int]]:
    found = client.query(
        f"SELECT _partition_id, count() FROM {table} WHERE {where} GROUP BY 1 ORDER BY 1"  # noqa: S608
    )
    return [(str(part), int(rows)) for part, rows in found.result_rows]


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(PIECE_BYTES):
        yield bytes(piece)
