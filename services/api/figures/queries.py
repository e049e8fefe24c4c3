"""Reading figures: the views of ClickHouse, and nothing but the views."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeAlias, TypeVar

import structlog
from aiohttp import ClientError
from cachetools import TTLCache
from clickhouse_connect.driver.exceptions import ClickHouseError

from libs.engine.client import connect_to_read
from services.api.figures.rows import Row
from services.api.figures.views import PERIODS, View, total_of

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Row)

KEPT_SECONDS = 60.0
"""How old an answer may be: counters change every few hours."""

MONTH_KEPT_SECONDS = 3600.0
MONTHS_SEEN_SECONDS = 10.0
"""Scores change when a month is computed anew: their answers are kept while `periods`, looked at
this often, and when one is told (`new_months.py`), says the same. Reading one costs the engine 30
to 100 ms of a core."""


QUERIES_AT_ONCE = 8
"""How many questions the engine is asked at once: what waits, waits here, not in a full engine."""

STREAMS_AT_ONCE = 4
STREAM_WAIT_SECONDS = 5.0
"""How many answers are read by blocks at once, apart from the others, and how long one waits to
be: whoever takes a file away slowly holds one of them."""

STREAM_SETTINGS = {"max_threads": 1, "max_block_size": 2000}
ROWS_AT_ONCE = 500
"""Rows made of a block at a time: one of a month takes 5 kB. The engine's own blocks are of 8,192
where it reads in the order asked for, whatever the setting."""


Some: TypeAlias = int | range | None
"""Which rows are asked for: the first so many, those of a range, or all."""


class EngineUnavailable(Exception):
    """The figures cannot be read now; the message says why."""


KEPT_ROWS = 20_000
"""Rows of answers that are remembered, all queries together."""

KEPT_SCORE_ROWS = 60_000
"""Most rows held by the answers that are kept: one takes about 4 kB."""

Task = asyncio.Task[list[Any]]


class Answers:
    """Answers kept for some seconds; the oldest go when together they hold too many rows."""

    def __init__(
        self, most_rows: int, seconds: float, timer: Callable[[], float] = time.monotonic
    ) -> None:
        made: Any = TTLCache
        self._held: TTLCache[tuple[Any, ...], Task] = made(most_rows, seconds, timer, _rows_in)

    @property
    def rows(self) -> int:
        """Return how many rows are held, one more for each answer."""
        return int(self._held.currsize)

    def get(self, key: tuple[Any, ...]) -> Task | None:
        """Return an answer, perhaps one that is still waited for; None for one that failed."""
        asked = self._held.get(key)
        return None if asked is None or _failed(asked) else asked

    def keep(self, key: tuple[Any, ...], asked: Task) -> None:
        """Keep an answer from now on, by its rows once it has come."""
        self._held[key] = asked
        asked.add_done_callback(lambda done: self._weigh(key, done))

    def forget(self) -> None:
        """Keep nothing of what is held, nor of what is being waited for."""
        self._held.clear()

    def _weigh(self, key: tuple[Any, ...], done: Task) -> None:
        if self._held.pop(key, None) is done and not _failed(done):
            with suppress(ValueError):  # larger than all that may be kept
                self._held[key] = done


class Figures(Protocol):
    """Figures that can be read: those of the engine, or a test's."""

    async def read(self, view: View[R], limit: Some = None, **parameters: str) -> list[R]:
        """Return the rows of a view, in its order: the first `limit` of them, or those of a range.

        Every parameter is given; « Tous » is `''`. Raises `TypeError` for a parameter missing or
        unknown, `EngineUnavailable` when the engine does not answer.
        """
        ...

    async def count(self, view: View[Any], **parameters: str) -> int:
        """Return how many rows a view has. Errors as `read`'s."""
        ...

    def blocks(self, view: View[R], **parameters: str) -> AsyncGenerator[list[R]]:
        """Yield the rows of a view by blocks, in its order; none is kept. Errors as `read`'s.

        Whoever does not go to the end closes it.
        """
        ...

    async def as_parquet(self, csv: bytes, structure: str) -> bytes:
        """Return a CSV file with a head as Parquet, its columns named and typed by `structure`.

        Raises `EngineUnavailable`.
        """
        ...


def require_parameters(view: View[Any], parameters: dict[str, str]) -> None:
    """Refuse a call that forgets a parameter: each caller passes each one (`TypeError`)."""
    if set(parameters) != set(view.parameters):
        raise TypeError(f"{view.name} takes {view.parameters}, not {tuple(parameters)}")


