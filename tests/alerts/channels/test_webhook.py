"""Signed webhooks: what the other side answers, and a signature that its library would accept."""

import hmac
from base64 import b64decode, b64encode
from datetime import timedelta

import httpx
import pytest

from contracts.channels import address_of
from contracts.channels.webhook import CHANNEL
from libs.clock import SteppedClock
from services.alerts.channels.webhook import Webhook
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Post
from tests.alerts.builders import NOW, raised
from tests.alerts.builders import telling as told
from tests.suites.hook import HookSuite

KEY = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


class TestWebhook(HookSuite):
    contract = CHANNEL
    driver = Webhook

    def is_no_markup(self, post: Post, said: str) -> None:
        (*_, first) = post.json["data"]["texts"]
        assert first["text"].startswith("@all <b>gras</b>"), "data is said as it is"


def test_the_signature_of_the_published_example():
    """standard-webhooks, libraries/python/tests: the same key, id, time and body."""
    said = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + b'{"test": 2432232314}'
    found = b64encode(hmac.digest(b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), said, "sha256"))
    assert found == b"g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_each_attempt_is_signed_anew_and_bears_the_same_id():
    clock, seen = SteppedClock(NOW), list[httpx.Request]()

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
        driver = Webhook(Outside(http, "a@b.fr", now=clock.now))
        body = driver.body(CHANNEL.example, told(CHANNEL.example, raised(3)))
        for _ in range(2):
            await driver.send(CHANNEL.example, body)
            clock.step_to(NOW + timedelta(hours=1))
    for request in seen:
        name, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        said = f"{name}.{at}.".encode() + request.content
        right = b64encode(hmac.digest(b64decode(KEY), said, "sha256")).decode()
        assert request.headers["webhook-signature"] == f"v1,{right}"
        assert str(request.url) == "https://crise.ma-commune.example/entrant"
        assert KEY not in str(request.headers) + request.content.decode()
    first, second = seen
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert (
        int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600
    )


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        (f"https://a.example/x?y=1#whsec_{KEY}", True),
        (f"https://a.example:8443#whsec_{KEY}", True),
        (f"http://a.example/x#whsec_{KEY}", False),
        ("https://a.example/x", False),
        ("https://a.example/x#whsec_short", False),
        (f"https://localhost/x#whsec_{KEY}", False),
        (f"https://127.0.0.1/x#whsec_{KEY}", False),
        (f"https://u:p@a.example/x#whsec_{KEY}", False),
    ],
)
def test_what_is_an_address(typed, taken):
    assert (address_of(typed) is not None) is taken


def test_path_and_key_are_hidden_apart():
    address = f"webhook://a.example/t0ken-0f-the-path#whsec_{KEY}"
    assert {KEY, "/t0ken-0f-the-path"} < set(CHANNEL.secrets(address))
    assert CHANNEL.veiled(address) == "webhook://a.example…"
