"""What every channel must do: sort every answer and every transport error, hide its secret."""

import asyncio
import logging
import traceback
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, ClassVar

import pytest
from httpx import AsyncClient
from httpx_aiohttp import AiohttpTransport

from contracts.channels import BY_SCHEME
from contracts.messages import MessageDue
from services.alerts.delivery.channel import (
    DeliveryError,
    Driver,
    GiveUp,
    GuardedChannel,
    Outside,
    TryLater,
    open_channels,
)
from services.alerts.delivery.telling import Telling
from tests.alerts.builders import NOW, raised
from tests.alerts.builders import telling as told
from tests.events import event

GARBAGE = {
    "no protocol": b"garbage\r\n\r\n",
    "a bad length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nok",
    "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n",
}
"""What a proxy in trouble may answer in place of the other side."""


@asynccontextmanager
async def answering(said: bytes) -> AsyncGenerator[int]:
    """Answer so whatever is asked, and hang up; gives the port."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.drain()
            await reader.read(65_536)
        writer.close()

    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


class ChannelSuite:
    """Inherited by the test of each channel, which says its facts.

    `answers` maps what the other side answers to what is to be done (None: accepted); `troubles`
    names the ways the transport fails, all to be tried again later. `meeting` opens the channel
    before another side that answers so. `secret` is what of `address` nobody may read, if anything.
    """

    address: ClassVar[str]
    secret: ClassVar[str]
    bad_addresses: ClassVar[tuple[str, ...]]
    answers: ClassVar[Mapping[int, type[DeliveryError] | None]]
    troubles: ClassVar[Mapping[str, object]]
    meeting: Callable[[object], AbstractAsyncContextManager[Driver[Any]]]

    @asynccontextmanager
    async def channel(self, answer: object) -> AsyncGenerator[GuardedChannel]:
        """Open the channel in its frame, before another side that answers so."""
        async with self.meeting(answer) as driver:
            yield GuardedChannel(BY_SCHEME[self.address.partition(":")[0]], driver)

    @pytest.fixture
    def telling(self) -> Telling:
        return told(self.address, raised(20))

    @pytest.fixture
    def answer(self, request: pytest.FixtureRequest) -> int:
        return request.param

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "answer" in metafunc.fixturenames:
            metafunc.parametrize("answer", self.answers, indirect=True)
        if "trouble" in metafunc.fixturenames:
            metafunc.parametrize("trouble", self.troubles)
        if "garbage" in metafunc.fixturenames:
            metafunc.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
        if "bad_address" in metafunc.fixturenames:
            metafunc.parametrize("bad_address", self.bad_addresses)

    async def test_every_answer_is_sorted(self, answer, telling, caplog):
        caplog.set_level(logging.DEBUG)
        async with self.channel(answer) as channel:
            outcome, said = await attempted(channel, self.address, telling)
        assert outcome is self.answers[answer]
        self.secret_is_hidden(said, caplog.text)

    async def test_every_trouble_is_tried_again_later(self, trouble, telling, caplog):
        caplog.set_level(logging.DEBUG)
        async with self.channel(self.troubles[trouble]) as channel:
            outcome, said = await attempted(channel, self.address, telling)
        assert outcome is TryLater
        self.secret_is_hidden(said, caplog.text)

    async def test_a_malformed_answer_is_for_later_and_leaks_nothing(
        self, garbage, telling, caplog
    ):
        """With the transport that is used for real, whose errors no stand-in knows."""
        caplog.set_level(logging.DEBUG)
        async with answering(garbage) as port, AsyncClient(transport=AiohttpTransport()) as http:
            urls = {"mailto": f"smtp://127.0.0.1:{port}", "*": f"http://127.0.0.1:{port}"}
            outside = Outside(http, "Observatoire <a@o.example>", urls)
            channel = open_channels(outside)[self.address.partition(":")[0]]
            with pytest.raises(TryLater) as left:
                await channel.tell(self.address, telling)
            await channel.close()
        self.secret_is_hidden("".join(traceback.format_exception(left.value)), caplog.text)

    async def test_an_address_that_is_none_is_given_up(self, bad_address, telling):
        async with self.channel(next(iter(self.answers))) as channel:
            outcome, _ = await attempted(channel, bad_address, telling)
            assert outcome is GiveUp

    def test_the_contract_says_what_is_secret(self):
        contract = BY_SCHEME[self.address.partition(":")[0]]
        assert contract.secret(self.address) == (self.secret or None), (
            f"contracts/channels: the pattern of {contract.scheme} names its secret by a group "
            "(?P<secret>…), which the frame hides in logs and errors (docs/adding.md)"
        )

    async def test_a_long_alert_keeps_to_the_length_of_a_message(self):
        """Whatever it says: the body is pure, and nothing is sent."""
        alert = raised(900, excerpt="« é » & <b> " * 40, title="x" * 300).model_copy(
            update={"title": "é" * 300, "why": "w" * 1_000}
        )
        telling = told(self.address, alert)
        async with self.meeting(next(iter(self.answers))) as driver:
            body = bytes(driver.body(self.address, telling))
            assert 0 < len(body) <= driver.longest
            assert body == bytes(driver.body(self.address, telling)), "bodies are pure"

    @pytest.mark.parametrize(
        "address",
        ["javascript:alert(1)", "data:text/html,<script>", "vbscript:x", "file:/x", ""],
    )
    async def test_no_message_links_to_what_is_no_page(self, address):
        alert = raised(2, address=address or "JaVaScRiPt:alert(1)")
        telling = told(self.address, alert)
        assert {line.address for line in telling.lines} == {""}
        async with self.meeting(next(iter(self.answers))) as driver:
            body = driver.body(self.address, telling)
            said = body.as_string() if isinstance(body, EmailMessage) else bytes(body).decode()
            assert "script:" not in said.lower()

    async def test_the_shown_address_hides_the_secret(self):
        async with self.channel(next(iter(self.answers))) as channel:
            assert channel.shown(self.address).startswith(f"{channel.scheme}:")
            self.secret_is_hidden(channel.shown(self.address))

    async def test_a_repeat_bears_the_same_id(self):
        async with self.channel(next(iter(self.answers))) as channel:
            ids = [channel.message_id(m, self.address) for m in ("a1", "a1", "a2")]
            assert ids[0] == ids[1]
            assert ids[0] is None or ids[0] != ids[2]

    async def test_a_ready_made_message_is_sent(self):
        message = event(MessageDue, recipient=self.address, due_at=NOW - timedelta(seconds=1))
        async with self.channel(next(iter(self.answers))) as channel:
            await channel.send(self.address, message)

    def secret_is_hidden(self, *texts: str) -> None:
        if self.secret:
            assert all(self.secret not in text for text in texts)


async def attempted(
    channel: GuardedChannel, address: str, telling: Telling
) -> tuple[type[DeliveryError] | None, str]:
    """Return what an attempt asks for, and all that it says."""
    try:
        await channel.tell(address, telling)
    except DeliveryError as error:
        said = [repr(error), str(error)]
        context: BaseException | None = error
        while context is not None:
            if not context.__suppress_context__:
                said.append(repr(context.__context__))
            context = context.__cause__
        return type(error), " ".join(said)
    return None, ""
