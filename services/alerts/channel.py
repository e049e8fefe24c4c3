"""The frame of a channel: what a way of telling people says of itself, and one rule for retries.

What to do with a failed attempt is said by its class:

    DeliveryError
    ├── TryLater    the world is bad (server away, 429): the same message, after a while
    └── GiveUp      the address or the message is bad: never again, and it is logged as failed
"""

from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar, Protocol

import httpx

from contracts.channels import CHANNELS
from contracts.messages import MessageDue
from services.alerts.telling import Telling


class DeliveryError(Exception):
    """A message was not accepted; its text hides the secrets of the address."""


class TryLater(DeliveryError):
    """Try again, not before `after` seconds when the other side says so."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class GiveUp(DeliveryError):
    """Never again: repeating would be refused again."""


def judge(status: int, why: str, *, later: frozenset[int] = frozenset()) -> None:
    """Sort the status of an HTTP answer: returns when accepted, else raises what is to be done.

    Later: 408, 425, 429, all 5xx, and what the channel adds; any other is to give up.
    """
    if 200 <= status < 300:
        return
    if status in (408, 425, 429) or status >= 500 or status in later:
        raise TryLater(f"{status}: {why}")
    raise GiveUp(f"{status}: {why}")


class Channel(Protocol):
    """A way of telling people; its facts are what the outside world imposes.

    `parallel` is how many attempts run side by side, `pace` the seconds between two messages to
    one address.
    """

    scheme: ClassVar[str]
    parallel: ClassVar[int]
    pace: ClassVar[float]

    def shown(self, address: str) -> str:
        """Return the address as it may be logged and shown, without its secret."""
        ...

    def check(self, address: str) -> None:
        """Raise `GiveUp` for an address that is not one of this channel."""
        ...

    def message_id(self, message: str, address: str) -> str | None:
        """Return the id that a repeat of the message to this address bears too, if it has one."""
        ...

    async def tell(self, address: str, telling: Telling) -> None:
        """Tell an alert; returns when the other side has accepted it, else `DeliveryError`."""
        ...

    async def send(self, address: str, message: MessageDue) -> None:
        """Send a message that is ready made; `GiveUp` where the channel has none."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Outside:
    """What a channel is given of the world."""

    http: httpx.AsyncClient
    smtp_url: str
    slack_url: str
    mail_from: str


def open_channels(outside: Outside) -> dict[str, Channel]:
    """Open every channel of the registry, by scheme; each is the file of that name."""
    return {
        channel.scheme: import_module(f"services.alerts.channels.{channel.scheme}").open_channel(
            outside
        )
        for channel in CHANNELS
    }
