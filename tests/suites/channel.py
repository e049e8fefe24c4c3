"""What every channel must do: sort every answer and every transport error, hide its secret."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import ClassVar

import pytest

from contracts.channels import BY_SCHEME
from contracts.messages import MessageDue
from services.alerts.channel import Channel, DeliveryError, GiveUp, TryLater, Way
from services.alerts.telling import Telling
from tests.alerts.builders import NOW, raised, watched


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
    meeting: Callable[[object], AbstractAsyncContextManager[Way]]

    @asynccontextmanager
    async def channel(self, answer: object) -> AsyncIterator[Channel]:
        """Open the channel in its frame, before another side that answers so."""
        async with self.meeting(answer) as way:
            yield Channel(BY_SCHEME[self.address.partition(":")[0]], way)

    @pytest.fixture
    def telling(self) -> Telling:
        watch = watched()
        return Telling.of(raised(20), watch, self.address, "https://portail.example", NOW)

    @pytest.fixture
    def answer(self, request: pytest.FixtureRequest) -> int:
        return request.param

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "answer" in metafunc.fixturenames:
            metafunc.parametrize("answer", self.answers, indirect=True)
        if "trouble" in metafunc.fixturenames:
            metafunc.parametrize("trouble", self.troubles)
        if "bad_address" in metafunc.fixturenames:
            metafunc.parametrize("bad_address", self.bad_addresses)

    async def test_every_answer_is_sorted(
        self, answer: int, telling: Telling, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with self.channel(answer) as channel:
            outcome, said = await attempted(channel, self.address, telling)
        assert outcome is self.answers[answer]
        self.secret_is_hidden(said, caplog.text)

    async def test_every_trouble_is_tried_again_later(
        self, trouble: str, telling: Telling, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with self.channel(self.troubles[trouble]) as channel:
            outcome, said = await attempted(channel, self.address, telling)
        assert outcome is TryLater
        self.secret_is_hidden(said, caplog.text)

    async def test_an_address_that_is_none_is_given_up(
        self, bad_address: str, telling: Telling
    ) -> None:
        async with self.channel(next(iter(self.answers))) as channel:
            outcome, _ = await attempted(channel, bad_address, telling)
            assert outcome is GiveUp

    def test_the_contract_says_what_is_secret(self) -> None:
        contract = BY_SCHEME[self.address.partition(":")[0]]
        assert contract.secret(self.address) == (self.secret or None), (
            f"contracts/channels.py: the pattern of {contract.scheme} names its secret by a group "
            "(?P<secret>…), which the frame hides in logs and errors (docs/adding.md)"
        )

    async def test_the_shown_address_hides_the_secret(self) -> None:
        async with self.channel(next(iter(self.answers))) as channel:
            assert channel.shown(self.address).startswith(f"{channel.scheme}:")
            self.secret_is_hidden(channel.shown(self.address))

    async def test_a_repeat_bears_the_same_id(self) -> None:
        async with self.channel(next(iter(self.answers))) as channel:
            ids = [channel.message_id(m, self.address) for m in ("a1", "a1", "a2")]
            assert ids[0] == ids[1]
            assert ids[0] is None or ids[0] != ids[2]

    async def test_a_ready_made_message_is_sent(self) -> None:
        message = MessageDue(
            event_id="m",
            origin="simulation",
            message="m",
            recipient=self.address,
            kind="watch_confirmation",
            subject="Confirmez votre veille",
            text="Bonjour",
            html="<p>Bonjour</p>",
            due_at=NOW - timedelta(seconds=1),
        )
        async with self.channel(next(iter(self.answers))) as channel:
            await channel.send(self.address, message)

    def secret_is_hidden(self, *texts: str) -> None:
        if self.secret:
            assert all(self.secret not in text for text in texts)


async def attempted(
    channel: Channel, address: str, telling: Telling
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
