"""The ClickHouse HTTP interface over chDB, for one machine: no users, no replicas.

aiohttp rather than Starlette with uvicorn: 0.16 ms of processor a small request against 0.24 to
0.33 (measured), and a body can be taken in the pieces in which it arrives. Every statement runs in
a thread; the engine releases the interpreter's lock.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import chdb
from aiohttp import web
from aiohttp.typedefs import Handler

from deploy.local.engine.compression import decoded, encoded
from deploy.local.engine.handles import Answer, Full, Handle, Lane, Limits, Session
from deploy.local.engine.statement import (
    CONTENT_TYPES,
    Insert,
    Refusal,
    answer_format,
    insert_with_rows,
    refusal,
)
from libs.browsers import LOCAL, known_host, sent_by_another_site

VERSION: str = chdb.engine_version
TIMEZONE = "UTC"
MAX_BODY = 512 * 1024 * 1024
"""Bytes of the largest body taken."""

PATIENCE = 30.0
"""Seconds that a request waits for a connection before it is told 503."""

_TRANSPORT = frozenset(
    {
        "query",
        "query_id",
        "database",
        "user",
        "password",
        "quota_key",
        "default_format",
        "compress",
        "decompress",
        "buffer_size",
        "wait_end_of_query",
        "enable_http_compression",
        "http_zlib_compression_level",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "session_id",
        "session_timeout",
        "session_check",
        "close_session",
        "client_protocol_version",
        "role",
        "stacktrace",
        "add_http_cors_header",
        "cancel_http_readonly_queries_on_client_close",
    }
)
"""Parameters that speak of the transport; every other one is a setting. Sessions are tolerated and
not kept: each statement starts from the same state."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read: what to run, under which session, and how to answer."""

    query: str
    body: Sequence[bytes]
    session: Session
    parameters: Mapping[str, str]
    default_format: str
    query_id: str
    accepted: str


class Service:
    """Routes and state of one engine."""

    def __init__(
        self, folder: Path, limits: Limits, readers: int = 6, writers: int = 2, queue: int = 64
    ) -> None:
        """Open the folder; ``queue`` requests may wait beyond those that run.

        Rows have connections of their own: a page that reads much never delays the intake.
        """
        self._readers = Lane(folder, limits, readers)
        self._writers = Lane(folder, limits, writers)
        self._most = readers + writers + queue
        self._present = 0

    def application(self) -> web.Application:
        """Return the application to serve."""
        app = web.Application(middlewares=[_programs_only])
        app.router.add_get("/ping", _ok)
        app.router.add_get("/replicas_status", _ok)
        app.router.add_get("/healthz", _ok)
        app.router.add_get("/readyz", self._ready)
        app.router.add_route("*", "/", self._statement)
        app.on_cleanup.append(self._close)
        return app

    async def _close(self, _: web.Application) -> None:
        for lane in (self._readers, self._writers):
            await asyncio.to_thread(lane.close)

    async def _ready(self, _: web.Request) -> web.Response:
        await self._in_thread(self._readers, lambda: self._run(_PROBE))
        return web.Response(text="Ok.\n")

    async def _statement(self, incoming: web.Request) -> web.Response:
        if incoming.method == "GET" and not incoming.query.get("query"):
            return web.Response(text="Ok.\n")
        if self._present >= self._most:
            return _refused(_TOO_MANY, "")
        self._present += 1
        try:
            return await self._answer(incoming)
        finally:
            self._present -= 1

    async def _answer(self, incoming: web.Request) -> web.Response:
        query_id = incoming.query.get("query_id") or str(uuid.uuid4())
        try:
            request = await _read(incoming, query_id)
            insert = insert_with_rows(request.query, request.body)
            if insert is None:
                return await self._in_thread(self._readers, lambda: self._run(request))
            return await self._in_thread(self._writers, lambda: self._insert(request, insert))
        except Full:
            return _refused(_TOO_MANY, query_id)
        except ValueError as error:
            return _refused(
                Refusal(36, f"Code: 36. DB::Exception: {error} (BAD_ARGUMENTS)"), query_id
            )
        except RuntimeError as error:
            return _refused(refusal(error, VERSION), query_id)
        except OSError as error:
            said = f"Code: 243. DB::Exception: {error} (NOT_ENOUGH_SPACE)"
            return _refused(Refusal(243, said), query_id)

    @staticmethod
    async def _in_thread(lane: Lane, work: Callable[[], web.Response]) -> web.Response:
        return await asyncio.get_running_loop().run_in_executor(lane.threads, work)

    def _run(self, request: Request) -> web.Response:
        statement = _text(request)
        started = time.perf_counter()

        def work(handle: Handle) -> Answer:
            return handle.run(statement, request.default_format, request.parameters)

        answer = self._readers.run(request.session, work, PATIENCE)
        format_ = answer_format(statement, request.default_format)
        body, encoding = encoded(answer.body, request.accepted)
        headers = _headers(request.query_id, answer, time.perf_counter() - started)
        headers["X-ClickHouse-Format"] = format_
        if encoding:
            headers["Content-Encoding"] = encoding
        headers["Content-Type"] = CONTENT_TYPES.get(format_, "text/plain; charset=UTF-8")
        return web.Response(body=body, headers=headers)

    def _insert(self, request: Request, insert: Insert) -> web.Response:
        started = time.perf_counter()
        answer = self._writers.run(request.session, lambda handle: handle.insert(insert), PATIENCE)
        elapsed = time.perf_counter() - started
        return web.Response(headers=_headers(request.query_id, answer, elapsed))


