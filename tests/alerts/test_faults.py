"""A look at one watch that fails: it is told, passed over, and ends no other."""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from aiokafka.errors import KafkaError

from contracts.alerts import Silence
from contracts.erasures import Suppressions
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED, ALERTS_STATE, MENTIONS_MATCHED
from contracts.watches import QuietHours, Watched
from libs.clock import SteppedClock
from libs.deciding.state import WatchState
from services.alerts.deciding.deciders import GROUP, Deciders
from services.alerts.deciding.known import Known
from services.alerts.deciding.snapshots import partition_of
from services.alerts.deciding.sources import Sources, Trouble
from services.alerts.deciding.watches import Watches
from tests.alerts.builders import NOW, erased, match, watched
from tests.alerts.fakes import MemoryWire
from tests.deadlines import until

WATCHES = ("w1", "w2")


def broken() -> Watched:
    """Return a watch at which every look fails: quiet hours without an end."""
    watch = watched(watch="w1", cooldown_minutes=0)
    return watch.model_copy(update={"quiet": QuietHours.model_construct(start=0, end=None)})


class Fine(Sources):
    """Sources in trouble as a test says."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.trouble: dict[str, Trouble] = {}

    def troubles(self, now: datetime) -> dict[str, Trouble]:
        return self.trouble


@asynccontextmanager
async def deciding(wire: MemoryWire, rows: dict[str, Watched], sources: Sources, clock, **known):
    deciders = Deciders(wire, Known(clock, Watches(rows, **known)), sources)
    deciders.subscribe()
    await wire.start()
    try:
        yield deciders
        assert wire.failures() == {}
    finally:
        await wire.stop()


@pytest.fixture
def wire() -> MemoryWire:
    return MemoryWire()


def told(wire: MemoryWire) -> list[str]:
    return sorted(alert.watch for alert in wire.of(ALERTS_RAISED))


async def test_a_look_that_fails_is_told_and_ends_no_other_watch(wire):
    rows = {"w1": broken(), "w2": watched(watch="w2", cooldown_minutes=0)}
    clock = SteppedClock(NOW)
    async with deciding(wire, rows, Fine(), clock) as deciders:
        await wire.keep(MENTIONS_MATCHED, *(match(0, watch=watch) for watch in WATCHES))
        await until(lambda: told(wire) == ["w2"] and wire.of(ALERTS_DELIVERED))
        silent = wire.of(ALERTS_DELIVERED)
        assert [(one.watch, one.why) for one in silent] == [("w1", Silence.FAULT)]
        assert deciders.failures() == {"watches not looked at": "1: w1: TypeError"}

        clock.step(6)
        await until(lambda: wire.committed(GROUP) == dict.fromkeys(map(partition_of, WATCHES), 1))

        rows["w1"] = watched(watch="w1", cooldown_minutes=0)
        deciders.change("w1", rows["w1"])
        assert deciders.failures() == {}
        await wire.keep(MENTIONS_MATCHED, *(match(1, watch=watch) for watch in WATCHES))
        await until(lambda: told(wire) == ["w1", "w2", "w2"])


async def test_an_outage_that_cannot_be_told_to_one_watch_is_told_to_the_others(wire):
    rows = {"w1": broken(), "w2": watched(watch="w2")}
    sources = Fine()
    sources.trouble = {"bluesky": Trouble("bluesky", "source_failed", NOW, NOW, "unavailable")}
    async with deciding(wire, rows, sources, SteppedClock(NOW)) as deciders:
        await until(lambda: told(wire) == ["w2"])
        assert deciders.failures()


async def test_rounds_without_news_walk_through_no_table_of_watches(wire):
    """All active watches were looked up ten times a second: 20,000 took a quarter of the time."""
    walked = 0

    class Rows(dict[str, Watched]):
        def values(self):
            nonlocal walked
            walked += 1
            return super().values()

    clock = SteppedClock(NOW)
    async with deciding(wire, Rows({"w1": watched(watch="w1", cooldown_minutes=0)}), Fine(), clock):
        for number in range(5):
            await wire.keep(MENTIONS_MATCHED, match(number, watch="w1"))
            await until(lambda number=number: len(told(wire)) == number + 1)
    assert walked <= 2


async def _answers() -> None:
    """The table catches up."""


async def _refuses() -> None:
    raise KafkaError("away")


async def _is_silent() -> None:
    await asyncio.Event().wait()


NOBODY = {
    "of sixty names": [f"nobody-{number}" for number in range(60)],
    "of one name": ["nobody"] * 60,
    "of names that are none": [" ", "\0", "w1 ", "W1", "../w1", "\u202e"] * 10,
}


@pytest.mark.parametrize("broker", [_answers, _refuses, _is_silent])
@pytest.mark.parametrize("names", NOBODY.values(), ids=NOBODY)
async def test_matches_of_unknown_watches_hold_up_no_other(wire, broker, names, monkeypatch):
    """One that another instance knew a moment before is let to come; the others are no watch."""
    monkeypatch.setattr("services.alerts.deciding.watches.CATCH_UP_SECONDS", 0.1)
    rows = {"w1": watched(watch="w1")}
    asked = 0

    async def catch_up() -> None:
        nonlocal asked
        asked += 1
        rows["w2"] = watched(watch="w2")
        await broker()

    unknown = [match(number, watch=name) for number, name in enumerate(names)]
    known = [match(number, watch=watch) for number, watch in enumerate(("w2", "w1"), 60)]
    await wire.keep(MENTIONS_MATCHED, *unknown[:30], *known, *unknown[30:])
    async with (
        asyncio.timeout(20),
        deciding(wire, rows, Fine(), SteppedClock(NOW), catch_up=catch_up),
    ):
        await until(lambda: told(wire) == ["w1", "w2"])
        await until(lambda: len(wire.of(ALERTS_DELIVERED)) >= 60)
        silent = [line for line in wire.of(ALERTS_DELIVERED) if line.outcome == "silent"]
    assert {line.why for line in silent} == {Silence.UNKNOWN_WATCH.value}
    assert len(silent) == 60
    assert asked <= 6  # once a batch, not once a watch


async def test_of_a_watch_that_never_was_nothing_is_kept(wire):
    """Each name that a match bore had a state in memory, and a snapshot in the topic, for good."""
    clock = SteppedClock(NOW)
    await wire.keep(MENTIONS_MATCHED, match(0, watch="nobody"), match(1, watch="w1"))
    async with deciding(wire, {"w1": watched(watch="w1")}, Fine(), clock):
        await until(lambda: told(wire) == ["w1"])
        clock.step(6)
        await until(lambda: wire.committed(GROUP).get(partition_of("nobody")))
    assert {state.watch for state in wire.of(ALERTS_STATE)} == {"w1"}


async def test_what_a_watch_that_is_gone_has_seen_is_kept(wire):
    """It may only be unknown here for a moment: told anew, everything would be told twice."""
    clock, rows = SteppedClock(NOW), {"w1": watched(watch="w1", cooldown_minutes=0)}
    async with deciding(wire, rows, Fine(), clock):
        await wire.keep(MENTIONS_MATCHED, match(0, watch="w1"))
        await until(lambda: told(wire) == ["w1"])
        gone = rows.pop("w1")
        await wire.keep(MENTIONS_MATCHED, match(1, watch="w1"))
        await until(lambda: wire.of(ALERTS_DELIVERED))
        rows["w1"] = gone
        await wire.keep(MENTIONS_MATCHED, match(0, watch="w1"), match(2, watch="w1"))
        await until(lambda: len(told(wire)) == 2)
    assert [[one.subject for one in alert.evidence] for alert in wire.of(ALERTS_RAISED)] == [
        ["s0"],
        ["s2"],
    ]


async def test_what_is_erased_while_snapshots_are_published_is_in_none_of_the_next():
    """The flag was taken down once they were written: the text stayed in the topic for hours."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MemoryWire):
        async def publish_all(self, topic, events, traces=None):
            if topic is ALERTS_STATE and events:
                begun.set()
                await go_on.wait()
            await super().publish_all(topic, events, traces or {})

    wire, clock, suppressions = Slow(), SteppedClock(NOW), Suppressions()
    night = watched(watch="w1", quiet=QuietHours(start=0, end=24 * 60 - 1))
    known = Known(clock, Watches({"w1": night}), suppressions=suppressions)
    deciders = Deciders(wire, known, Fine())
    deciders.subscribe()
    await wire.start()
    await wire.keep(MENTIONS_MATCHED, match(0, watch="w1"))
    await until(lambda: clock.step(6) or begun.is_set())
    suppressions.add(erased("mention", match(0).subject))
    deciders.erase()
    go_on.set()
    await until(lambda: clock.step(6) or len(wire.of(ALERTS_STATE)) > 1)
    held = [[*WatchState.load(one).evidence] for one in wire.of(ALERTS_STATE)[:2]]
    assert held == [[match(0).subject], []]
    await wire.stop()
