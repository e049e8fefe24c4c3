"""The delivery log read back: a line that cannot be read stops none of the others."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from contracts.alerts import AlertComposed, AlertDelivered
from contracts.topics import ALERTS_COMPOSED, ALERTS_DELIVERED
from libs.wire.backends.log import Batches
from services.alerts.delivery.journal import Journal, delivery_id
from tests.alerts.builders import NOW, raised
from tests.alerts.fakes import MemoryWire
from tests.events import event
from tests.suites.memory import MemoryConsumer, MemoryLog


def line(message: str) -> AlertDelivered:
    return event(
        AlertDelivered,
        event_id=delivery_id(message, "mailto:a@essai.example"),
        alert=message,
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


HOUR = 3_600_000
PLACE = ALERTS_DELIVERED.on("simulation")


class Reading:
    """A journal, and its log in memory; counts how often that is read."""

    def __init__(self, remembered: int, consumer: type[MemoryConsumer] = MemoryConsumer) -> None:
        self.reads = 0
        self.log, self._consumer = MemoryLog(), consumer
        self.log.consumer = self.consumer
        self.journal = Journal(MemoryWire(self.log), remembered)

    def consumer(self, group: str | None = None, **_: object) -> MemoryConsumer:
        self.reads += 1
        return self._consumer(self.log, group, None)

    def write(self, message: str, hours: float) -> None:
        at, value = int(hours * HOUR), line(message).encode()
        self.log.append(PLACE, value, b"k", partition=0, timestamp_ms=at)

    def deliver(self, message: str, hours: float) -> None:
        self.write(message, hours)
        self.journal.add(line(message).event_id, int(hours * HOUR))

    async def cover(self, hours: float) -> None:
        await self.journal.cover(int(hours * HOUR))

    def knows(self, *messages: str) -> bool:
        return all(line(message).event_id in self.journal for message in messages)


def numbered(*numbers: int) -> list[str]:
    return [f"d{number}" for number in numbers]


async def test_the_memory_of_deliveries_is_bounded_and_nothing_is_forgotten_for_good():
    log = Reading(remembered=100)
    await log.cover(1)
    for number in range(1, 1_000):
        await log.cover(number)
        log.deliver(f"d{number}", number)
        assert len(log.journal) <= 101
    assert log.reads == 1
    assert not log.knows("d3")
    await log.cover(3)
    assert log.reads == 2
    assert log.knows(*numbered(*range(3, 1_000)))
    log.deliver("new", 1_000)
    await log.cover(3)
    assert log.reads == 2, "what was read again must not be forgotten at once"
    log.write("of another instance", 999)
    log.journal.reopen()
    assert log.knows("d999"), "another courier of the process may be about to look"
    await log.cover(999)
    assert log.knows("of another instance")


async def test_a_burst_within_an_hour_is_not_read_again_for_every_message():
    log = Reading(remembered=100)
    for number in range(2_000):
        await log.cover(1 + number / HOUR)
        log.deliver(f"d{number}", 1 + number / HOUR)
    assert log.reads <= 8
    assert log.knows("d1999")


async def test_a_delivery_made_while_the_log_is_read_forgets_nothing_of_it():
    class Busy(MemoryConsumer):
        """Gives one record at a time, and a message is delivered meanwhile."""

        async def poll(self, timeout_ms: int, max_records: int | None = None) -> Batches:
            log.journal.add(f"new{len(log.journal)}", 100 * HOUR)
            return await super().poll(timeout_ms, 1)

    log = Reading(remembered=10, consumer=Busy)
    for number in range(2, 32):
        log.write(f"d{number}", number)
    await log.cover(2)
    assert len(log.journal) >= 60
    assert log.knows(*numbered(*range(2, 32)))
    log.journal.add("after", 100 * HOUR)
    assert log.knows(*numbered(*range(2, 32))), "what was just read is needed now"


async def test_a_log_that_could_not_be_read_is_read_again():
    class Away(MemoryConsumer):
        async def start(self) -> None:
            raise ConnectionError

    log = Reading(remembered=10, consumer=Away)
    with pytest.raises(ConnectionError):
        await log.cover(1)
    for number in range(100):
        log.journal.add(f"d{number}", number * HOUR)
    assert len(log.journal) <= 11


async def test_of_messages_that_nobody_logs_so_many_are_known(monkeypatch):
    """What no courier composed is logged by none: each was kept for as long as the process ran."""
    monkeypatch.setattr("services.alerts.delivery.journal.COMPOSED_MOST", 3)
    wire = MemoryWire()
    for number in range(6):
        name = f"m{number}"
        told = event(
            AlertComposed, event_id=name, message=name, thread=name, deliveries=(name,),
            told=raised(1), composed_at=NOW + timedelta(seconds=number),
        )  # fmt: skip
        await wire.keep(ALERTS_COMPOSED, told)
    journal = Journal(wire)
    await journal.cover(0)
    assert len(journal.all_composed()) == 3
