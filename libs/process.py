"""What every process does the same: logs, health and metrics served beside it, a clean stop."""

import asyncio
import io
import logging
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType
from typing import Any, Literal, TextIO, cast

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from libs.background import Background
from libs.health import Health, Service
from libs.loading import loading
from libs.metrics import tell_build
from libs.settings import Settings
from libs.starting import Starting

log = structlog.get_logger(__name__)

STOP_SECONDS = 15.0
"""From the signal to the end of the process, whatever waits: less than whoever stops it gives it
(the demonstration 20 s, compose 30, Kubernetes 45)."""


class Errors(io.TextIOBase):
    """Standard error, as it is now; what it cannot take is left out.

    On a full disk, a line that fails would be a fault of whatever said it.
    """

    def write(self, text: str) -> int:
        """Write it, or leave it out."""
        with suppress(OSError, ValueError):  # no room, or closed
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Have it written, or left out."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def log_as_json(level: str) -> None:
    """Write one JSON object a line to standard error: for people with `jq`, for collectors.

    What libraries warn of by Python's own `logging` is such a line too, with its `logger`.
    """
    said = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    others = logging.StreamHandler(cast("TextIO", Errors()))
    others.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, as_json],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *said],
        )
    )
    least = logging.getLevelNamesMapping()[level]
    logging.basicConfig(handlers=[others], level=max(least, logging.WARNING))
    structlog.configure(
        processors=[*said, as_json],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Errors())),
    )


def application(service: Service) -> Starlette:
    """Return the ASGI application of a service: its routes and whether it is ready."""
    health = Health(service)
    return _started(health, [*health.routes(detailed=False), *service.routes])


def _started(health: Health, routes: Sequence[BaseRoute]) -> Starlette:
    """Return the application with which the service starts and stops."""
    service = health.service

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        await service.start()
        health.started = True
        log.info("ready", service=service.name)
        try:
            yield
        finally:
            await service.stop()

    return Starlette(routes=routes, lifespan=lifespan)


class _Beside(uvicorn.Server):
    """A server that leaves signals to another one."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


class _Server(uvicorn.Server):
    """A server that ends: `STOP_SECONDS` after it is asked to, what still waits is cut short.

    Nothing is lost by that: what was not finished is not committed, and is read again.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop = asyncio.get_running_loop()
        self._last: threading.Timer | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop (called by the signals)."""
        self._be_sure()
        super().handle_exit(sig, frame)

    def end(self) -> None:
        """Stop."""
        self._be_sure()
        self.should_exit = True

    def _be_sure(self) -> None:
        if self._last is None:
            # A thread, since what hangs may be the loop itself.
            self._last = threading.Timer(STOP_SECONDS, _cut_short, [self._loop])
            self._last.daemon = True
            self._last.start()


def _cut_short(loop: asyncio.AbstractEventLoop) -> None:
    waiting: list[str] = []
    with suppress(RuntimeError):  # of a set that changes while it is read
        waiting = sorted(map(_place_of, asyncio.all_tasks(loop)))
    log.error("not stopped in time", seconds=STOP_SECONDS, waiting=waiting)
    os._exit(1)


def _place_of(task: asyncio.Task[Any]) -> str:
    """Say where a task waits: its name, and the innermost of our coroutines."""
    place: Any = task.get_coro()
    while hasattr(inner := getattr(place, "cr_await", None), "cr_await"):
        place = inner
    return f"{task.get_name()}: {getattr(place, '__qualname__', place)}"


def run(make: Callable[[], Service], settings: Settings) -> None:
    """Make a service in its event loop and run it until SIGTERM or SIGINT, then stop it cleanly.

    Its pages are on `settings.host:settings.port`, health in detail and metrics on
    `settings.ops_port`; a service without pages has only the second. One with pages shows them
    without a broker, any other waits for it.
    """
    log_as_json(settings.log_level)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(make, settings))


async def _serve(make: Callable[[], Service], settings: Settings) -> None:
    """Serve until told to end. Raises `SystemExit` for a port that is taken, and a part that died.

    Operations have their port first, which tells how the start goes.
    """
    died: list[str] = []

    def end(part: str) -> None:
        died.append(part)
        server.end()

    Background.on_death = end
    with loading():
        service = make()
    if not service.routes:
        service = Starting(service, settings.wire(service.name).ping, end)
    health = Health(service)
    tell_build(service.name)
    ops, public = health.routes(detailed=True), health.service.routes
    beside = _Beside(_config(settings, Starlette(routes=ops), settings.ops_port, "off"))
    if public:
        routes, port = [*health.routes(detailed=False), *public], settings.port
    else:
        routes, port = ops, settings.ops_port
    server = _Server(_config(settings, _started(health, routes), port, "on"))
    told = asyncio.create_task(beside.serve(), name="ops") if public else None
    await server.serve()
    if told is not None:
        beside.should_exit = True
        await told
    if not server.started:
        raise SystemExit(f"{settings.host}:{port}: not started")
    if died:
        raise SystemExit(f"{', '.join(died)} died: see the log")


def _config(
    settings: Settings, app: Starlette, port: int, lifespan: Literal["on", "off"]
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        lifespan=lifespan,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
    )