class Queries:
    """The figures of an installation, read over ClickHouse's HTTP interface.

    Answers are kept a few seconds, and the same question asked twice at once is asked once. The
    connection is made when first needed, so that the api starts before the engine.
    """

    def __init__(
        self,
        clickhouse_url: str,
        database: str,
        *,
        kept_seconds: float = KEPT_SECONDS,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = clickhouse_url
        self._database = database
        self._client: Any = None
        self._connecting = asyncio.Lock()
        self._room = asyncio.Semaphore(QUERIES_AT_ONCE)
        self._streams = asyncio.Semaphore(STREAMS_AT_ONCE)
        self._answers = Answers(KEPT_ROWS, kept_seconds, timer)
        self._months = Answers(KEPT_ROWS, min(kept_seconds, MONTHS_SEEN_SECONDS), timer)
        self._scores = Answers(KEPT_SCORE_ROWS, MONTH_KEPT_SECONDS if kept_seconds else 0, timer)
        self._timer = timer
        self._kept_less_until = float("-inf")

    async def ping(self) -> None:
        """Return once the engine answers a question; raises `EngineUnavailable`."""
        client = await self._connected()
        try:
            await client.query("SELECT 1")
        except (ClickHouseError, ClientError, OSError) as error:
            raise _unavailable(error) from error

    async def stop(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.close()

    async def read(self, view: View[R], limit: Some = None, **parameters: str) -> list[R]:
        """Return the rows of a view (see `Figures`)."""
        require_parameters(view, parameters)
        if view.fresh:
            return await self.ask(view, limit, parameters)
        key = (view.name, limit, *sorted(parameters.items()))
        if view.monthly:
            return await self._kept(self._scores, (await self._state_of_months(), *key), view, key)
        return await self._kept(self._months if view is PERIODS else self._answers, key, view, key)

    def look_for_months(self) -> None:
        """Ask anew, when next needed, which months there are: one was computed."""
        self._months.forget()

    def keep_less(self) -> None:
        """Keep what is of a month for a minute, for an hour: rows that were erased are going."""
        self._scores.forget()
        self._kept_less_until = self._timer() + MONTH_KEPT_SECONDS

    async def blocks(self, view: View[R], **parameters: str) -> AsyncGenerator[list[R]]:
        """Yield the rows of a view by blocks (see `Figures`)."""
        require_parameters(view, parameters)
        client = await self._connected()
        try:
            await asyncio.wait_for(self._streams.acquire(), STREAM_WAIT_SECONDS)
        except TimeoutError as error:
            raise EngineUnavailable("too many files are being taken away at once") from error
        try:
            async with await client.query_row_block_stream(
                view.sql, parameters=parameters, settings=STREAM_SETTINGS
            ) as stream:
                names = stream.source.column_names
                async for block in stream:
                    for start in range(0, len(block), ROWS_AT_ONCE):
                        some = block[start : start + ROWS_AT_ONCE]
                        yield await asyncio.to_thread(_rows, view, names, some)
        except (ClickHouseError, ClientError, OSError) as error:
            raise _unavailable(error) from error
        finally:
            self._streams.release()

    async def _state_of_months(self) -> tuple[object, ...]:
        """Return what changes when a month is computed anew, and each minute while kept less."""
        months, now = await self.read(PERIODS), self._timer()
        minute = now // KEPT_SECONDS if now < self._kept_less_until else None
        return (minute, *((one.period, one.computed_at, one.methodology) for one in months))

    async def _kept(
        self, answers: "Answers", kept_as: tuple[Any, ...], view: View[R], key: tuple[Any, ...]
    ) -> list[R]:
        """Return an answer that is kept, or one being waited for, or ask."""
        asked = answers.get(kept_as)
        if asked is None:
            _, limit, *parameters = key
            asked = asyncio.create_task(self.ask(view, limit, dict(parameters)))
            answers.keep(kept_as, asked)
        return await asyncio.shield(asked)

    async def count(self, view: View[Any], **parameters: str) -> int:
        """Return how many rows a view has (see `Figures`)."""
        (found,) = await self.read(total_of(view), None, **parameters)
        return found.total

    async def as_parquet(self, csv: bytes, structure: str) -> bytes:
        """Return a CSV file as Parquet (see `Figures`): one at a time of a few, as streams are."""
        client = await self._connected()
        literals = [_literal(one) for one in (structure, csv.decode())]
        statement = f"SELECT * FROM format(CSVWithNames, {', '.join(literals)})"  # noqa: S608
        try:
            async with self._streams:
                return await client.raw_query(
                    statement,
                    fmt="Parquet",
                    settings={"max_query_size": len(statement.encode()) + 1_000},
                )
        except (ClickHouseError, ClientError, OSError) as error:
            raise _unavailable(error) from error

    async def ask(self, view: View[R], limit: Some, parameters: dict[str, str]) -> list[R]:
        """Ask the engine, whatever is kept. Raises `EngineUnavailable`."""
        client = await self._connected()
        some = range(limit) if isinstance(limit, int) else limit
        sql = view.sql if some is None else f"{view.sql} LIMIT {len(some)} OFFSET {some.start}"
        try:
            async with self._room:
                result = await client.query(sql, parameters=parameters)
        except (ClickHouseError, ClientError, OSError) as error:
            raise _unavailable(error) from error
        names, rows = result.column_names, result.result_rows
        if len(rows) <= ROWS_AT_ONCE:
            return _rows(view, names, rows)
        # Thousands of rows would keep every other page waiting.
        return await asyncio.to_thread(_rows, view, names, rows)

    async def _connected(self) -> Any:
        async with self._connecting:
            if self._client is None:
                try:
                    self._client = await connect_to_read(self._url, self._database)
                except (ClickHouseError, ClientError, OSError) as error:
                    raise _unavailable(error) from error
            return self._client


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _unavailable(error: Exception) -> EngineUnavailable:
    return EngineUnavailable(f"{type(error).__name__}: {str(error)[:300]}")


def _rows(view: View[R], names: Sequence[str], block: Iterable[Sequence[Any]]) -> list[R]:
    return [view.row.model_validate(dict(zip(names, row, strict=True))) for row in block]


def _rows_in(asked: Task) -> int:
    return 1 + (len(asked.result()) if asked.done() and not _failed(asked) else 0)


def _failed(task: Task) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def first(figures: Figures, view: View[R], **parameters: str) -> R | None:
    """Return the first row of a view, or None when it has none."""
    found = await figures.read(view, 1, **parameters)
    return found[0] if found else None
