"""Killed between two steps of a delivery: what is handed over again is the same message.

Alerts of two watches are of one event; that of the first partition is read first, whichever was
raised first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from contracts.alerts import AlertRaised
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED
from contracts.watches import Recipient
from libs.clock import SteppedClock
from libs.sealing import Keys
from services.alerts.deciding.known import Known
from services.alerts.deciding.snapshots import partition_of
from services.alerts.deciding.watches import Watches
from services.alerts.delivery.channel import GiveUp, GuardedChannel, TryLater
from services.alerts.delivery.courier import Courier
from services.alerts.delivery.deliveries import AlertDeliveries
from services.alerts.delivery.journal import Journal
from services.alerts.delivery.telling import Telling
from tests.alerts.builders import ASTREINTE, NOW, raised, watched
from tests.alerts.fakes import FakeMail, MemoryWire
from tests.deadlines import turn, until

BY_PARTITION = sorted((f"w{number}" for number in range(12)), key=partition_of)
EARLY = BY_PARTITION[0]
LATE = next(w for w in reversed(BY_PARTITION) if (partition_of(w) - partition_of(EARLY)) % 2)
"""Watches whose alerts are read first and last, of different instances where there are two."""

MARKED = (ASTREINTE.model_copy(update={"mark": "m1"}),)
"""The same person as topics name them: all that is told to them is of one partition."""

GROWN = 8
"""Texts at which an event of one is told again at once."""


class Mailbox(FakeMail):
    """A channel that keeps what it accepted, and dies or refuses when it is told to."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, str | None, frozenset[str], Any]] = []
        self.dies = self.refuses = self.busy = False
        self.refused = 0

    @property
    def messages(self) -> list[str]:
        return [message for message, *_ in self.accepted]

    async def tell(self, address: str, telling: Telling) -> None:
        if self.refuses:
            raise GiveUp("550: no")
        if self.busy:
            self.refused += 1
            raise TryLater("451: not now")
        subjects = frozenset(one.subject for one in telling.alert.evidence)
        thread = telling.thread
        self.accepted.append((thread.message, thread.follows, subjects, telling.told_at))
        if self.dies:
            raise asyncio.CancelledError


@asynccontextmanager
async def process(
    wire: MemoryWire,
    clock: SteppedClock,
    mailbox: Mailbox | GuardedChannel,
    recipients: tuple[Recipient, ...] = (ASTREINTE,),
) -> AsyncIterator[MemoryWire]:
    """Run the courier of another process on the same log."""
    wire = wire.another()
    rows = {name: watched(watch=name, recipients=recipients) for name in (EARLY, LATE)}
    known = Known(clock, Watches(rows))
    channel = cast("GuardedChannel", mailbox)
    make = AlertDeliveries(channel, known, "https://portail.example", Keys())
    Courier(wire, channel, {ALERTS_RAISED: make}, Journal(wire), clock).subscribe()
    await wire.start()
    try:
        yield wire
    finally:
        await wire.stop()


def alert(name: str, watch: str, texts: int, mark: str | None = None) -> AlertRaised:
    """Return an alert of the first texts so many."""
    known = {"alert": name, "watch": watch, "event_id": name, "mark": mark}
    return raised(texts).model_copy(update=known)


def lines(wire: MemoryWire) -> dict[str, tuple[str, str | None]]:
    """Return how each alert ended, and by which message."""
    return {line.alert: (line.outcome, line.message_id) for line in wire.of(ALERTS_DELIVERED)}


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def wire() -> MemoryWire:
    return MemoryWire()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


async def test_an_update_accepted_and_not_logged_is_repeated_as_it_was(wire, clock, mailbox):
    """Composed anew, it began with the alert that is read first, under another Message-ID."""
    await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1))
    async with process(wire, clock, mailbox):
        await until(lambda: lines(wire) == {"a1": ("delivered", "a1")})
        mailbox.dies = True
        await wire.keep(ALERTS_RAISED, alert("a2", LATE, GROWN))
        await until(lambda: len(mailbox.accepted) == 2)
    mailbox.dies = False
    clock.step(60)
    await wire.keep(ALERTS_RAISED, alert("a3", EARLY, GROWN + 1))
    async with process(wire, clock, mailbox):
        await until(lambda: "a2" in lines(wire))
        clock.step(3_600)
        await until(lambda: "a3" in lines(wire))
    first, update, again, rest = mailbox.accepted
    assert update == again
    assert (first[0], update[1]) == ("a1", "a1")
    assert rest[2] == {f"s{GROWN}"}
    assert lines(wire)["a2"] == ("delivered", update[0])


