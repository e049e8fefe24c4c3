"""What a service leans on is asked by itself: its loss is told soon, and its return clears it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from libs.pulse import EVERY_SECONDS, STALLED_SECONDS, WITHIN_SECONDS, Pulse
from libs.wire.backends.kafka import any_answer
from tests.deadlines import until


class Part:
    """Something that answers, refuses or hangs."""

    def __init__(self) -> None:
        self.does: Callable[[], Awaitable[object]] = self.well

    async def ask(self) -> None:
        await self.does()

    async def well(self) -> None:
        """Answer."""

    async def refuses(self) -> None:
        raise ConnectionRefusedError("nobody there")

    async def hangs(self) -> None:
        await asyncio.Event().wait()

    async def breaks(self) -> None:
        raise RuntimeError("a bug")


@pytest.mark.parametrize("how", ["refuses", "hangs", "breaks"])
async def test_a_part_that_does_not_answer_is_told_until_it_does(how):
    part, other = Part(), Part()
    pulse = Pulse({"engine": part.ask, "store": other.ask}, every=0.01, within=0.05)
    pulse.start()
    part.does = getattr(part, how)
    await until(lambda: list(pulse.failures()) == ["engine"])
    part.does = part.well
    await until(lambda: pulse.failures() == {})
    await pulse.stop()


class Seconds:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


async def test_what_ends_no_round_stands_still_unless_a_part_is_or_was_away():
    part, seconds = Part(), Seconds()
    pulse = Pulse({"broker": part.ask}, every=0.01, within=0.05, seconds=seconds)
    rounds = {"lane": 0.0, "idle": None}
    seconds.at = STALLED_SECONDS
    assert pulse.stalled(rounds) == {}
    seconds.at += 1
    assert list(pulse.stalled(rounds)) == ["lane"]
    part.does = part.refuses
    pulse.start()
    await until(lambda: pulse.failures() != {})
    assert pulse.stalled(rounds) == {}, "it waits for the broker"
    part.does = part.well
    await until(lambda: pulse.failures() == {})
    assert pulse.stalled(rounds) == {}, "it may have waited until now"
    seconds.at += STALLED_SECONDS + 1
    assert list(pulse.stalled(rounds)) == ["lane"]
    await pulse.stop()


def test_a_loss_is_told_within_fifteen_seconds():
    assert EVERY_SECONDS + WITHIN_SECONDS < 15


async def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await reader.readexactly(14)
    writer.write(b"\0\0\0\x3c" + asked[8:12] + b"\0" * 56)
    await writer.drain()


async def is_another(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Another program has the port: it was taken for a broker that is well."""
    writer.write(b"220 another program speaks here\r\n")
    await writer.drain()


@pytest.mark.parametrize("first", [silent, hangs_up, is_another])
async def test_one_broker_of_several_that_answers_is_enough(first, unused_tcp_port):
    bad = await asyncio.start_server(first, "127.0.0.1", 0)
    good = await asyncio.start_server(answers, "127.0.0.1", 0)
    places = [f"127.0.0.1:{one.sockets[0].getsockname()[1]}" for one in (bad, good)]
    async with asyncio.timeout(10):
        await any_answer([f"127.0.0.1:{unused_tcp_port}", *places])
    for server in (bad, good):
        server.close()


@pytest.mark.parametrize("who", [hangs_up, is_another, None])
async def test_a_broker_that_is_none_does_not_answer(who, unused_tcp_port):
    place = f"127.0.0.1:{unused_tcp_port}"
    if who:
        server = await asyncio.start_server(who, "127.0.0.1", 0)
        place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(ConnectionError):
        await any_answer([place])


@pytest.mark.broker
async def test_a_real_broker_answers(kafka_url):
    await any_answer([kafka_url.removeprefix("kafka://")])
