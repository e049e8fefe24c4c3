"""The engine's client: what the scorer uses of it, and how it is connected."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast
from urllib.parse import unquote, urlsplit

from clickhouse_connect import driver


class Answer(Protocol):
    """Rows that the engine answered."""

    @property
    def result_rows(self) -> Sequence[Sequence[Any]]:
        """Return the rows, each a sequence of its columns."""
        ...


class Engine(Protocol):
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
    """Connect to the engine at `http://user:password@host:port`.

    Bodies are not compressed: the engine is on the same machine or network, and processors are
    what intake lacks. Raises `clickhouse_connect`'s errors.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port or 8123,
        "interface": parts.scheme,
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "compress": False,
        "autogenerate_session_id": False,
    }
    if database is not None:
        options["database"] = database
    client = await cast("Any", driver).create_async_client(**options)
    return cast("Engine", client)
