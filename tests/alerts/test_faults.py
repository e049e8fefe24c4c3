"""A look at one watch that fails: it is told, passed over, and ends no other."""

from datetime import datetime
from typing import cast

import pytest
from aiokafka import TopicPartition

from contracts.alerts import AlertDelivered, AlertRaised, DeciderState, Silence
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED, MENTIONS_MATCHED
from contracts.watches import Watched
from libs.clock import SteppedClock
from services.alerts import deciders as deciders_module
from services.alerts.accounts import Accounts
from services.alerts.deciders import Deciders, partition_of
from services.alerts.sources import Sources, Trouble
from services.alerts.watches import Watches
from tests.alerts.builders import NOW, match, watched
from tests.alerts.fakes import FakeWire, record
from tests.alerts.test_rebalance import polled, running

WATCHES = ("w1", "w2")


def broken() -> Watched:
    """Return a watch at which every look fails: a zone that this machine does not know."""
    watch = watched(watch="w1", mode="peak", cooldown_minutes=0)
    return watch.model_copy(update={"timezone": "Mars/Phobos"})


class Fine(Sources):
    """Sources in trouble as a test says."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.trouble: dict[str, Trouble] = {}

    def troubles(self, now: datetime) -> dict[str, Trouble]:
        return self.trouble


def partition(watch: str) -> TopicPartition:
    return TopicPartition(MENTIONS_MATCHED.on("simulation"), partition_of(watch))


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> FakeWire:
    async def load(*_: object) -> dict[str, DeciderState]:
        return {}

    monkeypatch.setattr(deciders_module, "load_snapshots", load)
    return FakeWire()


def give(wire: FakeWire, offset: int) -> None:
    wire.consumed.queue.put_nowait(
        {
            partition(watch): [
                record(
                    MENTIONS_MATCHED,
                    partition_of(watch),
                    offset,
                    match(offset, watch=watch).encode(),
                )
            ]
            for watch in WATCHES
        }
    )


def told(wire: FakeWire) -> list[str]:
    return [alert.watch for alert in cast("list[AlertRaised]", wire.of(ALERTS_RAISED))]


async def test_a_look_that_fails_is_told_and_ends_no_other_watch(wire: FakeWire) -> None:
    rows = {"w1": broken(), "w2": watched(watch="w2", cooldown_minutes=0)}
    clock = SteppedClock(NOW)
    deciders = Deciders(wire, Watches(rows), Accounts(), Fine(), str, clock)
    await deciders.start()
    async with running(deciders.run) as task:
        await wire.consumed.assign(*map(partition, WATCHES))
        give(wire, 0)
        await polled(wire.consumed)
        assert not task.done()
        assert told(wire) == ["w2"]
        silent = cast("list[AlertDelivered]", wire.of(ALERTS_DELIVERED))
        assert [(one.watch, one.why) for one in silent] == [("w1", Silence.FAULT)]
        assert deciders.failures() == {"watches not looked at": "1: w1: ZoneInfoNotFoundError"}

        clock.step(6)
        await polled(wire.consumed)
        assert wire.consumed.commits == [{partition(watch): 1 for watch in WATCHES}]

        rows["w1"] = watched(watch="w1", cooldown_minutes=0)
        deciders.change("w1", rows["w1"])
        assert deciders.failures() == {}
        give(wire, 1)
        await polled(wire.consumed)
        assert sorted(told(wire)) == ["w1", "w2", "w2"]
        await deciders.stop()


async def test_an_outage_that_cannot_be_told_to_one_watch_is_told_to_the_others(
    wire: FakeWire,
) -> None:
    rows = {"w1": broken(), "w2": watched(watch="w2")}
    sources = Fine()
    sources.trouble = {"bluesky": Trouble("bluesky", "source_failed", NOW, NOW, "unavailable")}
    deciders = Deciders(wire, Watches(rows), Accounts(), sources, str, SteppedClock(NOW))
    await deciders.start()
    async with running(deciders.run) as task:
        await wire.consumed.assign(*map(partition, WATCHES))
        await polled(wire.consumed)
        assert not task.done()
        assert told(wire) == ["w2"]
        assert deciders.failures()
        await deciders.stop()
