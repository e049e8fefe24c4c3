"""What every channel posted to by HTTP must do besides: its words, no mark-up, its secret."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import httpx

from contracts.channels.contract import ChannelContract
from services.alerts.delivery.channel import GiveUp, Outside, TryLater
from services.alerts.delivery.hook import Hook, Post
from tests.alerts.builders import raised
from tests.alerts.builders import telling as told
from tests.suites.channel import ChannelSuite

TOKEN = "k3y"


class HookSuite(ChannelSuite):
    """Inherited by the test of a hook, which says its contract and its driver."""

    contract: ClassVar[ChannelContract]
    driver: ClassVar[type[Hook]]
    answers = {
        **dict.fromkeys((200, 201, 202)),
        **dict.fromkeys((301, 400, 403, 404, 410, 413), GiveUp),
        **dict.fromkeys((408, 429, 500, 502, 503), TryLater),
    }

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        contract = cls.contract
        cls.address = contract.example
        cls.secret = contract.secret(contract.example) or ""
        begun = f"{contract.scheme}://"
        cls.bad_addresses = (f"{begun}x", f"{begun}../../evil", "mailto:a@b.example", begun)
        cls.troubles = {
            error.__name__: error(f"at {contract.example}")
            for error in (httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError)
        }

    @asynccontextmanager
    async def meeting(self, answer: object) -> AsyncIterator[Hook]:
        """Open the driver before another side that answers so."""

        def reply(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, int)
            assert request.url.scheme == "https"
            return httpx.Response(answer, text=f"said at {request.url}")

        async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
            yield self.driver(Outside(http, "a@b.fr", tokens={self.contract.scheme: TOKEN}))

    async def test_everything_is_there_and_nothing_said_is_markup(self):
        excerpt = "@all <b>gras</b> [ici](https://evil.example) coupure d'eau"
        async with self.meeting(200) as driver:
            post = driver.body(self.address, told(self.address, raised(14, excerpt=excerpt)))
        said = json.dumps(post.json, ensure_ascii=False)
        for words in ("J’ai vu", "Ce n’est pas nous", "Pourquoi cette alerte", "[SIMULATION]"):
            assert words in said.replace("\\", "")
        self.is_no_markup(post, said)

    def is_no_markup(self, post: Post, said: str) -> None:
        """Assert that what people wrote is taken as words; `said` is the body as JSON."""
        raise NotImplementedError
