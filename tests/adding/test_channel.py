"""A channel is its contract, its driver, a line and its test; the rest follows the line."""

import pytest

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

CONTRACT = '''"""A carillon: JSON posted to an address of whoever asks for it."""

import re

from contracts.channels.contract import ChannelContract

CHANNEL = ChannelContract(
    "carillon",
    "Carillon",
    "carillon://crise.ma-commune.example/entrant/cle",
    re.compile(r"carillon://(?P<host>[a-z\\\\d.-]+)/(?P<name>[a-z]+)/(?P<secret>[a-z\\\\d]+)"),
    512,
    prefix="carillon://",
    given="https://",
)
'''

DRIVER = '''"""A carillon: an alert as plain JSON."""

from contracts.messages import MessageDue
from services.alerts.delivery.channel import Outside
from services.alerts.delivery.hook import Hook, Post
from services.alerts.delivery.telling import Telling


class Carillon(Hook):
    """A carillon."""

    scheme = "carillon"
    longest = 65_536

    def body(self, address: str, telling: Telling) -> Post:
        """Return an alert, with links to its pages."""
        said = {"titre": telling.subject, "pourquoi": telling.alert.why, "vu": telling.links.seen}
        return Post(_path(address), said)

    def ready_made(self, address: str, message: MessageDue) -> Post:
        """Return a ready-made message."""
        return Post(_path(address), {"titre": message.subject, "texte": message.text})


def _path(address: str) -> str:
    return "/" + address.removeprefix("carillon://").partition("/")[2]


def open_channel(outside: Outside) -> Carillon:
    """Open the channel."""
    return Carillon(outside)
'''

TEST = '''"""Carillons."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from services.alerts.delivery.channel import GiveUp, Outside, TryLater
from services.alerts.channels.carillon import Carillon
from tests.suites.channel import ChannelSuite

ADDRESS = "carillon://crise.essai.example/entrant/s3cr3tsecret"


class TestCarillon(ChannelSuite):
    address = ADDRESS
    secret = "s3cr3tsecret"
    bad_addresses = ("carillon://", "carillon://a/b", "carillon://a@b/c/d", "slack://T/B/X")
    answers = {200: None, 204: None, 302: GiveUp, 404: GiveUp, 429: TryLater, 503: TryLater}
    troubles = {"away": httpx.ConnectError(f"at {ADDRESS}"), "slow": httpx.ReadTimeout("slow")}

    @staticmethod
    @asynccontextmanager
    async def meeting(answer: object) -> AsyncIterator[Carillon]:
        def reply(request: httpx.Request) -> httpx.Response:
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, int)
            assert str(request.url) == "https://crise.essai.example/entrant/s3cr3tsecret"
            return httpx.Response(answer, text=f"at {request.url}" if answer != 204 else "")

        async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
            yield Carillon(Outside(http, "a@b.fr"))
'''


def test_a_channel_is_two_files_a_line_and_its_test(copy):
    copy.write("contracts/channels/carillon.py", CONTRACT.replace("\\\\", "\\"))
    copy.write("services/alerts/channels/carillon.py", DRIVER)
    copy.write("tests/alerts/channels/test_carillon.py", TEST)
    # After those that know their addresses by name: a carillon of any host is the last to be asked.
    copy.insert("contracts/channels/__init__.py", ")", '    "carillon",')
    copy.generate()
    copy.test(
        "tests/alerts/channels/test_carillon.py",
        "tests/alerts/delivery/test_delivery.py",
        "tests/contracts/test_registries.py",
        "tests/api/watching/test_watch_form.py",
        "tests/portal/test_watches.py",
        "tests/deploy/local/test_parts.py",
    )
    assert (len(copy.made), copy.edited) == (3, ["contracts/channels/__init__.py"])