_PROBE = Request("SELECT 1", (), Session(), {}, "TabSeparated", "", "")
_TOO_MANY = Refusal(
    202,
    "Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)",
)


@web.middleware
async def _programs_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a page has a browser send: this engine has no users, and no pages."""
    if not known_host(request.host, LOCAL):
        return web.Response(status=421, text="This engine does not answer to this name.\n")
    if sent_by_another_site(request.headers, sites=()):
        return web.Response(status=403, text="This engine answers to programs, not to pages.\n")
    return await handler(request)


async def _ok(_: web.Request) -> web.Response:
    return web.Response(text="Ok.\n")


async def _read(incoming: web.Request, query_id: str) -> Request:
    arguments = dict(incoming.query)
    if incoming.content_type == "multipart/form-data":
        form = await incoming.post()
        arguments.update({name: value for name, value in form.items() if isinstance(value, str)})
        body: list[bytes] = []
    else:
        body = await _pieces(incoming)
        if encoding := incoming.headers.get("Content-Encoding", ""):
            body = [await asyncio.to_thread(decoded, b"".join(body), encoding)]
    asked = arguments.get("enable_http_compression") == "1"
    return Request(
        query=arguments.get("query", ""),
        body=body,
        session=_session(incoming, arguments),
        parameters={
            name.removeprefix("param_"): value
            for name, value in arguments.items()
            if name.startswith("param_")
        },
        default_format=arguments.get("default_format")
        or incoming.headers.get("X-ClickHouse-Format")
        or "TabSeparated",
        query_id=query_id,
        accepted=incoming.headers.get("Accept-Encoding", "") if asked else "",
    )


async def _pieces(incoming: web.Request) -> list[bytes]:
    pieces: list[bytes] = []
    size = 0
    async for piece in incoming.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BODY:
            raise ValueError(f"the body is larger than {MAX_BODY} bytes")
    return pieces


def _session(incoming: web.Request, arguments: Mapping[str, str]) -> Session:
    settings = {
        name: value
        for name, value in arguments.items()
        if name not in _TRANSPORT and not name.startswith("param_")
    }
    if incoming.method == "GET":
        settings.setdefault("readonly", "2")
    database = arguments.get("database") or incoming.headers.get("X-ClickHouse-Database")
    return Session(database or "default", tuple(sorted(settings.items())))


def _text(request: Request) -> str:
    """Join the query parameter and the body, as ClickHouse does."""
    body = b"".join(request.body).decode()
    return f"{request.query}\n{body}" if request.query and body else request.query or body


def _headers(query_id: str, answer: Answer, elapsed: float) -> dict[str, str]:
    summary = {
        "read_rows": str(answer.read_rows),
        "read_bytes": str(answer.read_bytes),
        "written_rows": str(answer.written_rows),
        "written_bytes": str(answer.written_bytes),
        "elapsed_ns": str(int(elapsed * 1e9)),
    }
    return {
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Server-Display-Name": "chdb",
        "X-ClickHouse-Timezone": TIMEZONE,
        "X-ClickHouse-Summary": json.dumps(summary, separators=(",", ":")),
    }


def _refused(refused: Refusal, query_id: str) -> web.Response:
    headers = {
        "X-ClickHouse-Exception-Code": str(refused.code),
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Server-Display-Name": "chdb",
        "Content-Type": "text/plain; charset=UTF-8",
    }
    return web.Response(
        status=refused.status, body=f"{refused.message}\n".encode(), headers=headers
    )
