"""Channels that recognise no repeat are handed a message once, where its alerts are of two watches.

The driver is the real one; its host is away for three minutes, and back.
"""

import httpx
import pytest

from contracts.channels import BY_SCHEME, CHANNELS
from contracts.topics import ALERTS_RAISED
from contracts.watches import Recipient
from libs.clock import SteppedClock
from services.alerts.delivery.channel import Outside, open_channels
from tests.alerts.builders import NOW
from tests.alerts.delivery.test_composed import EARLY, GROWN, LATE, alert, lines, process
from tests.alerts.fakes import MemoryWire
from tests.deadlines import turn, until

GATEWAY = "https://passerelle.essai.example"


def repeats_are_seen() -> list[str]:
    """Return the channels whose driver has no id for a message."""
    opened = open_channels(Outside(httpx.AsyncClient(), "a@b.fr"))
    return [
        one.scheme for one in CHANNELS if opened[one.scheme].message_id("m", one.example) is None
    ]


BY_ONE = repeats_are_seen()


def test_slack_recognises_no_repeat():
    assert "slack" in BY_ONE


@pytest.mark.parametrize(
    "scheme", [pytest.param(s, marks=[] if s == "slack" else pytest.mark.proof) for s in BY_ONE]
)
async def test_a_message_is_posted_once_when_the_host_is_back(scheme):
    away, asked, accepted = False, 0, 0

    def reply(_: httpx.Request) -> httpx.Response:
        nonlocal asked, accepted
        asked += 1
        accepted += not away
        return httpx.Response(503 if away else 200, json={"ok": not away})

    recipients = (Recipient(address=BY_SCHEME[scheme].example, confirmed=True, mark="m1"),)
    wire, clock = MemoryWire(), SteppedClock(NOW)
    async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
        urls, tokens = {"sms": GATEWAY}, dict.fromkeys(BY_ONE, "s3cr3t")
        channel = open_channels(Outside(http, "a@b.fr", urls, tokens))[scheme]
        await wire.keep(ALERTS_RAISED, alert("a1", LATE, 1, "m1"))
        async with process(wire, clock, channel, recipients):
            await until(lambda: lines(wire).keys() == {"a1"})
            away = True
            clock.step(5)  # beyond the pace of any
            both = alert("a2", EARLY, GROWN, "m1"), alert("a3", LATE, GROWN - 1, "m1")
            await wire.keep(ALERTS_RAISED, *both)
            await until(lambda: asked > 1)
        async with (
            process(wire, clock, channel, recipients),
            process(wire, clock, channel, recipients),
        ):
            for second in range(420):
                away = second < 180
                clock.step(1)
                await turn(20)
    assert asked > 3
    assert accepted == 2
    ended = lines(wire)
    assert ended["a2"][0] == ended["a3"][0] == "delivered"
