"""The line under test: real broker, engine and services, kept alive by the local supervisor.

Services reach broker, engine, networks and mail server by proxies that the bench may spoil; the
bench itself reaches them directly.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deploy.local.choices import Choices
from deploy.local.parts import EPOCH, demonstration
from deploy.local.supervision.children import Child, free_port, listening, start
from deploy.local.supervision.plan import Given, Part, Progress, Task
from deploy.local.supervision.supervisor import Leniency, Supervisor
from tests.chaos.network import Network

KEPT = (
    *("jars", "kafka", "clickhouse", "registry", "world", "topics", "schema"),
    *("api", "scorer", "collector", "alerts"),
)
SERVICES = ("api", "scorer", "collector", "alerts")
TERRITORIES = 30


@dataclass
class Told:
    """What the supervisor says, kept."""

    sentences: list[str] = field(default_factory=list[str])

    def began(self, name: str, title: str) -> None: ...

    def progressed(self, name: str, done: int, wanted: int) -> None: ...

    def ended(self, name: str, seconds: float) -> None: ...

    def said(self, sentence: str) -> None:
        self.sentences.append(sentence)


class Line:
    """The parts, by name; started and watched by the thread that calls `start` and `watch`."""

    def __init__(self, folder: Path, smtp_port: int, seed: int = 0) -> None:
        self.started_at = datetime.now(UTC)
        self._folder = folder
        choices = Choices(folder, free_port(), free_port(), TERRITORIES)
        plan = [
            replace(item, after=tuple(name for name in item.after if name in KEPT))
            for item in demonstration(choices, {}, EPOCH, self.started_at)
            if item.name in KEPT and not isinstance(item, Given)
        ]
        parts = {item.name: item for item in plan if isinstance(item, Part)}
        self.kafka_url = parts["scorer"].environment["KAFKA_URL"]
        self.clickhouse_url = parts["scorer"].environment["CLICKHOUSE_URL"]
        self.world_url = parts["scorer"].environment["NETWORKS_VIA"]
        self.portal_url = parts["scorer"].environment["PORTAL_URL"]
        # The broker has a listener for who comes by the proxy: it says where it is reached.
        ports = {name: free_port() for name in ("kafka", "clickhouse", "world", "mail")}
        listener = free_port()
        self.network = Network(
            {
                "kafka": (ports["kafka"], listener),
                "clickhouse": (ports["clickhouse"], parts["clickhouse"].port),
                "world": (ports["world"], parts["world"].port),
                "mail": (ports["mail"], smtp_port),
            },
            seed,
        )
        by_proxy = {
            "KAFKA_URL": f"127.0.0.1:{ports['kafka']}",
            "CLICKHOUSE_URL": f"http://127.0.0.1:{ports['clickhouse']}",
            "NETWORKS_VIA": f"http://127.0.0.1:{ports['world']}",
            "SMTP_URL": f"smtp://127.0.0.1:{ports['mail']}",
        }
        self.environments = {name: dict(parts[name].environment) | by_proxy for name in SERVICES}
        """Of each service, as it is started next: what is changed here holds at its next start."""
        for number, item in enumerate(plan):
            if isinstance(item, Part) and item.name in SERVICES:
                plan[number] = replace(item, environment=self.environments[item.name])
            elif isinstance(item, Task) and item.name == "jars":
                plan[number] = replace(
                    item, work=self._with_listener(item.work, listener, ports["kafka"])
                )
        self.told = Told()
        self.supervisor = Supervisor([*plan], folder, self.told, Leniency(restarts=10**6, pace=1.0))
        self._parts = {item.name: item for item in plan if isinstance(item, Part)}

    def _with_listener(
        self, prepare: Callable[[Progress], None], port: int, proxy: int
    ) -> Callable[[Progress], None]:
        """Have the broker listen on one more port, and call it by the proxy's."""
        more = {
            "listeners": f",PROXIED://127.0.0.1:{port}",
            "advertised.listeners": f",PROXIED://127.0.0.1:{proxy}",
            "listener.security.protocol.map": ",PROXIED:PLAINTEXT",
        }

        def prepared(progress: Progress) -> None:
            prepare(progress)
            settings = self._folder / "kafka" / "server.properties"
            lines = [
                line + more.get(line.partition("=")[0], "")
                for line in settings.read_text().splitlines()
            ]
            lines.append("inter.broker.listener.name=PLAINTEXT")
            settings.write_text("\n".join(lines) + "\n")

        return prepared

    def member(self, name: str) -> Child:
        """Start one more process of a service, which the supervisor knows nothing of."""
        port = str(free_port())
        own = {
            "OBSERVATOIRE_PORT": port if name != "api" else str(free_port()),
            "OBSERVATOIRE_OPS_PORT": port,
            "OBSERVATOIRE_INSTANCE": f"{name}-{port}",
        }
        environment = os.environ | self.environments[name] | own
        log = self._folder / "logs" / f"{name}-more.log"
        return start(self._parts[name].command(), log, environment)

    def now(self) -> datetime:
        """The line's own time, which began at the world's epoch."""
        return EPOCH.astimezone(UTC) + (datetime.now(UTC) - self.started_at)

    def pid(self, name: str) -> int | None:
        """The process of a part as it is now; None while it is not there."""
        process = self.supervisor.state.parts[name].process
        return process.pid if process is not None and process.found() is not None else None

    def address(self, name: str, path: str) -> str:
        """Return where a part answers to whoever runs it."""
        return f"http://127.0.0.1:{self._parts[name].port}{path}"

    async def ready(self, name: str) -> bool:
        """Whether a part answers that it is ready."""
        part = self._parts[name]
        if part.ready is None:
            return self.pid(name) is not None and listening(part.port)
        try:
            async with httpx.AsyncClient(timeout=2) as http:
                answer = await http.get(self.address(name, part.ready))
        except httpx.HTTPError:
            return False
        return answer.status_code == 200
