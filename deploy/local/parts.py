"""The parts of the demonstration: the broker, the engine, the invented France, the services."""

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from contracts.operations.alerting import SERVICES
from deploy.local.choices import MAIL_PORT_SETTING, PORTAL_PORT_SETTING, Choices
from deploy.local.first_watch import Addresses, make_watch, stage_crisis
from deploy.local.impostors import report_impostors
from deploy.local.keys import keys_and_tokens
from deploy.local.servers.clickhouse import Engine
from deploy.local.servers.kafka import Broker
from deploy.local.servers.prometheus import Prometheus
from deploy.local.supervision.children import free_port
from deploy.local.supervision.failure import PartError
from deploy.local.supervision.plan import Given, Item, Part, Plan, Progress, Step, Task, dependants
from libs.french import month
from libs.wire.waiting import StandsStill, wait_until_read
from services.scorer.month.period import Month

EPOCH = datetime.fromisoformat("2026-11-24T08:40:00+01:00")
"""The world's time when a demonstration starts for the first time."""

RECENT = "2026-08-24"
"""First day of what is written before a demonstration is ready: all that the two months need."""
PERIODS = ("2026-09", "2026-10")
"""Months scored before it is ready; the first is the reference of the barème."""
PERIODS_BEFORE = (*(f"2026-{month:02d}" for month in range(8, 0, -1)), "2025-12", "2025-11")
"""Months scored behind it, newest first, so that curves grow backwards."""


def demonstration(
    choices: Choices,
    given: Mapping[str, str],
    epoch: datetime,
    started: datetime,
) -> Plan:
    """Return the plan; what is configured in ``given`` (``KAFKA_URL`` …) replaces our own parts.

    What is left out takes with it all that needs it. ``epoch`` is the world's time at the machine's
    instant ``started``. The portal stops the scorer by a file.
    """
    makers = _Makers(choices, given, epoch, started)
    plan = [
        *makers.broker(),
        *makers.engine(),
        *makers.world(),
        *makers.catchers(),
        *makers.preparation(),
        *makers.last_months(),
        *makers.year_before(),
        *makers.services(),
        *makers.crisis(),
        *makers.grafana(),
    ]
    plan += makers.prometheus(plan)
    left_out = choices.without.union(*(dependants(plan, name) for name in choices.without))
    return [item for item in plan if item.name not in left_out]


