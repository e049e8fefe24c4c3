"""The frame of a channel: what a way of telling people says of itself, and one rule for retries.

What to do with a failed attempt is said by its class:

    DeliveryError
    ├── TryLater    the world is bad (server away, 429): the same message, after a while
    └── GiveUp      the address or the message is bad: never again, and it is logged as failed

Anything else is a fault of ours, and leaves as a `RedactedError`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar, Protocol

import httpx

from contracts.channels import CHANNELS
from contracts.channels import Channel as Contract
from contracts.messages import MessageDue
from services.alerts.redaction import RedactedError, hidden, without
from services.alerts.telling import Telling

WHY_CHARACTERS = 300
"""Of what the other side says, at most so much is logged."""


class DeliveryError(Exception):
    """A message was not accepted; the frame hides the secret of the address in its text."""


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


class Way(Protocol):
    """What the file of a channel holds; its facts are what the outside world imposes.

    `parallel` is how many attempts run side by side, `pace` the seconds between two messages to
    one address. Addresses that it is given are whole, by the pattern of the contract.
    """

    parallel: ClassVar[int]
    pace: ClassVar[float]

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


class Channel:
    """A way of telling people, in its frame: no address but its own, no secret in logs or errors.

    What is an address and what its secret is are said by the contract, for every channel alike.
    """

    def __init__(self, contract: Contract, way: Way) -> None:
        self.scheme = contract.scheme
        self.parallel = way.parallel
        self.pace = way.pace
        self._contract = contract
        self._way = way

    def shown(self, address: str) -> str:
        """Return the address as it may be logged and shown, without its secret."""
        return self._contract.veiled(address)

    def check(self, address: str) -> None:
        """Raise `GiveUp` for an address that is not one of this channel."""
        if not self._contract.takes(address):
            raise GiveUp(f"not an address of the channel {self.scheme}")

    def message_id(self, message: str, address: str) -> str | None:
        """Return the id that a repeat of the message to this address bears too, if it has one."""
        return self._way.message_id(message, address)

    async def tell(self, address: str, telling: Telling) -> None:
        """Tell an alert; returns when the other side has accepted it, else `DeliveryError`.

        Raises `RedactedError` for a fault of ours.
        """
        await self._framed(address, lambda: self._way.tell(address, telling))

    async def send(self, address: str, message: MessageDue) -> None:
        """Send a message that is ready made; `GiveUp` where the channel has none.

        Raises `RedactedError` for a fault of ours.
        """
        await self._framed(address, lambda: self._way.send(address, message))

    async def close(self) -> None:
        """Let go of connections."""
        await self._way.close()

    async def _framed(self, address: str, attempt: Callable[[], Awaitable[None]]) -> None:
        self.check(address)
        secret = self._contract.secret(address)
        left: Exception
        try:
            with hidden(secret):
                await attempt()
            return
        except TryLater as error:
            left = TryLater(_said(error, secret), error.after)
        except DeliveryError as error:
            left = GiveUp(_said(error, secret))
        except Exception as error:
            left = RedactedError.of(error, secret)
        # Raised once the first is no longer handled, which would else be the context of this one.
        raise left


def _said(error: DeliveryError, secret: str | None) -> str:
    """Return the words of an error, cut once the secret is hidden: half of it would not be seen."""
    return without(str(error), secret)[:WHY_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Outside:
    """What a channel is given of the world."""

    http: httpx.AsyncClient
    smtp_url: str
    slack_url: str
    mail_from: str


def open_channels(outside: Outside) -> dict[str, Channel]:
    """Open every channel of the registry, by scheme; each is the file of that name."""
    return {contract.scheme: Channel(contract, _way(contract, outside)) for contract in CHANNELS}


def _way(contract: Contract, outside: Outside) -> Way:
    return import_module(f"services.alerts.channels.{contract.scheme}").open_channel(outside)
