"""What every process does the same: settings, logs, health, metrics, a clean stop."""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import structlog
import uvicorn
from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from contracts.dead_letters import CEILING_RATIO
from contracts.event import Installation
from libs.clock import SystemClock
from libs.health import Health, Service
from libs.metrics import tell_build
from libs.starting import Starting

if TYPE_CHECKING:
    from libs.wire.wire import Wire

log = structlog.get_logger(__name__)

STOP_SECONDS = 15.0
"""From the signal to the end of the process, whatever waits: less than whoever stops it gives it
(the demonstration 20 s, Kubernetes 30)."""

SHORTEST_TOKEN = 16
"""Characters of an operator's token: an empty or a guessed one would open what it closes."""


def _token(given: str) -> str:
    """Return the token without blanks around it (`ValueError` for one that is too short)."""
    token = given.strip()
    if len(token) < SHORTEST_TOKEN:
        raise ValueError(
            f"OBSERVATOIRE_OPERATOR_TOKEN has {len(token)} characters: it takes {SHORTEST_TOKEN} "
            "at least. Leave it unset, and nobody opens what it would open"
        )
    return token


def _with_own_settings(urls: dict[str, str]) -> dict[str, str]:
    """Add, for channels with a variable of their own in the environment, what it says."""
    # The registry is slow to load, for commands that read few settings.
    from contracts.channels import CHANNELS

    named = {one.scheme: (one.setting, f"OBSERVATOIRE_{one.setting}") for one in CHANNELS}
    own = {s: os.environ[n] for s, names in named.items() for n in names if n in os.environ}
    return own | urls


INTAKE_BATCH = INTAKE_BLOCK = 40_000
"""Records that intake reads together (and a few more), and rows from which an insert begins."""


class UntoldInstallation(Exception):
    """No setting says which installation this is, and none is assumed."""


class MissingSetting(Exception):
    """A live installation is not told what it cannot do without."""


def _untold() -> Installation:
    raise UntoldInstallation(
        "OBSERVATOIRE_INSTALLATION is not set: « live » (real networks, real mails) or "
        "« simulation » (la France d’essai). Topics, database and who may do what depend on it, so "
        "that none is assumed.\nOBSERVATOIRE_INSTALLATION n’est pas donné\u00a0: dites « live » ou "
        "« simulation »\u00a0; seule la démonstration (`observatoire demo up`) le dit elle-même."
    )


def _named(name: str) -> Any:
    return AliasChoices(name.lower(), f"observatoire_{name.lower()}")