async def test_a_first_message_accepted_and_not_logged_is_still_the_first(wire, clock, mailbox):
    """Read after one of another watch, it was repeated as an update of that one."""
    mailbox.dies = True
    await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1))
    async with process(wire, clock, mailbox):
        await until(lambda: mailbox.messages == ["a1"])
    mailbox.dies = False
    await wire.keep(ALERTS_RAISED, alert("a2", EARLY, GROWN))
    async with process(wire, clock, mailbox):
        await until(lambda: lines(wire).keys() == {"a1", "a2"})
    first, again, update = mailbox.accepted
    assert first == again
    assert update[1] == "a1"
    assert "s0" not in update[2]


async def test_a_message_of_which_one_line_is_logged_is_not_repeated(
    wire, clock, mailbox, monkeypatch
):
    written, send = 0, wire.memory.send

    async def dies_after_two_lines(topic: str, *args: Any) -> Any:
        nonlocal written
        written += topic.endswith(ALERTS_DELIVERED.name)
        if written > 2:
            raise asyncio.CancelledError
        return await send(topic, *args)

    monkeypatch.setattr(wire.memory, "send", dies_after_two_lines)
    await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1))
    async with process(wire, clock, mailbox):
        await until(lambda: lines(wire).keys() == {"a1"})
        both = alert("a2", EARLY, GROWN), alert("a3", LATE, GROWN)
        await wire.keep(ALERTS_RAISED, *both)
        await until(lambda: written > 2)
    monkeypatch.undo()
    async with process(wire, clock, mailbox):
        await until(lambda: len(lines(wire)) == 3)
    assert len(mailbox.accepted) == 2
    ended = lines(wire)
    assert ended["a2"] == ended["a3"] == ("delivered", mailbox.messages[1])


async def test_what_was_composed_and_not_accepted_is_told(wire, clock, mailbox):
    mailbox.refuses = True

    async def never(*_: object) -> None:
        raise asyncio.CancelledError

    tell, mailbox.tell = mailbox.tell, never
    await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1))
    async with process(wire, clock, mailbox):
        await turn(50)
    mailbox.tell, mailbox.refuses = tell, False
    async with process(wire, clock, mailbox):
        await until(lambda: lines(wire) == {"a1": ("delivered", "a1")})


async def test_an_alert_published_twice_while_it_waits_is_told(wire, clock, mailbox):
    """A decider killed before its snapshot publishes again; the copy counted as told."""
    await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1))
    async with process(wire, clock, mailbox):
        await until(lambda: lines(wire).keys() == {"a1"})
        await wire.keep(ALERTS_RAISED, alert("a2", LATE, 3), alert("a2", LATE, 3))
        await until(lambda: clock.next_due is not None)
        clock.step(1_800)
        await until(lambda: lines(wire).keys() == {"a1", "a2"})
    assert lines(wire)["a2"] == ("delivered", mailbox.messages[1])
    assert mailbox.accepted[1][2] == {"s1", "s2"}


async def test_what_was_refused_counts_as_told_to_nobody(wire, clock, mailbox):
    """What says the same was then merged with a message that nobody had."""
    mailbox.refuses = True
    await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1))
    async with process(wire, clock, mailbox):
        await until(lambda: lines(wire) == {"a1": ("failed", "a1")})
        mailbox.refuses = False
        await wire.keep(ALERTS_RAISED, alert("a2", EARLY, 1))
        await until(lambda: "a2" in lines(wire))
    (message, follows, subjects, _) = mailbox.accepted[0]
    assert lines(wire)["a2"] == ("delivered", message)
    assert (follows, subjects) == (None, {"s0"})