class _Makers:
    """Makes the items; the addresses of some are in the environment of others."""

    def __init__(
        self,
        choices: Choices,
        given: Mapping[str, str],
        epoch: datetime,
        started: datetime,
    ) -> None:
        folder = choices.folder.resolve()
        self._choices = choices
        self._given = given
        self._logs = folder / "logs"
        self._folder = folder
        self._switch = folder / "scorer.stopped"
        self._broker = Broker(folder / "kafka", log=self._logs / "kafka.log")
        self._engine = Engine(folder / "clickhouse", log=self._logs / "clickhouse.log")
        self._world_port = free_port()
        self._smtp_port = free_port()
        self._world_folder = folder / f"world-{choices.territories}"
        self._prometheus = Prometheus(folder / "prometheus")
        self._environment = {
            "OBSERVATOIRE_INSTALLATION": "simulation",
            "OBSERVATOIRE_CLOCK_EPOCH": epoch.isoformat(),
            "OBSERVATOIRE_CLOCK_STARTED": started.isoformat(),
            "OBSERVATOIRE_TERRITORIES_FILE": str(self._world_folder / "territories.jsonl.gz"),
            "OBSERVATOIRE_ACCOUNTS_FILE": str(self._world_folder / "accounts.jsonl"),
            **keys_and_tokens(folder),
            **self._addresses(),
            "OBSERVATOIRE_DEMONSTRATION_SWITCH": str(self._switch),
            "PYTHONUNBUFFERED": "1",
            "TZ": "UTC",
        }

    def _addresses(self) -> dict[str, str]:
        """Where each part is: what is configured, else our own; Prometheus where there is one."""
        catchers = f"http://127.0.0.1:{self._choices.catchers_port}"
        ours = {
            "KAFKA_URL": self._broker.url,
            "CLICKHOUSE_URL": self._engine.url,
            "SMTP_URL": f"smtp://127.0.0.1:{self._smtp_port}",
            "OBSERVATOIRE_CHANNEL_URLS": json.dumps({"*": f"{catchers}/catch"}),
            "DATABASE_URL": f"sqlite:///{self._folder / 'observatoire.db'}",
        }
        addresses = {name: self._given.get(name, url) for name, url in ours.items()}
        prometheus = self._prometheus.program and self._prometheus.url
        if url := self._given.get("PROMETHEUS_URL", prometheus):
            addresses["PROMETHEUS_URL"] = url
        addresses["PORTAL_URL"] = f"http://127.0.0.1:{self._choices.portal_port}"
        addresses["NETWORKS_VIA"] = f"http://127.0.0.1:{self._world_port}"
        return addresses

    def broker(self) -> list[Item | Given]:
        """The real Kafka broker."""
        if url := self._given.get("KAFKA_URL"):
            return [Given("kafka", "Kafka (configuré)", url)]
        return [
            Task("jars", "Kafka\u00a0: ses fichiers, vérifiés", self._broker.prepare),
            Part(
                "kafka",
                "Kafka",
                lambda: self._broker.command,
                self._broker.port,
                self._broker.log,
                after=("jars",),
            ),
        ]

    def engine(self) -> list[Item | Given]:
        """The ClickHouse engine."""
        if url := self._given.get("CLICKHOUSE_URL"):
            return [Given("clickhouse", "ClickHouse (configuré)", _without_secret(url))]
        return [
            Part(
                "clickhouse",
                "ClickHouse (chDB)",
                lambda: self._engine.command,
                self._engine.port,
                self._engine.log,
                {"TZ": "UTC"},
                ready="/readyz",
            )
        ]

    def world(self) -> list[Item | Given]:
        """The invented France: its registry in files, its networks as a server."""
        size, port = ("--territories", str(self._choices.territories)), str(self._world_port)
        return [
            self._step(
                "registry",
                "La France d’essai\u00a0: territoires et comptes",
                ("world", "export", *size, str(self._world_folder)),
                once=self._world_folder.name,
            ),
            self._part(
                "world",
                "La France d’essai\u00a0: ses réseaux",
                ("world", "serve", *size, "--port", port, "--crisis-after", "-1"),
                self._world_port,
                ready="/__world__/readyz",
                address=f"http://127.0.0.1:{self._world_port}/__world__/",
            ),
        ]

    def catchers(self) -> list[Item | Given]:
        """Mails and messages of every channel, kept and shown."""
        port = self._choices.catchers_port
        command = [sys.executable, "-m", "simulation.catchers", "--port", str(port)]
        command += ["--smtp-port", str(self._smtp_port), "--folder", str(self._folder / "messages")]
        return [
            Part(
                "catchers",
                "Courriels et messages des canaux",
                lambda: command,
                port,
                self._logs / "catchers.log",
                self._environment,
                ready="/readyz",
                address=f"http://127.0.0.1:{port}/",
                port_setting=MAIL_PORT_SETTING,
            )
        ]

    def preparation(self) -> list[Item | Given]:
        """Topics and tables."""
        return [
            self._step("topics", "Sujets de Kafka", ("topics", "create"), after=("kafka",)),
            self._step(
                "schema",
                "Tables et vues de ClickHouse",
                ("engine", "migrate"),
                after=("clickhouse", "registry"),
            ),
        ]

    def last_months(self) -> list[Item | Given]:
        """What was observed in the months before the epoch, and their scores, once."""
        return [
            self._step(
                "history",
                "Les trois derniers mois",
                self._write("--from", RECENT),
                after=("topics",),
                once="history",
            ),
            # The portal tells the accounts before it is ready: without them nobody is ranked.
            Task(
                "stored", "Les trois derniers mois, lus", self._read, ("history", "scorer", "api")
            ),
            self._step(
                "bareme",
                "Barème",
                ("score", "bareme", "--reference", PERIODS[0]),
                after=("stored", "schema"),
                once="bareme",
            ),
            # Each month tells what moved since the one before, which must be there.
            *(self._scores(period, needed) for needed, period in pairwise(("bareme", *PERIODS))),
        ]

    def year_before(self) -> list[Item | Given]:
        """What was observed in the year before these months, while the portal is read."""
        return [
            self._step(
                "history-before",
                "L’année d’avant",
                # One writer: somebody reads the portal meanwhile.
                self._write("--to", RECENT, "--workers", "1"),
                after=tuple(f"scores-{period}" for period in PERIODS),
                once="history-before",
                later=True,
            ),
            Task(
                "stored-before",
                "L’année d’avant, lue",
                self._read,
                ("history-before", "scorer"),
                later=True,
            ),
            *(
                self._scores(period, needed, later=True)
                for needed, period in pairwise(("stored-before", *PERIODS_BEFORE))
            ),
        ]

    def _write(self, *span: str) -> tuple[str, ...]:
        territories = str(self._choices.territories)
        return ("world", "write", "--thin", "--territories", territories, *span)

    def _scores(self, period: str, after: str, *, later: bool = False) -> Step:
        needed = f"scores-{after}" if after in (*PERIODS, *PERIODS_BEFORE) else after
        return self._step(
            f"scores-{period}",
            f"Scores\u00a0: {month(period)}",
            (
                "score",
                "month",
                period,
                *(["--final"] if Month.parse(period).final_from <= EPOCH else []),
            ),
            after=(needed,),
            once=f"scores-{period}",
            later=later,
        )

    def _read(self, progress: Progress) -> None:
        namespace = self._environment["OBSERVATOIRE_INSTALLATION"]
        url, group = self._environment["KAFKA_URL"], f"{namespace}.scorer"
        try:
            asyncio.run(wait_until_read(url, group, progress))
        except StandsStill as still:
            raise PartError(
                "Mesures et scores",
                f"ne lit plus l’histoire ({still.done} sur {still.wanted})",
                "lire son journal (logs/scorer.log), puis relancer la démonstration",
            ) from still

    def crisis(self) -> list[Item | Given]:
        """What happens unprompted: a watch, a crisis that it tells; who imitates a town."""
        addresses = Addresses(
            self._environment["PORTAL_URL"],
            f"http://127.0.0.1:{self._choices.catchers_port}",
            self._environment["NETWORKS_VIA"],
            self._environment["OBSERVATOIRE_OPERATOR_TOKEN"],
        )
        crisis = "Une coupure d’eau à Essai-sur-Onde\u00a0: l’alerte arrive dans les messages"
        impostors = "Deux comptes qui imitent Essai-sur-Onde, pour le bureau"
        needed = ("api", "alerts", "collector", "catchers")
        told: list[tuple[str, str, Callable[[Addresses], None], tuple[str, ...]]] = [
            ("watch", "Une veille d’exemple", make_watch, needed),
            ("crisis", crisis, stage_crisis, ("watch", "world")),
            ("impostors", impostors, report_impostors, ("watch", "scorer")),
        ]
        return [
            Task(name, title, lambda _, do=do: do(addresses), after, later=True)
            for name, title, do, after in told
        ]

    def services(self) -> list[Item | Given]:
        """The four services."""
        port = self._choices.portal_port
        return [
            self._part(
                "api",
                "Portail",
                ("api", "run"),
                port,
                after=("schema", "topics"),
                ready="/readyz",
                address=f"http://127.0.0.1:{port}/",
                port_setting=PORTAL_PORT_SETTING,
            ),
            replace(
                self._service("scorer", "Mesures et scores", "schema", "topics"),
                switch=self._switch,
            ),
            self._service("collector", "Collecte", "topics", "world", "stored"),
            self._service("alerts", "Alertes", "topics", "catchers", "stored"),
        ]

    def _service(self, name: str, title: str, *after: str) -> Part:
        return self._part(name, title, (name, "run"), free_port(), after, ready="/readyz")

    def grafana(self) -> list[Item | Given]:
        """The dashboards, where there is a Grafana."""
        url = self._given.get("GRAFANA_URL")
        if url is None:
            return []
        return [
            Given("grafana", "Grafana (configuré)", _without_secret(url)),
            self._step("dashboards", "Tableaux de bord", ("grafana", "sync"), after=("schema",)),
        ]

    def prometheus(self, plan: Plan) -> list[Item | Given]:
        """What curves of operations are read from, where it is installed or configured."""
        if url := self._given.get("PROMETHEUS_URL"):
            return [Given("prometheus", "Prometheus (configuré)", _without_secret(url))]
        if self._prometheus.program is None:
            return []
        ports = {
            item.name: int(item.environment["OBSERVATOIRE_OPS_PORT"])
            for item in plan
            if isinstance(item, Part) and item.name in SERVICES
        }
        return [
            Part(
                "prometheus",
                "Prometheus",
                lambda: self._prometheus.command(ports),
                self._prometheus.port,
                self._logs / "prometheus.log",
                after=("api",),
                ready="/-/ready",
                address=self._prometheus.url,
                later=True,
            )
        ]

    def _step(
        self,
        name: str,
        title: str,
        arguments: tuple[str, ...],
        after: tuple[str, ...] = (),
        once: str | None = None,
        *,
        later: bool = False,
    ) -> Step:
        command, log = (_observatoire(), *arguments), self._logs / f"{name}.log"
        done = self._folder / f"{once}.done" if once else None
        return Step(name, title, command, log, self._environment, after, done, later)

    def _part(
        self,
        name: str,
        title: str,
        arguments: tuple[str, ...],
        port: int,
        after: tuple[str, ...] = (),
        ready: str | None = None,
        address: str | None = None,
        port_setting: str | None = None,
    ) -> Part:
        command = [_observatoire(), *arguments]
        # Of one name through restarts: one that comes back takes its place in the group at once.
        named = {
            "OBSERVATOIRE_PORT": str(port),
            # What serves nobody has no other port.
            "OBSERVATOIRE_OPS_PORT": str(free_port() if address else port),
            "OBSERVATOIRE_INSTANCE": name,
        }
        environment = self._environment | named
        log = self._logs / f"{name}.log"
        return Part(
            name,
            title,
            lambda: command,
            port,
            log,
            environment,
            after,
            ready,
            address,
            port_setting=port_setting,
        )


def _observatoire() -> str:
    """Return the console script that was installed beside the running Python."""
    return str(Path(sys.executable).with_name("observatoire"))


def _without_secret(url: str) -> str:
    """Return an address without the user and the password that it may hold."""
    scheme, found, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if found else url.rpartition("@")[2]
