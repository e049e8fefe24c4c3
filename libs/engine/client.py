"""The engine's client: what the scorer uses of it, and how it is connected."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

from clickhouse_connect import driver

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 300.0
COMPUTING_SECONDS = 660.0
"""How long an answer is waited for; a month may take ten minutes (`LONG`, bareme_table.py)."""

READING: Mapping[str, Any] = {
    # Questions of pages are small and many: threads for each cost more (15 % of a core) than they
    # bring.
    "settings": {"max_threads": 1},
    "compress": True,
    "connector_limit": 32,
    "send_receive_timeout": 10.0,
}
"""How pages ask: none waits long, and no answer is worth more."""

COMPUTING: Mapping[str, str | int] = {
    # What one replica was given, most of them have, in one order: a staging table filled through
    # one is summed and put in place through another, whole.
    "insert_quorum": "auto",
    "insert_quorum_parallel": 0,
    "select_sequential_consistency": 1,
    # A partition is replaced, a table dropped, when every replica has done it.
    "alter_sync": 2,
}
"""How a month is computed on a cluster, beside one session for all of it."""


class Answer(Protocol):
    """Rows that the engine answered."""

    @property
    def result_rows(self) -> Sequence[Sequence[Any]]:
        """Return the rows, each a sequence of its columns."""
        ...


class Engine(AbstractAsyncContextManager["Engine"], Protocol):
    """What the scorer uses of `clickhouse_connect`'s asynchronous client, with its types."""

    async def command(self, cmd: str) -> object:
        """Run a statement that answers nothing."""
        ...

    async def query(self, query: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Run a query."""
        ...

    async def raw_insert(
        self,
        table: str | None = None,
        *,
        insert_block: bytes,
        fmt: str | None = None,
        settings: Mapping[str, str | int],
    ) -> object:
        """Insert rows that are already in a format of the engine."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...


async def connect(url: str, database: str | None = None) -> Engine:
    """Connect to the engine at `http://user:password@host:port` (by TLS: see `address`).

    Bodies are not compressed: the engine is on the same machine or network, and processors are
    what intake lacks. Raises `clickhouse_connect`'s errors.
    """
    return await _connect(url, database, {"send_receive_timeout": ANSWER_SECONDS})


async def connect_to_read(url: str, database: str) -> Any:
    """Connect for the questions of pages (see `connect`): `query`, `query_row_block_stream`."""
    return await _connect(url, database, READING)


async def connect_to_compute(url: str, database: str, *, cluster: bool) -> Engine:
    """Connect for one computation of a month, which nothing else may share (see `connect`)."""
    return await _connect(url, database, computing_options(cluster=cluster))


def computing_options(*, cluster: bool) -> dict[str, Any]:
    """Return the options of a computation's connection.

    Behind one address a cluster may answer each statement by another replica: a session is what
    a balancer keeps on one, the settings are what makes any of them do.
    """
    options: dict[str, Any] = {"send_receive_timeout": COMPUTING_SECONDS}
    if cluster:
        options |= {"session_id": f"month-{uuid4()}", "settings": dict(COMPUTING)}
    return options


def address(url: str) -> dict[str, Any]:
    """Return what every client of the engine is told by its URL.

    By TLS `https://user:password@host:port?ca=FILE`, where `ca` is an authority beside the usual
    ones; without a port the engine's own, 8443 by TLS and 8123 without.
    """
    parts = urlsplit(url)
    (ca,) = parse_qs(parts.query).get("ca", [None])
    return {
        "host": parts.hostname,
        "port": parts.port or (8443 if parts.scheme == "https" else 8123),
        "interface": parts.scheme,
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "autogenerate_session_id": False,
        **({"ca_cert": ca} if ca else {}),
    }


async def _connect(url: str, database: str | None, more: Mapping[str, Any]) -> Engine:
    options: dict[str, Any] = {
        **address(url),
        "compress": False,
        "connect_timeout": CONNECT_SECONDS,
        **more,
    }
    if database is not None:
        options["database"] = database
    client = await cast("Any", driver).create_async_client(**options)
    return cast("Engine", client)