class Settings(BaseSettings):
    """The settings of a process, read once from the environment, at the entry point only.

    Raises `UntoldInstallation`, and pydantic's `ValidationError` for a setting that is wrong.
    """

    model_config = SettingsConfigDict(
        env_prefix="OBSERVATOIRE_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # secrets among them
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is given, then the environment, then a folder of files, one a setting.

        `OBSERVATOIRE_SECRETS_FOLDER` names it (the image says `/run/secrets`): what containers are
        given as secrets. A file has the name of its variable, in small letters.
        """
        folder = Path(os.environ.get("OBSERVATOIRE_SECRETS_FOLDER", ""))
        if folder == Path() or not folder.is_dir():
            return init_settings, env_settings
        return init_settings, env_settings, SecretsSettingsSource(settings_cls, folder)

    installation: Installation = Field(default_factory=_untold)
    kafka_url: str = Field(default="127.0.0.1:9092", validation_alias=_named("KAFKA_URL"))
    clickhouse_url: str = Field(
        default="http://127.0.0.1:8123", validation_alias=_named("CLICKHOUSE_URL")
    )
    clickhouse_reader_url: str | None = Field(
        default=None, validation_alias=_named("CLICKHOUSE_READER_URL")
    )
    database_url: str = Field(
        default="sqlite:///observatoire.db", validation_alias=_named("DATABASE_URL")
    )
    portal_url: str = Field(default="http://127.0.0.1:8000", validation_alias=_named("PORTAL_URL"))
    grafana_url: str | None = Field(default=None, validation_alias=_named("GRAFANA_URL"))
    prometheus_url: str | None = Field(default=None, validation_alias=_named("PROMETHEUS_URL"))
    networks_via: str | None = Field(default=None, validation_alias=_named("NETWORKS_VIA"))
    proxy_url: str | None = Field(default=None, validation_alias=_named("HTTPS_PROXY"))
    ca_file: Path | None = None
    mail_from: str = "Observatoire <alertes@observatoire.example>"
    host: str = "127.0.0.1"
    port: int = 8000
    ops_port: int = 8001
    clock_epoch: datetime | None = None
    clock_started: datetime | None = None
    clock_started_file: Path | None = None
    clickhouse_cluster: bool = False
    intake_batch: int = INTAKE_BATCH
    intake_block: int = INTAKE_BLOCK
    intake_ceiling: float = CEILING_RATIO
    instance: str | None = None
    territories_file: Path | None = None
    accounts_file: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    operator_token: Annotated[str, AfterValidator(_token)] | None = None
    agents_key: str | None = Field(default=None, min_length=32)
    demonstration_switch: Path | None = None
    network_tokens: dict[str, str] = {}
    network_budgets: dict[str, float] = {}
    channel_urls: Annotated[dict[str, str], AfterValidator(_with_own_settings)] = Field(
        default={}, validate_default=True
    )
    channel_tokens: dict[str, str] = {}
    recipients_public_key: str | None = None
    recipients_private_keys: tuple[str, ...] = ()
    topic_namespace: str | None = None
    database_name: str | None = None
    contact: str = "https://observatoire.example/contact"
    log_level: str = "INFO"

    @property
    def database(self) -> str:
        """Return the name of the ClickHouse database; the installation is in it."""
        return self.database_name or f"observatoire_{self.installation}"

    def require_given(self, *names: str) -> None:
        """Raise `MissingSetting` where a live installation goes by a default (fields).

        An address that is not given is somebody else's, or nobody's: an empty database is no error
        that anybody sees.
        """
        if self.installation != "live":
            return
        if missing := [name for name in names if name not in self.model_fields_set]:
            variables = ", ".join(
                str(
                    getattr(type(self).model_fields[name].validation_alias, "choices", [""])[0]
                    or f"observatoire_{name}"
                ).upper()
                for name in missing
            )
            raise MissingSetting(
                f"{variables} not set: a live installation does not start on a default "
                "(docs/settings.md)"
            )

    def require(self, name: str, what: str) -> None:
        """Raise `MissingSetting` where a live installation is not told a setting (its field)."""
        if self.installation == "live" and not getattr(self, name):
            raise MissingSetting(
                f"OBSERVATOIRE_{name.upper()} is not set: {what}. A live installation does not "
                "start without; `observatoire secrets create` makes all of them"
            )

    @property
    def namespace(self) -> str:
        """Return the first word of the topics' names: the installation, in tests a name apart."""
        return self.topic_namespace or self.installation

    def clock(self) -> SystemClock:
        """Return the clock of the installation (the demonstration's starts at its own epoch).

        Where containers share a volume, `clock_started_file` holds the machine's instant at which
        it started.
        """
        started = self.clock_started
        if started is None and self.clock_started_file is not None:
            started = datetime.fromisoformat(self.clock_started_file.read_text().strip())
        return SystemClock(self.clock_epoch, started)

    def wire(self, client_id: str, now: Callable[[], datetime] | None = None) -> "Wire":
        """Return the wire of the installation, not started; `now` is a clock's, else its own."""
        # The broker's client is slow to load: commands that only read settings do without.
        from libs.wire.wire import Wire

        return Wire(
            self.kafka_url,
            self.installation,
            namespace=self.namespace,
            client_id=client_id,
            now=now or self.clock().now,
        )


class Background:
    """The tasks of a service; one that dies is a failure of its part, never silent.

    `on_death` is told of it by name: a process ends, so that whoever keeps it starts it again. Not
    of one that stopped at its ceiling of bad records: that is a failure that stays.
    """

    on_death: ClassVar[Callable[[str], None] | None] = None

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def spawn(self, part: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` as the part of this name."""
        task = self._tasks[part] = asyncio.create_task(work, name=part)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopping:
            return
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        log.error("part died", part=task.get_name(), error=repr(error))
        if Background.on_death is not None:
            Background.on_death(task.get_name())

    def expect_end(self) -> None:
        """Take what ends from now on for a stop, not for a death."""
        self._stopping = True

    async def stop(self) -> None:
        """Cancel the tasks and wait for them."""
        self.expect_end()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def failures(self) -> dict[str, str]:
        """Return the parts that have died, with their error."""
        dead: dict[str, str] = {}
        for part, task in self._tasks.items():
            if not task.done():
                continue
            error = asyncio.CancelledError() if task.cancelled() else task.exception()
            dead[part] = repr(error) if error else "ended"
        return dead


def log_as_json(level: str) -> None:
    """Write one JSON object a line to standard error: for people with `jq`, for collectors."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
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

    What it serves is on `settings.host:settings.port`; what is for operations (health in detail,
    metrics) on `settings.ops_port`, the only port of a service that serves nothing else. One that
    has pages shows them without a broker; any other waits for it.
    """
    log_as_json(settings.log_level)

    def config(app: Starlette, port: int, lifespan: Literal["on", "off"]) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            host=settings.host,
            port=port,
            lifespan=lifespan,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=10,
        )

    async def serve() -> None:
        died: list[str] = []

        def end(part: str) -> None:
            died.append(part)
            server.end()

        Background.on_death = end
        service = make()
        if not service.routes:
            service = Starting(service, settings.wire(service.name).ping, end)
        health = Health(service)
        tell_build(service.name)
        ops, public = health.routes(detailed=True), health.service.routes
        beside = _Beside(config(Starlette(routes=ops), settings.ops_port, "off"))
        if public:
            routes, port = [*health.routes(detailed=False), *public], settings.port
        else:
            routes, port = ops, settings.ops_port
        server = _Server(config(_started(health, routes), port, "on"))
        # It is there first, and tells how the start goes.
        told = asyncio.create_task(beside.serve(), name="ops") if public else None
        await server.serve()
        if told is not None:
            beside.should_exit = True
            await told
        if not server.started:
            raise SystemExit(f"{settings.host}:{port}: not started")
        if died:
            raise SystemExit(f"{', '.join(died)} died: see the log")

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
