"""What stands between the services and what they call: a TCP proxy that misbehaves when told.

One a place (broker, engine, networks, mail server), all on a thread of their own: what the bench
computes delays no byte that passes.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Literal

Weather = Literal[
    "well", "slow", "resets", "refuses", "stalls", "loses answers", "hangs up", "speaks otherwise"
]

WEATHERS: tuple[Weather, ...] = ("slow", "resets", "refuses", "stalls", "loses answers")
"""Each chunk late, connections reset after some, none accepted, nothing passes, nothing comes back
and then a reset: what was asked was done, and nobody knows. One that hangs up takes connections
and closes them; one that speaks otherwise is not what was called (another program has its port)."""

OTHERWISE = b"\0\0\0\x20 220 another program speaks here\r\n"
CLOSED: frozenset[Weather] = frozenset(("resets", "refuses", "hangs up", "speaks otherwise"))
"""Weathers that begin with the end of all connections."""

CHUNK = 64 * 1024
LONGEST_DELAY = 0.3
"""Seconds that a chunk waits in a slow network."""

OFTEN = 0.05
"""Share of the chunks after which a connection is reset."""

LOOK_EVERY = 0.05
_RESET = struct.pack("ii", 1, 0)
"""Of `SO_LINGER`: closed at once, the other side hears RST."""


class Proxy:
    """Listens on `port`, and passes on to `to` by the weather of now."""

    def __init__(self, port: int, to: int, seed: int) -> None:
        self.port = port
        self.weather: Weather = "well"
        self._to = to
        self._chance = Random(seed)
        self._open: set[asyncio.StreamWriter] = set()

    async def listen(self) -> asyncio.Server:
        """Accept connections."""
        return await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    def reset_all(self) -> None:
        """Reset every open connection, as a switch that restarts."""
        for writer in list(self._open):
            self._reset(writer)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather == "refuses":
            self._reset(writer)
            return
        if self.weather in ("hangs up", "speaks otherwise"):
            if self.weather == "speaks otherwise":
                writer.write(OTHERWISE)
            writer.close()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            self._reset(writer)
            return
        self._open |= {writer, back}
        try:
            await asyncio.gather(
                self._pass(reader, back, answers=False), self._pass(there, writer, answers=True)
            )
        finally:
            for one in (writer, back):
                self._open.discard(one)
                one.close()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if not await self._may_pass(answers=answers):
                    break
                writer.write(data)
                await writer.drain()
            if not reader.at_eof():
                self._reset(writer)
        with suppress(OSError, RuntimeError):
            writer.close()

    async def _may_pass(self, *, answers: bool) -> bool:
        """Wait as long as the weather has a chunk wait; tell whether it passes at all."""
        if self.weather == "slow":
            await asyncio.sleep(self._chance.uniform(0.0, LONGEST_DELAY))
        elif self.weather == "resets":
            return self._chance.random() > OFTEN
        elif self.weather == "loses answers" and answers:
            while self.weather == "loses answers":  # noqa: ASYNC110 — told by another thread
                await asyncio.sleep(LOOK_EVERY)
            return False
        while self.weather == "stalls":  # noqa: ASYNC110 — told by another thread
            await asyncio.sleep(LOOK_EVERY)
        return True

    @staticmethod
    def _reset(writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            link: socket.socket | None = writer.get_extra_info("socket")
            if link is not None:
                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


class Network:
    """The proxies by the name of what they lead to, on a thread of their own."""

    def __init__(self, ways: Mapping[str, tuple[int, int]], seed: int) -> None:
        """Prepare `ways`: of each place the port that is called, and the one that it leads to."""
        self.proxies = {
            name: Proxy(port, to, seed + number)
            for number, (name, (port, to)) in enumerate(ways.items())
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        for proxy in self.proxies.values():
            asyncio.run_coroutine_threadsafe(proxy.listen(), self._loop).result(10)

    def stop(self) -> None:
        """Close everything."""
        self._do(lambda: [one.reset_all() for one in self.proxies.values()])
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def change(self, name: str, weather: Weather) -> None:
        """Have a weather from now on; one that resets begins with all connections."""
        proxy = self.proxies[name]
        proxy.weather = weather
        if weather in CLOSED:
            self._do(proxy.reset_all)

    def _do(self, what: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(what)
