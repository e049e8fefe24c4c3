"""An ordinary stop: parts stop side by side, within the time that a process has."""

import asyncio
from typing import Any, cast

import httpx
import pytest

from libs.process import STOP_SECONDS
from libs.wire.consumer import STOP_SECONDS as LEAVING_SECONDS
from services.alerts.app import Alerts
from services.alerts.courier import LAST_WORDS
from tests.alerts.fakes import FakeWire


class Part:
    """Stops once all the others are asked to."""

    group = "part"

    def __init__(self, together: asyncio.Barrier, error: Exception | None = None) -> None:
        self.together = together
        self.error = error
        self.stopped = False

    async def stop(self) -> None:
        await asyncio.wait_for(self.together.wait(), 5)
        self.stopped = True
        if self.error:
            raise self.error


class Quiet(FakeWire):
    """A wire without a broker to leave."""

    async def stop(self) -> None: ...


def service(*parts: Part) -> Alerts:
    deciders, *couriers = cast("list[Any]", list(parts))
    return Alerts(Quiet(), [], [], deciders, couriers, [], httpx.AsyncClient())


async def test_deciders_and_couriers_stop_together() -> None:
    together = asyncio.Barrier(5)
    parts = [Part(together) for _ in range(5)]
    await service(*parts).stop()
    assert all(part.stopped for part in parts)


async def test_a_part_that_stops_badly_keeps_no_other_from_it_and_says_so() -> None:
    together = asyncio.Barrier(3)
    parts = [Part(together, ConnectionError()), Part(together), Part(together)]
    with pytest.raises(ConnectionError):
        await service(*parts).stop()
    assert all(part.stopped for part in parts)


def test_the_last_words_and_leaving_fit_in_the_time_to_stop() -> None:
    assert LAST_WORDS + LEAVING_SECONDS < STOP_SECONDS
