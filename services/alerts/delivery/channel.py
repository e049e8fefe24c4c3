"""What every driver of a channel has, and the guard around it; one rule for retries.

What to do with a failed attempt is said by its class:

    DeliveryError
    ├── TryLater    the other side is away or busy (429): the same message, after a while
    └── GiveUp      the address or the message is bad: never again, and it is logged as failed

Anything else is a fault of ours, and leaves as a `RedactedError`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, SupportsBytes, TypeVar

import httpx

from contracts.channels import BY_SCHEME, CHANNELS, ChannelContract
from contracts.messages import MessageDue
from libs.clock import SystemClock
from services.alerts.delivery.redaction import RedactedError, hidden, without
from services.alerts.delivery.telling import Telling

WHY_CHARACTERS = 300
"""Of what the other side says, at most so much is logged."""

B = TypeVar("B", bound=SupportsBytes)


class DeliveryError(Exception):
    """A message was not accepted; the frame hides the secret of the address in its text."""


class TryLater(DeliveryError):
    """Try again, not before `after` seconds when the other side says so.

    `ours`: it is our own settings that are refused, which is told to whoever runs the service.
    """

    def __init__(self, why: str, after: float | None = None, *, ours: bool = False) -> None:
        super().__init__(why)
        self.after = after
        self.ours = ours


class GiveUp(DeliveryError):
    """Never again: repeating would be refused again."""


class Driver(Protocol[B]):
    """What the file of a channel holds; its facts are what the outside world imposes.

    `parallel` is how many attempts run side by side at one host, `pace` the seconds between two
    messages to one address, `longest` the bytes of a message at most. Bodies are pure: the suite
    of channels reads them. Addresses that it is given are whole, by the pattern of the contract.
    """

    parallel: ClassVar[int]
    pace: ClassVar[float]
    longest: ClassVar[int]

    def message_id(self, message: str, address: str) -> str | None:
        """Return the id that a repeat of the message to this address bears too, if it has one."""
        ...

    def body(self, address: str, telling: Telling) -> B:
        """Return an alert as it is sent to this address."""
        ...

    def ready_made(self, address: str, message: MessageDue) -> B:
        """Return a message of the api as it is sent; `GiveUp` where the channel has none."""
        ...

    async def send(self, address: str, body: B) -> None:
        """Send; returns when the other side has accepted it, else `DeliveryError`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class GuardedChannel:
    """A driver in its frame: no address but its own, no secret in logs or errors.

    What is an address and what its secret is are said by the contract, for every channel alike.
    """

    def __init__(
        self, contract: ChannelContract, driver: Driver[Any], key: str | None = None
    ) -> None:
        """Prepare; `key` is the installation's own, hidden as the secret of an address is."""
        self._key = key
        self.scheme = contract.scheme
        self.host_of = contract.host_of
        self.parallel = driver.parallel
        self.pace = driver.pace
        self._contract = contract
        self._driver = driver

    def shown(self, address: str) -> str:
        """Return the address as it may be logged and shown, without its secret."""
        return self._contract.veiled(address)

    def check(self, address: str) -> None:
        """Raise `GiveUp` for an address that is not one of this channel."""
        if not self._contract.takes(address):
            raise GiveUp(f"not an address of the channel {self.scheme}")

    def message_id(self, message: str, address: str) -> str | None:
        """Return the id that a repeat of the message to this address bears too, if it has one."""
        return self._driver.message_id(message, address)

    async def tell(self, address: str, telling: Telling) -> None:
        """Tell an alert; returns when the other side has accepted it, else `DeliveryError`.

        Raises `RedactedError` for a fault of ours.
        """
        await self._framed(address, lambda: self._driver.body(address, telling))

    async def send(self, address: str, message: MessageDue) -> None:
        """Send a message that is ready made; `GiveUp` where the channel has none.

        Raises `RedactedError` for a fault of ours.
        """
        await self._framed(address, lambda: self._driver.ready_made(address, message))

    async def close(self) -> None:
        """Let go of connections."""
        await self._driver.close()

    async def _framed(self, address: str, body: Callable[[], SupportsBytes]) -> None:
        self.check(address)
        secret = [*self._contract.secrets(address), *filter(None, [self._key])]
        left: Exception
        try:
            with hidden(*secret):
                await self._driver.send(address, body())
            return
        except TryLater as error:
            left = TryLater(_said(error, *secret), error.after, ours=error.ours)
        except DeliveryError as error:
            left = GiveUp(_said(error, *secret))
        except Exception as error:
            left = RedactedError.of(error, *secret)
        # Raised once the first is no longer handled, which would else be the context of this one.
        raise left


def _said(error: DeliveryError, *secrets: str) -> str:
    """Return the words of an error, cut once the secret is hidden: half of it would not be seen."""
    return without(str(error), *secrets)[:WHY_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Outside:
    """What a driver is given of the world.

    `urls` are where the installation has messages go instead of the channel's own host, by scheme,
    and under `*` for all others, each in a folder of its name; `tokens` are keys by scheme, `forms`
    what a channel that is not the same everywhere (SMS) posts.
    """

    http: httpx.AsyncClient
    sender: str
    urls: Mapping[str, str] = field(default_factory=dict[str, str])
    tokens: Mapping[str, str] = field(default_factory=dict[str, str])
    ca_file: Path | None = None
    now: Callable[[], datetime] = SystemClock().now
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def base(self, scheme: str) -> str | None:
        """Return where the messages of a channel go; None where each address says it."""
        if scheme not in self.urls and "*" in self.urls:
            return f"{self.urls['*'].rstrip('/')}/{scheme}"
        return self.urls.get(scheme, BY_SCHEME[scheme].host)


def open_channels(outside: Outside) -> dict[str, GuardedChannel]:
    """Open every channel of the registry, by scheme; each is the file of that name."""
    return {
        one.scheme: GuardedChannel(
            one, _driver(one.scheme, outside), outside.tokens.get(one.scheme)
        )
        for one in CHANNELS
    }


def _driver(scheme: str, outside: Outside) -> Driver[Any]:
    return import_module(f"services.alerts.channels.{scheme}").open_channel(outside)
