"""Turns of a channel's messages: nobody waits for another host."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from libs.clock import SteppedClock
from services.alerts.delivery.slots import MESSAGES_AT_ONCE, MESSAGES_HELD, SHARE, Slots

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)


def slots(parallel: int = 2, pace: float = 0.0) -> Slots:
    return Slots(parallel, pace, SteppedClock(NOW))


async def test_a_thousand_messages_for_a_host_that_hangs_delay_no_other():
    turns, tried = slots(), asyncio.Event()

    async def hang(number: int) -> None:
        turns.enter("dead.example")
        async with turns.turn("dead.example", f"a{number}"):
            await asyncio.Event().wait()

    hanging = [asyncio.create_task(hang(number)) for number in range(1_000)]
    await asyncio.wait([asyncio.create_task(tried.wait())], timeout=0)
    assert not turns.full
    turns.enter("alive.example")
    async with asyncio.timeout(5), turns.turn("alive.example", "b"):
        tried.set()
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    assert tried.is_set()


async def test_so_many_at_once_to_one_host():
    turns = slots(parallel=2)
    async with AsyncExitStack() as held:
        for address in "ab":
            turns.enter("h")
            await held.enter_async_context(turns.turn("h", address))
        turns.enter("h")
        third = asyncio.create_task(held.enter_async_context(turns.turn("h", "c")))
        done, _ = await asyncio.wait([third], timeout=0)
        assert not done
    await third


async def test_messages_to_one_address_keep_its_pace():
    clock = SteppedClock(NOW)
    turns = Slots(8, 1.0, clock)
    turns.enter("h")
    async with turns.turn("h", "a"), turns.turn("h", "b"):
        pass
    turns.leave("h")
    turns.enter("h")
    second = asyncio.create_task(turns.turn("h", "a").__aenter__())
    done, _ = await asyncio.wait([second], timeout=0)
    assert not done, "the pace of an address outlives its last message"
    clock.step(1)
    async with asyncio.timeout(5):
        await second


@pytest.mark.parametrize(
    ("waiting", "failing", "full"),
    [
        ({"a": MESSAGES_AT_ONCE * 2}, (), False),
        ({f"h{n}": SHARE for n in range(MESSAGES_AT_ONCE // SHARE)}, (), True),
        ({f"h{n}": SHARE for n in range(MESSAGES_AT_ONCE // SHARE)}, ("h0",), False),
        ({"a": MESSAGES_HELD}, ("a",), True),
    ],
)
def test_when_to_read_no_more(waiting, failing, full):
    turns = slots()
    for host, count in waiting.items():
        for _ in range(count):
            turns.enter(host)
    for host in failing:
        turns.note(host, failing=True)
    assert turns.full is full
    for host, count in waiting.items():
        for _ in range(count):
            turns.leave(host)
    assert not turns.full
