"""Mattermost: what the other side answers, and what people write being no mark-up."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from contracts.channels.mattermost import CHANNEL
from services.alerts.channels.mattermost import Mattermost
from services.alerts.delivery.channel import GiveUp, Outside, TryLater
from tests.alerts.builders import raised
from tests.alerts.builders import telling as told
from tests.suites.channel import ChannelSuite


class TestMattermost(ChannelSuite):
    address = CHANNEL.example
    secret = CHANNEL.secret(CHANNEL.example) or ""
    bad_addresses = (
        "mattermost://x",
        "mattermost://../../evil",
        "mailto:a@b.example",
        "mattermost://",
    )
    answers = {
        **dict.fromkeys((200, 201, 202)),
        **dict.fromkeys((301, 400, 403, 404, 410, 413), GiveUp),
        **dict.fromkeys((408, 429, 500, 502, 503), TryLater),
    }
    troubles = {
        error.__name__: error(f"at {CHANNEL.example}")
        for error in (httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError)
    }

    @staticmethod
    @asynccontextmanager
    async def meeting(answer: object) -> AsyncIterator[Mattermost]:
        def reply(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, int)
            assert request.url.scheme == "https"
            return httpx.Response(answer, text=f"said at {request.url}")

        async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
            yield Mattermost(Outside(http, "a@b.fr", tokens={"mattermost": "k3y"}))

    async def test_everything_is_there_and_nothing_said_is_markup(self):
        excerpt = "@all <b>gras</b> [ici](https://evil.example) coupure d'eau"
        async with self.meeting(200) as driver:
            post = driver.body(self.address, told(self.address, raised(14, excerpt=excerpt)))
        said = json.dumps(post.json, ensure_ascii=False)
        for words in ("J’ai vu", "Ce n’est pas nous", "Pourquoi cette alerte", "[SIMULATION]"):
            assert words in said.replace("\\", "")
        assert "](https://evil" not in said
        assert "@all" not in said
