"""The sink: blocks of rows into ClickHouse, and what its errors ask to be done.

Later            the engine is away, busy or not ready: wait, commit nothing (libs/wire/work.py)
BlockRefused     something in the block is bad: look for it
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload
from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from libs.engine.client import Engine, connect
from libs.engine.insert import INSERT_SETTINGS
from libs.wire.work import Later

INTAKE_SETTINGS: dict[str, str | int] = INSERT_SETTINGS | {
    # Repeats within a block are left to merges and FINAL, as those between blocks are.
    "optimize_on_insert": 0,
    # A block is one or two pieces to a parallel reader, which first looks for the ends of all lines
    # (a tenth of the engine's time); blocks are themselves inserted side by side.
    "input_format_parallel_parsing": 0,
}
"""What makes intake cheap, beside what makes any insert strict."""

CLUSTER_SETTINGS: dict[str, str | int] = {"insert_quorum": "auto"}
"""On a cluster, acknowledged means stored by a majority of replicas."""

BAD_ROWS = frozenset(
    {6, 25, 26, 27, 32, 33, 38, 41, 53, 69, 70, 72, 117, 131, 246, 321, 349, 407, 469}
)
"""Codes of the engine that accuse the rows: unparsable, out of range, null, a constraint violated.

Any other (no memory, no disk, too many parts, no such table yet…) is no fault of theirs.
"""


TOGETHER = 200
"""Rows that are joined and sent at once (some 130 KB)."""


class BlockRefused(Exception):
    """The engine accuses some row of a block; `reason` is its first line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rows(Payload):
    """The body of an insert, joined piece by piece as it is sent.

    Joined at once it would be copied three times (by us, by the client, by its HTTP library), which
    cost a tenth of intake's time and, for each block under way, three times its size.
    """

    def __init__(self, statement: str, rows: Sequence[bytes]) -> None:
        super().__init__(rows)
        self._statement = statement.encode()
        self._rows = rows
        self._size = len(self._statement) + sum(map(len, rows)) + len(rows)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the statement, then each row on a line of its own."""
        first = self._statement
        for start in range(0, len(self._rows), TOGETHER):
            piece = b"\n".join((first, *self._rows[start : start + TOGETHER]))
            first = b""
            await writer.write(piece)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the whole body."""
        return b"\n".join((self._statement, *self._rows)).decode(encoding, errors)


class EngineSink:
    """ClickHouse through its HTTP interface: rows as `JSONEachRow` bytes, one insert a block.

    It connects at the first insert: an engine that is away when a service starts is waited for.
    """

    def __init__(self, url: str, database: str, *, cluster: bool = False) -> None:
        self._url = url
        self._database = database
        self._settings = INTAKE_SETTINGS | (CLUSTER_SETTINGS if cluster else {})
        self._client: Engine | None = None
        self._connecting = asyncio.Lock()

    async def insert(self, table: str, rows: Sequence[bytes]) -> None:
        """Insert rows, each one JSON object; returns when they are stored.

        Raises `BlockRefused` or `Later`; in both cases some rows may be stored, which a repeat does
        not change.
        """
        try:
            client = await self._connected()
            body: Any = Rows(f"INSERT INTO {table} FORMAT JSONEachRow", rows)
            await client.raw_insert(insert_block=body, settings=self._settings)
        except (ClickHouseError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise sorted_error(error) from error

    async def ping(self) -> None:
        """Return once the engine answers a question; raises what its client does."""
        client = await self._connected()
        await client.query("SELECT 1")

    async def close(self) -> None:
        """Disconnect."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _connected(self) -> Engine:
        async with self._connecting:
            if self._client is None:
                self._client = await connect(self._url, self._database)
            return self._client


def sorted_error(error: Exception) -> BlockRefused | Later:
    """Sort an error of an insert by what it asks to be done."""
    if isinstance(error, Error) and error.code in BAD_ROWS:
        return BlockRefused(first_line(error))
    return Later(f"the engine: {first_line(error)}")


def first_line(error: Exception) -> str:
    """Return the first line of what an error says, or its name when it says nothing."""
    return (str(error).strip() or repr(error)).splitlines()[0]
