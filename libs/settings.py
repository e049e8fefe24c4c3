"""The settings of a process: where things are, which installation this is, what it may do."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from contracts.dead_letters import CEILING_RATIO
from contracts.event import Installation
from contracts.operations.publisher import Publisher
from libs.clock import SystemClock
from libs.identity.declared import DeclaredApplication, DeclaredProvider

if TYPE_CHECKING:
    from libs.tracing.spans import Tracing
    from libs.wire.wire import Wire

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


Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,20}$")]
"""A name that stands in addresses of pages."""


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
    candidates_file: Path | None = None
    allowed_hosts: tuple[str, ...] = ()
    operator_token: Annotated[str, AfterValidator(_token)] | None = None
    agents_key: str | None = Field(default=None, min_length=32)
    identity_providers: dict[
        Annotated[str, Field(pattern=r"^[a-z0-9-]{1,20}$")], DeclaredProvider
    ] = {}
    demonstration_switch: Path | None = None
    network_tokens: dict[str, str] = {}
    network_budgets: dict[str, float] = {}
    press_files: bool = False
    network_applications: dict[str, DeclaredApplication] = {}
    channel_urls: Annotated[dict[str, str], AfterValidator(_with_own_settings)] = Field(
        default={}, validate_default=True
    )
    channel_tokens: dict[str, str] = {}
    channel_forms: dict[str, dict[str, Any]] = {}
    recipients_public_key: str | None = None
    recipients_private_keys: tuple[str, ...] = ()
    tokens_public_key: str | None = None
    tokens_private_keys: tuple[str, ...] = ()
    topic_namespace: str | None = None
    database_name: str | None = None
    otlp_url: str | None = Field(
        default=None, validation_alias=_named("OTEL_EXPORTER_OTLP_ENDPOINT")
    )
    traces_ratio: float = Field(default=0.01, ge=0, le=1)
    contact: str = "https://observatoire.example/contact"
    publisher: Publisher | None = None
    log_level: str = "INFO"

    @property
    def simulation(self) -> bool:
        """Whether everything measured here is made up."""
        return self.installation == "simulation"

    @property
    def accessibility(self) -> str:
        """Return the state of accessibility: « non conforme » until an audit says otherwise."""
        told = self.publisher.accessibility if self.publisher else None
        return told.state if told else "non conforme"

    @property
    def demonstration_began(self) -> datetime | None:
        """The instant of its own clock at which a demonstration began; None where it is none."""
        return self.clock_epoch if self.simulation else None

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
            tracing=self._tracing(client_id),
        )

    def _tracing(self, service: str) -> "Tracing":
        from libs.tracing.spans import OFF

        if not self.otlp_url:
            return OFF
        # The SDK is slow to load, and only then of use.
        from libs.tracing.recording import by_otlp

        return by_otlp(self.otlp_url, service, self.traces_ratio, self.ca_file)
