"""The scheduler's own consumer: anew at each run, and never past too many bad outcomes."""

import asyncio
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError

from libs.clock import SystemClock
from services.collector.scheduler import Scheduler
from tests.collector.fakes import KeptWire
from tests.deadlines import turn, until


class Consumer:
    """A consumer that can be started once, as the client's; it fails when its broker does."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.log: list[str] = []

    def subscribe(self, *_: object, **__: object) -> None:
        self.log.append("subscribe")

    async def start(self) -> None:
        assert "start" not in self.log
        self.log.append("start")

    async def stop(self) -> None:
        self.log.append("stop")

    async def getmany(self, **_: object) -> dict[Any, Any]:
        self.log.append("poll")
        await turn()
        if self.error:
            raise self.error
        return {}


class Wire(KeptWire):
    """Gives consumers, the first of which loses its broker."""

    def __init__(self) -> None:
        super().__init__()
        self.consumers: list[Consumer] = []

    def consumer(self, group: str, session_ms: int, **settings: Any) -> AIOKafkaConsumer:
        error = KafkaConnectionError("gone") if not self.consumers else None
        self.consumers.append(Consumer(error))
        return cast("AIOKafkaConsumer", self.consumers[-1])


async def test_a_scheduler_that_lost_its_broker_can_be_run_again() -> None:
    wire = Wire()
    scheduler = Scheduler(wire, SystemClock(), credentials={}, host_of=lambda network, _: network)
    with pytest.raises(KafkaConnectionError):
        await scheduler.run()
    again = asyncio.create_task(scheduler.run())
    await until(lambda: len(wire.consumers) == 2 and wire.consumers[1].log.count("poll") > 2)
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    first, second = wire.consumers
    assert first.log == ["subscribe", "start", "poll", "stop"]
    assert second.log[:3] == ["subscribe", "start", "poll"]
    assert second.log[-1] == "stop"
