"""The frame of channels: what it hides, whatever a channel and its libraries say."""

import logging
import traceback
from typing import ClassVar

import pytest

from contracts.channels.mailto import CHANNEL as MAIL
from contracts.channels.slack import CHANNEL as SLACK
from contracts.messages import MessageDue
from services.alerts.delivery.attempts import counted
from services.alerts.delivery.channel import (
    WHY_CHARACTERS,
    DeliveryError,
    GiveUp,
    GuardedChannel,
    TryLater,
)
from services.alerts.delivery.redaction import RedactedError
from services.alerts.delivery.telling import Telling
from tests.alerts.builders import telling as told

SECRET = "s3cr3tsecret"
ADDRESS = f"slack://T0ESSAI/B0ONDE/{SECRET}"


class Worded(Exception):
    """Has its text from an attribute, as aiohttp's errors do."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def __str__(self) -> str:
        return f"malformed answer of {self.where}"


class Indiscreet:
    """Says the address in every way a library has."""

    parallel: ClassVar[int] = 1
    pace: ClassVar[float] = 0.0
    longest: ClassVar[int] = 10

    def __init__(self, error: Exception) -> None:
        self.error = error

    def message_id(self, message: str, address: str) -> str | None:
        return None

    def body(self, address: str, telling: Telling) -> bytes:
        return b""

    def ready_made(self, address: str, message: MessageDue) -> bytes:
        return b""

    async def send(self, address: str, body: bytes) -> None:
        logging.getLogger("any.library").warning("POST %s: %d", address, 200)
        logging.getLogger("another").error("about %(where)s", {"where": address})
        try:
            raise Worded(address)
        except Worded:
            logging.getLogger("a.third").exception("it failed")
            raise self.error  # noqa: B904

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    "error",
    [
        TryLater(f"503: at {ADDRESS}", 30),
        GiveUp(f"404: at {ADDRESS}"),
        ValueError(f"a fault of ours at {ADDRESS}"),
        Worded(ADDRESS),
        ExceptionGroup("two at once", [OSError(ADDRESS), Worded(ADDRESS)]),
        TryLater("x" * (WHY_CHARACTERS - 5) + SECRET),
    ],
    ids=["later", "never", "ours", "attribute", "group", "cut"],
)
async def test_no_log_and_no_error_says_the_secret(error, caplog):
    telling = told(ADDRESS)
    leaves = type(error) if isinstance(error, DeliveryError) else RedactedError
    with pytest.raises(leaves) as left:
        await GuardedChannel(SLACK, Indiscreet(error)).tell(ADDRESS, telling)
    said = "".join(traceback.format_exception(left.value)) + caplog.text
    assert "POST slack://T0ESSAI/B0ONDE/…: 200" in caplog.text
    assert "about slack://T0ESSAI/B0ONDE/…" in caplog.text
    assert "it failed" in caplog.text
    assert "Worded: malformed answer of slack://T0ESSAI/B0ONDE/…" in caplog.text
    assert SECRET not in said
    assert left.value.__context__ is None
    assert left.value.__cause__ is None
    if isinstance(left.value, RedactedError):
        assert left.value.kind == type(error).__name__
        assert "in send" in str(left.value), "where the fault is must still be read"
    assert SECRET[:5] not in str(left.value)


def test_what_others_log_is_left_as_it_is(caplog):
    logging.getLogger("any.library").warning("%s is said outside", SECRET)
    assert f"{SECRET} is said outside" in caplog.text


@pytest.mark.parametrize(
    ("channel", "address", "veiled"),
    [
        (SLACK, ADDRESS, "slack://T0ESSAI/B0ONDE/…"),
        (SLACK, f"slack://T/B/{SECRET}/more", "slack:…"),
        (MAIL, "mailto:a@b.example", "mailto:a@b.example"),
    ],
)
def test_an_address_is_shown_by_its_pattern(channel, address, veiled):
    assert channel.veiled(address) == veiled


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (TryLater("429: slow down"), "429"),
        (TryLater("451: 4.3.0 Not now"), "451"),
        (TryLater("530: the mail server refuses our credentials", ours=True), "530"),
        (TryLater("no SMS gateway: OBSERVATOIRE_CHANNEL_URLS", ours=True), "our setting"),
        (TryLater("Cannot connect to host hooks.somebody.example:443"), "no answer"),
        (TryLater("42917: x"), "no answer"),
        (TryLater("Bad status line 'whatever it says'"), "no answer"),
    ],
)
def test_a_failed_attempt_is_counted_by_no_word_of_the_other_side(error, word):
    """Hosts and whatever they said were labels of a metric: without end, and in the clear."""
    assert counted(error) == word
