"""The log in memory behaves as the broker, where the wire can see it."""

import pytest

from libs.wire.wire import Wire
from tests.suites.log import LogSuite, OpenWire
from tests.suites.memory import MemoryLog


class TestMemory(LogSuite):
    """The suite, without a broker."""

    @pytest.fixture
    async def open_wire(self) -> OpenWire:
        log = MemoryLog()
        return lambda: Wire("nowhere:1", "simulation", log=log, pause=lambda _: 0.01)
