"""Slack: answers of its documentation, blocks within their limits."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from services.alerts.channels.slack import Slack, payload
from services.alerts.delivery.channel import GiveUp, Outside, TryLater
from tests.alerts.builders import NOW, raised
from tests.alerts.builders import telling as told
from tests.suites.channel import ChannelSuite

ADDRESS = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"

# docs.slack.dev, "Handling errors" of incoming webhooks.
SAID = {
    400: "invalid_payload",
    403: "action_prohibited",
    404: "channel_not_found",
    410: "channel_is_archived",
    429: "rate_limited",
    500: "rollup_error",
}


class TestSlack(ChannelSuite):
    address = ADDRESS
    secret = "s3cr3tsecret"
    bad_addresses = (
        "slack://T0ESSAI/B0ONDE",
        "slack://T/B/X/../../evil",
        "mailto:a@b.example",
        "slack://T/B/x y",
    )
    answers = {
        **dict.fromkeys((200, 201, 204)),
        **dict.fromkeys((301, 302, 400, 401, 403, 404, 405, 410, 413, 422), GiveUp),
        **dict.fromkeys((408, 425, 429, 500, 502, 503, 504, 599), TryLater),
    }
    troubles = {
        error.__name__: error(f"at https://hooks.slack.com/services/{ADDRESS[8:]}")
        for error in (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.ReadTimeout,
            httpx.ReadError,
            httpx.RemoteProtocolError,
            httpx.PoolTimeout,
            httpx.ProxyError,
            httpx.TooManyRedirects,
        )
    }

    @staticmethod
    @asynccontextmanager
    async def meeting(answer: object) -> AsyncIterator[Slack]:
        def reply(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            assert (
                str(request.url) == "https://hooks.slack.com/services/T0ESSAI/B0ONDE/s3cr3tsecret"
            )
            assert isinstance(answer, int)
            text = f"{SAID.get(answer, 'ok')} at {request.url}"
            return httpx.Response(answer, text=text if answer != 204 else "")

        async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
            yield Slack(Outside(http, "a@b.fr"))


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("30", 30),
        ("3601", 3600),
        ("9" * 400, 3600),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Tue, 24 Nov 2026 08:00:00 -0000", None),
        ("0", None),
        ("1.5", None),
        ("later", None),
        ("", None),
    ],
)
async def test_the_wait_that_slack_asks_for_is_kept_within_an_hour(asked, waits):
    def reply(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": asked} if asked else {})

    async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
        telling = told(ADDRESS)
        slack = Slack(Outside(http, "a@b.fr", now=lambda: NOW.replace(microsecond=0)))
        with pytest.raises(TryLater) as later:
            await slack.send(ADDRESS, slack.body(ADDRESS, telling))
    assert later.value.after == waits


def parsed(message: dict[str, Any]) -> list[Block]:
    """Read the blocks back with Slack's own models, which know every limit."""
    blocks = [block for block in Block.parse_all(message["blocks"]) if block]
    for block in blocks:
        block.validate_json()
    return blocks


def test_the_message_is_valid_and_says_it_all():
    message = payload(told(ADDRESS, raised(14)))
    kinds = [block.type for block in parsed(message)]
    assert kinds == [
        "header",
        "section",
        *["section", "context"] * 5,
        "context",
        "divider",
        "actions",
        "context",
    ]
    said = json.dumps(message, ensure_ascii=False)
    for words in ("J’ai vu", "Ce n’est pas nous", "Pourquoi cette alerte", "[SIMULATION]"):
        assert words in said
    assert "et 9\u00a0autres messages" in said
    assert "Publié 8\u00a0h\u00a043\u00a0min\u00a012,1\u00a0s — reçu 12,7\u00a0s" in said


@pytest.mark.parametrize(
    ("total", "labels"),
    [
        (14, ["J’ai vu", "Ce n’est pas nous", "Pourquoi cette alerte ?"]),
        (0, ["J’ai vu", "Pourquoi cette alerte ?"]),
    ],
)
def test_each_button_is_there_once(total, labels):
    """An alert about silence has no message that could be of somebody else."""
    message = payload(told(ADDRESS, raised(total)))
    actions = next(block for block in message["blocks"] if block["type"] == "actions")
    assert [button["text"]["text"] for button in actions["elements"]] == [
        *labels, "Silence une heure", "Passer la main",
    ]  # fmt: skip


@given(st.text(max_size=5_000), st.text(max_size=400), st.text(max_size=3_000))
def test_blocks_stay_within_limits_whatever_is_said(excerpt, title, why):
    alert = raised(30, excerpt=excerpt, title=title)
    alert = alert.model_copy(update={"title": title or "x", "why": why or "x"})
    message = payload(told(ADDRESS, alert))
    assert len(parsed(message)) <= 50


def test_what_people_write_is_no_mark_up():
    alert = raised(1, excerpt="<!channel> coupure d'eau <https://evil.example|ici> & là")
    said = json.dumps(payload(told(ADDRESS, alert)))
    assert "<!channel>" not in said
    assert "<https://evil" not in said


def test_the_address_of_a_feed_is_no_mark_up():
    alert = raised(1, address="https://evil.example/a><!channel>|b")
    said = json.dumps(payload(told(ADDRESS, alert)))
    assert "<!channel>" not in said
    assert "<https://evil.example/a%3E%3C!channel%3E%7Cb|" in said


def test_a_line_published_the_day_before_says_so():
    alert = raised(1, published_at=NOW - timedelta(days=1))
    said = json.dumps(payload(told(ADDRESS, alert)), ensure_ascii=False)
    assert "Publié lundi 23 novembre à 8\u00a0h\u00a043" in said
