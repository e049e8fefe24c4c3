"""The delivery log read back: a line that cannot be read stops none of the others."""

import pytest
from structlog.testing import capture_logs

from contracts.alerts import AlertDelivered
from contracts.topics import ALERTS_DELIVERED
from services.alerts.delivery.journal import Journal, delivery_id
from tests.alerts.builders import NOW
from tests.alerts.fakes import MemoryWire


def line(message: str) -> AlertDelivered:
    return AlertDelivered(
        event_id=delivery_id(message, "mailto:a@essai.example"),
        origin="simulation",
        alert=message,
        watch="w1",
        channel="mailto",
        recipient="a@essai.example",
        outcome="delivered",
        attempts=1,
        delivered_at=NOW,
    )


async def test_an_unreadable_delivery_is_said_and_the_others_are_known():
    wire = MemoryWire()
    for value in (line("a1").encode(), b'{"event_id": 1}', None, line("a2").encode()):
        wire.memory.append(ALERTS_DELIVERED.on("simulation"), value, b"k", partition=0)
    journal = Journal(wire)
    with capture_logs() as said:
        await journal.cover(0)
    assert line("a1").event_id in journal
    assert line("a2").event_id in journal
    assert [each["event"] for each in said] == ["unreadable delivery"] * 2
    assert said[0]["log_level"] == "error"
    assert said[0]["why"].startswith("event_id")


class Log(Journal):
    """A journal over lines in memory; counts how often it is read."""

    def __init__(self, lines: dict[str, int], remembered: int) -> None:
        super().__init__(MemoryWire(), remembered)
        self.lines = lines
        self.reads: list[int] = []

    async def _read(self, since_ms: int) -> None:
        self.reads.append(since_ms)
        for delivery, at_ms in self.lines.items():
            if at_ms >= since_ms:
                self._delivered[delivery] = at_ms

    def deliver(self, delivery: str, at_ms: int) -> None:
        self.lines[delivery] = at_ms
        self.add(delivery, at_ms)


HOUR = 3_600_000


async def test_the_memory_of_deliveries_is_bounded_and_nothing_is_forgotten_for_good():
    log = Log({}, remembered=100)
    await log.cover(HOUR)
    for number in range(1, 1_000):
        await log.cover(number * HOUR)
        log.deliver(f"d{number}", number * HOUR)
        assert len(log) <= 101
    assert log.reads == [0]
    assert "d3" not in log
    await log.cover(3 * HOUR)
    assert len(log.reads) == 2
    assert all(f"d{number}" in log for number in range(3, 1_000))
    log.deliver("new", 1_000 * HOUR)
    await log.cover(3 * HOUR)
    assert len(log.reads) == 2, "what was read again must not be forgotten at once"
    log.lines["of another instance"] = 999 * HOUR
    log.reopen()
    assert "d999" in log, "another courier of the process may be about to look"
    await log.cover(999 * HOUR)
    assert "of another instance" in log


async def test_a_burst_within_an_hour_is_not_read_again_for_every_message():
    log = Log({}, remembered=100)
    for number in range(2_000):
        await log.cover(HOUR + number)
        log.deliver(f"d{number}", HOUR + number)
    assert len(log.reads) <= 8
    assert f"d{1_999}" in log


async def test_a_delivery_made_while_the_log_is_read_forgets_nothing_of_it():
    class Busy(Log):
        """Delivers a message whenever some of the log was read."""

        async def _read(self, since_ms: int) -> None:
            for number, (delivery, at_ms) in enumerate(list(lines.items())):
                self._delivered[delivery] = at_ms
                self.add(f"new{number}", 100 * HOUR)

    lines = {f"d{number}": number * HOUR for number in range(2, 32)}
    log = Busy(lines, remembered=10)
    await log.cover(2 * HOUR)
    assert all(delivery in log for delivery in lines)
    log.add("after", 100 * HOUR)
    assert all(delivery in log for delivery in lines), "what was just read is needed now"


async def test_a_log_that_could_not_be_read_is_read_again():
    class Away(Log):
        async def _read(self, since_ms: int) -> None:
            raise ConnectionError

    log = Away({}, remembered=10)
    with pytest.raises(ConnectionError):
        await log.cover(HOUR)
    for number in range(100):
        log.add(f"d{number}", number * HOUR)
    assert len(log) <= 11
