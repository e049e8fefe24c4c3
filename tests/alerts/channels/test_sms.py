"""SMS: numbers as people type them, three parts of 153 septets at most, any gateway's form."""

from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.channels import address_of
from contracts.channels.sms import CHANNEL
from contracts.messages import MessageDue
from services.alerts.channels.sms import ALPHABET, TWICE, Sms, in_seven_bits, room_of, shortened
from services.alerts.delivery.channel import Outside, TryLater
from services.alerts.delivery.hook import Post
from tests.alerts.builders import raised
from tests.alerts.builders import telling as told
from tests.events import event
from tests.suites.hook import TOKEN, HookSuite

GATEWAY = "https://passerelle.example/v1"


class TestSms(HookSuite):
    contract = CHANNEL
    driver = Sms
    answers = HookSuite.answers | {401: TryLater, 403: TryLater}

    @asynccontextmanager
    async def meeting(self, answer):
        def reply(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            return httpx.Response(answer, text=f"said of {request.content.decode()}")

        async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
            urls, tokens = {"sms": GATEWAY}, {"sms": TOKEN}
            yield Sms(Outside(http, "a@b.fr", urls, tokens))

    def is_no_markup(self, post: Post, said: str) -> None:
        raise AssertionError("an SMS has one link")

    async def test_everything_is_there_and_nothing_said_is_markup(self):
        """In three parts there is room for what it is, the first text, and « J’ai vu » alone."""
        async with self.meeting(200) as driver:
            telling = told(self.address, raised(14, excerpt="Fuite rue de l’Égout"))
            post = driver.body(self.address, telling)
        text = post.json["text"]
        assert text.startswith("[SIMULATION] Coupure d'eau - 14")
        assert "Fuite rue de l'Égout" in text
        assert text.endswith(telling.links.seen)
        assert (post.json["to"], post.headers) == (
            "+33612345678", {"Authorization": f"Bearer {TOKEN}"},
        )  # fmt: skip

    async def test_three_parts_at_most_and_the_link_whole(self):
        async with self.meeting(200) as driver:
            telling = told(self.address, raised(900, excerpt="« ç » [é] " * 90))
            post = driver.body(self.address, telling)
        assert room_of(post.json["text"]) <= 3 * 153
        assert post.json["text"].endswith(telling.links.seen)

    async def test_an_invitation_is_its_subject_and_its_link(self):
        message = event(
            MessageDue, subject="Recevoir la veille « Eau » ?",
            text="Une phrase.\n\nAccepter ou refuser : https://p.example/veilles/confirmer/abc",
        )  # fmt: skip
        async with self.meeting(200) as driver:
            post = driver.ready_made(self.address, message)
        assert post.json["text"] == (
            'Recevoir la veille "Eau" ?\nhttps://p.example/veilles/confirmer/abc'
        )


FORM = {
    "path": "/sms/messages", "header": "X-Api-Key", "key": "{key}",
    "body": {"recipient": {"to": "{to}"}, "body": {"text": "{text}"}, "tags": ["{to}", 1]},
}  # fmt: skip


async def test_the_form_of_a_gateway_is_a_setting():
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201)

    async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
        outside = Outside(http, "a@b.fr", {"sms": GATEWAY}, {"sms": TOKEN}, forms={"sms": FORM})
        driver = Sms(outside)
        said = raised(1, excerpt='{to} "}, {text}')
        await driver.send(
            CHANNEL.example, driver.body(CHANNEL.example, told(CHANNEL.example, said))
        )
    (request,) = seen
    assert str(request.url) == f"{GATEWAY}/sms/messages"
    assert request.headers["X-Api-Key"] == TOKEN
    body = httpx.Response(200, content=request.content).json()
    assert body["recipient"]["to"] == body["tags"][0] == "+33612345678"
    assert '{to} "}' in body["body"]["text"], "what people say fills nothing"


def test_a_form_without_the_text_is_refused_at_once():
    with pytest.raises(ValueError, match="text"):
        Sms(Outside(httpx.AsyncClient(), "a@b.fr", forms={"sms": {"body": {"to": "{to}"}}}))


async def test_without_a_gateway_the_message_waits_for_the_setting():
    async with httpx.AsyncClient() as http:
        driver = Sms(Outside(http, "a@b.fr"))
        with pytest.raises(TryLater) as left:
            await driver.send(CHANNEL.example, Post("", {}))
    assert left.value.ours


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("07.12.34.56.78", "+33712345678"),
        ("0033 6 12 34 56 78", "+33612345678"),
        ("+33 (6) 12-34-56-78", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0690123456", "+590690123456"),
        ("0696123456", "+596696123456"),
        ("+262 692 12 34 56", "+262692123456"),
        ("sms:+33612345678", "+33612345678"),
        ("01 23 45 67 89", None),
        ("3919", None),
        ("06 12 34", None),
        ("6 12 34 56 78", None),
    ],
)
def test_a_number_as_people_type_it(typed, number):
    assert address_of(typed) == (number and f"sms:{number}")


def test_a_number_is_hidden():
    assert CHANNEL.veiled("sms:+33612345678") == "sms:…78"
    assert CHANNEL.shown("sms:+33612345678", masked=False) == "SMS 78"


@given(st.text(max_size=700), st.integers(0, 500))
def test_whatever_is_said_fits(said, room):
    kept = shortened(in_seven_bits(said), room)
    assert set(kept) <= ALPHABET | TWICE
    assert room_of(kept) <= room
