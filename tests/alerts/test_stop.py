"""An ordinary stop: parts stop side by side, within the time that a process has."""

import asyncio

import httpx

from contracts.topics import ALERTS_RAISED
from libs.process import STOP_SECONDS
from libs.wire.backends.consumer import STOP_SECONDS as LEAVING_SECONDS
from libs.wire.work import Work
from services.alerts.app import Alerts
from services.alerts.delivery.courier import LAST_WORDS
from tests.alerts.fakes import MemoryWire
from tests.deadlines import until


class Part(Work):
    """Gives its partitions up once all the others are asked to."""

    def __init__(self, together: asyncio.Barrier) -> None:
        self.together = together
        self.ended = False

    async def revoked(self) -> None:
        await asyncio.wait_for(self.together.wait(), 5)
        self.ended = True


async def test_lanes_stop_together_and_the_service_with_them():
    together = asyncio.Barrier(5)
    wire = MemoryWire()
    parts = [Part(together) for _ in range(5)]
    for number, part in enumerate(parts):
        wire.lane([ALERTS_RAISED], f"group-{number}", part)
    service = Alerts(wire, [], [], [], httpx.AsyncClient())
    await service.start()
    await until(lambda: all(lane.holds(ALERTS_RAISED.on("simulation"), 0) for lane in wire.lanes))
    await service.stop()
    assert all(part.ended for part in parts)


def test_the_last_words_and_leaving_fit_in_the_time_to_stop():
    assert LAST_WORDS + LEAVING_SECONDS < STOP_SECONDS