@pytest.mark.parametrize("away", [0, 180])
async def test_a_message_of_two_watches_is_handed_over_by_one_of_two_instances(
    wire, clock, mailbox, away
):
    """Alerts were read by watch: each of two instances had one of the message."""
    await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1, "m1"))
    async with process(wire, clock, mailbox, MARKED):
        await until(lambda: lines(wire).keys() == {"a1"})
        both = alert("a2", EARLY, 4, "m1"), alert("a3", LATE, 3, "m1")
        await wire.keep(ALERTS_RAISED, *both)
        await until(lambda: clock.next_due is not None)
        mailbox.dies, mailbox.busy = not away, bool(away)
        clock.step(1_800)
        await until(lambda: mailbox.refused or len(mailbox.accepted) == 2)
    mailbox.dies, mailbox.busy = False, True
    async with process(wire, clock, mailbox, MARKED), process(wire, clock, mailbox, MARKED):
        members = wire.memory.members[f"{wire.namespace}.alerts-mailto"]
        assert [len(each.held) for each in members] == [6, 6]
        for _ in range(away):
            clock.step(1)
            await turn(20)
        mailbox.busy = False
        for _ in range(120):
            clock.step(1)
            await turn(20)
    assert len(set(mailbox.messages)) == 2
    assert len(mailbox.accepted) == (2 if away else 3)
    ended = lines(wire)
    assert ended["a2"] == ended["a3"] == ("delivered", mailbox.messages[-1])


async def test_one_event_that_two_watches_found_is_one_message_from_two_instances(
    wire, clock, mailbox
):
    """Each instance told it, as far as it knew for the first time."""
    async with process(wire, clock, mailbox, MARKED), process(wire, clock, mailbox, MARKED):
        await wire.keep(ALERTS_RAISED, alert("a1", EARLY, 1, "m1"))
        await until(lambda: "a1" in lines(wire))
        await wire.keep(ALERTS_RAISED, alert("a2", LATE, 2, "m1"))
        await until(lambda: clock.next_due is not None)
        clock.step(1_800)
        await until(lambda: "a2" in lines(wire))
    first, update = mailbox.accepted
    assert update[1] == first[0]
    assert update[2] == {"s1"}


async def test_what_waits_for_another_persons_message_is_nothing_of_ours(wire, clock, mailbox):
    """An incident that another instance has in hand was taken for lost here after two minutes."""
    mailbox.dies = True
    await wire.keep(ALERTS_RAISED, alert("a1", EARLY, 1, "m1"))
    async with process(wire, clock, mailbox, MARKED):
        await until(lambda: mailbox.messages == ["a1"])
    mailbox.dies, mailbox.busy = False, True
    async with process(wire, clock, mailbox, MARKED):
        await until(lambda: mailbox.refused)
        await wire.keep(ALERTS_RAISED, alert("a2", LATE, 2, "m1"))
        for _ in range(200):
            clock.step(1)
            await turn(20)
        mailbox.busy = False
        for _ in range(1_900):
            clock.step(1)
            await turn(5)
    assert [one[2] for one in mailbox.accepted] == [{"s0"}, {"s0"}, {"s1"}]
    assert len(set(mailbox.messages)) == 2


async def test_what_nobody_logs_is_waited_for_until_all_is_read(wire, clock, mailbox):
    """The alert of a message that was begun is gone: what says the same is told."""
    mailbox.dies = True
    gone = alert("a1", LATE, 2)
    await wire.keep(ALERTS_RAISED, gone)
    async with process(wire, clock, mailbox):
        await until(lambda: mailbox.messages == ["a1"])
    mailbox.dies = False
    wire.memory.records.pop(
        next(
            p
            for p in wire.memory.records
            if wire.memory.records[p] and p.topic.endswith(ALERTS_RAISED.name)
        )
    )
    await wire.keep(ALERTS_RAISED, alert("a2", LATE, 2))
    async with process(wire, clock, mailbox):
        await until(lambda: "a2" in lines(wire))
    assert lines(wire)["a2"][0] == "delivered"
    assert mailbox.accepted[1][2] == {"s0", "s1"}
