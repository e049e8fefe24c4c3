"""Telegram: what the other side answers, its limits, nobody called, its token seen nowhere."""

import logging

import httpx
import pytest

from contracts.channels.telegram import CHANNEL
from services.alerts.channels.telegram import Telegram
from services.alerts.delivery.channel import GiveUp, Outside, TryLater, open_channels
from services.alerts.delivery.hook import Post
from tests.alerts.builders import raised
from tests.alerts.builders import telling as told
from tests.suites.hook import HookSuite

BOT = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


class TestTelegram(HookSuite):
    contract = CHANNEL
    driver = Telegram
    answers = HookSuite.answers | {401: TryLater}

    def is_no_markup(self, post: Post, said: str) -> None:
        assert "parse_mode" not in post.json
        assert "@all" not in said

    async def test_a_message_keeps_to_the_published_limits(self):
        said = raised(900, excerpt="🔥 " * 600, title="é" * 300)
        async with self.meeting(200) as driver:
            post = driver.body(self.address, told(self.address, said))
        assert len(post.json["text"].encode("utf-16-le")) // 2 <= 4_096
        buttons = post.json["reply_markup"]["inline_keyboard"]
        assert all(one["url"].startswith("https://") for row in buttons for one in row)
        assert post.json["chat_id"] == "-1001234567890"


@pytest.mark.parametrize(("status", "left"), [(401, TryLater), (403, GiveUp), (404, GiveUp)])
async def test_the_token_is_in_no_error_and_no_log(caplog, status, left):
    caplog.set_level(logging.DEBUG)

    def reply(request: httpx.Request) -> httpx.Response:
        assert request.url.path == f"/bot{BOT}/sendMessage"
        return httpx.Response(status, text=f"no such thing: {request.url}")

    async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
        channel = open_channels(Outside(http, "a@b.fr", tokens={"telegram": BOT}))["telegram"]
        with pytest.raises(left) as error:
            await channel.tell(CHANNEL.example, told(CHANNEL.example, raised(1)))
    assert "no such thing" in str(error.value)
    assert BOT not in str(error.value) + caplog.text
    assert "HTTP Request" in caplog.text, "the library logs addresses: that is what is hidden"
