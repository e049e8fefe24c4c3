"""Three real brokers on this machine, each a controller too, restarted one at a time."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.servers import kafka
from deploy.local.supervision.children import Child, free_port, listening, start
from libs.wire.backends.clients import admin_of, opened
from tests.deadlines import until, until_found, until_now

NUMBERS = (1, 2, 3)
COPIES = {
    f"{topic}.{setting}": value
    for topic in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
    for setting, value in (("replication.factor", "3"), ("min.isr", "2"))
    if (topic, setting) != ("offsets.topic", "min.isr")
}


class Node:
    """One of the brokers."""

    def __init__(self, folder: Path) -> None:
        self.broker = kafka.Broker(folder)
        self._child: Child | None = None

    def start(self) -> None:
        """Start it; it listens once most of the others are there."""
        self.broker.prepare()
        self._child = start(self.broker.command, self.broker.log, {**os.environ, "TZ": "UTC"})

    def listens(self) -> bool:
        assert self._child
        assert self._child.alive(), self.broker.log.read_text()[-2_000:]
        return listening(self.broker.port)

    async def restart(self) -> None:
        """Stop it as an operator does, and start it again."""
        child = self._child
        assert child
        child.ask_to_end()
        await until(lambda: not child.alive(), 40)
        self.start()
        await until(self.listens, 40)

    def kill(self) -> None:
        if self._child:
            self._child.kill()


class Brokers:
    """The three of them."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.url = ",".join(node.broker.url for node in nodes)

    async def in_step(self) -> None:
        """Return once all three hold every partition to its end."""
        async with opened(admin_of(self.url)) as admin:

            async def held() -> set[int]:
                topics = await admin.describe_topics()
                return {len(part["isr"]) for topic in topics for part in topic["partitions"]}

            await until_found(held, lambda found: found == {len(NUMBERS)}, 60)

    async def restart_each(self) -> None:
        """One after the other, each once the one before is in step again."""
        for node in self.nodes:
            await node.restart()
            await self.in_step()


@contextmanager
def three_brokers(folder: Path) -> Iterator[Brokers]:
    """Start them; they are killed at the end."""
    nodes = [Node(folder / str(number)) for number in NUMBERS]
    controllers = {number: free_port() for number in NUMBERS}
    voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in controllers.items())
    alone, cluster = kafka.configuration, uuid.uuid4()

    def configuration(data: Path, port: int, _controller: int) -> dict[str, str]:
        number = int(data.parent.name)
        own = {"node.id": str(number), "controller.quorum.voters": voters, **COPIES}
        return alone(data, port, controllers[number]) | own

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kafka, "configuration", configuration)
        try:
            with pytest.MonkeyPatch.context() as formatting:
                formatting.setattr(kafka.uuid, "uuid4", lambda: cluster)
                for node in nodes:
                    node.start()
            until_now(lambda: all(node.listens() for node in nodes), 60)
            yield Brokers(nodes)
        finally:
            for node in nodes:
                node.kill()
