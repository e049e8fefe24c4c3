"""The line under test: real broker, engine and services, kept alive by the local supervisor."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deploy.local.choices import Choices
from deploy.local.parts import EPOCH, demonstration
from deploy.local.supervision.children import free_port
from deploy.local.supervision.plan import Given, Part
from deploy.local.supervision.supervisor import Leniency, Supervisor

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

    def __init__(self, folder: Path, smtp_port: int) -> None:
        self.started_at = datetime.now(UTC)
        choices = Choices(folder, free_port(), free_port(), TERRITORIES)
        given = {"SMTP_URL": f"smtp://127.0.0.1:{smtp_port}"}
        plan = [
            replace(item, after=tuple(name for name in item.after if name in KEPT))
            for item in demonstration(choices, given, EPOCH, self.started_at)
            if item.name in KEPT and not isinstance(item, Given)
        ]
        self.told = Told()
        self.supervisor = Supervisor(plan, folder, self.told, Leniency(restarts=10**6, pace=1.0))
        self._parts = {item.name: item for item in plan if isinstance(item, Part)}
        environment = self._parts["scorer"].environment
        self.kafka_url = environment["KAFKA_URL"]
        self.clickhouse_url = environment["CLICKHOUSE_URL"]
        self.world_url = environment["NETWORKS_VIA"]
        self.portal_url = environment["PORTAL_URL"]

    def now(self) -> datetime:
        """The line's own time, which began at the world's epoch."""
        return EPOCH.astimezone(UTC) + (datetime.now(UTC) - self.started_at)

    def pid(self, name: str) -> int | None:
        """The process of a part as it is now; None while it is not there."""
        process = self.supervisor.state.parts[name].process
        return process.pid if process is not None and process.found() is not None else None

    async def ready(self, name: str) -> bool:
        """Whether a part answers that it is ready."""
        part = self._parts[name]
        if part.ready is None:
            return self.pid(name) is not None
        try:
            async with httpx.AsyncClient(timeout=2) as http:
                answer = await http.get(f"http://127.0.0.1:{part.port}{part.ready}")
        except httpx.HTTPError:
            return False
        return answer.status_code == 200
