"""The alert service, wired: watches, matchers, deciders, couriers."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol

import httpx
from starlette.routing import BaseRoute

from contracts.accounts import AccountRegistered
from contracts.erasures import Erased
from contracts.jobs import JobEnded
from contracts.mentions import MentionMatched
from contracts.territories import Territories
from contracts.topics import (
    ACCOUNTS_REGISTERED,
    ALERTS_RAISED,
    COLLECT_OUTCOMES,
    ERASURES,
    MENTIONS_MATCHED,
    MESSAGES_DUE,
    WATCHES,
)
from contracts.watches import Watched
from libs.clock import Clock
from libs.outbound.client import channels_client_of
from libs.sealing import Keys
from libs.settings import Settings
from libs.wire.table import Table
from libs.wire.tail import Tail
from libs.wire.wire import Wire
from services.alerts import PARTS
from services.alerts.deciding.deciders import Deciders
from services.alerts.deciding.known import Known
from services.alerts.deciding.matchers import Matchers
from services.alerts.deciding.sources import Sources
from services.alerts.deciding.watches import Watches, warn_of_unreached
from services.alerts.delivery.channel import GuardedChannel, Outside, open_channels
from services.alerts.delivery.courier import Courier
from services.alerts.delivery.deliveries import AlertDeliveries, MessageDeliveries
from services.alerts.delivery.journal import Journal

MATCHES_READ_BACK = 48
OUTCOMES_READ_BACK = 24
"""Hours."""


class Part(Protocol):
    """What says of itself what is not well, and keeps it from nothing else."""

    def failures(self) -> dict[str, str]:
        """Return what is not well, with why."""
        ...


class Alerts:
    """The service; `start` returns when watches and accounts are known and all parts listen."""

    name = "alerts"
    routes: Sequence[BaseRoute] = ()

    def __init__(
        self,
        wire: Wire,
        tails: Sequence[Tail[Any]],
        parts: Sequence[Part],
        channels: Sequence[GuardedChannel],
        http: httpx.AsyncClient,
    ) -> None:
        self._wire = wire
        self._tails = tails
        self._parts = parts
        self._channels = channels
        self._http = http

    async def start(self) -> None:
        """Read the tables, then match, decide and deliver."""
        for tail in self._tails:
            await tail.start()
        await self._wire.start()

    async def stop(self) -> None:
        """Finish what is in hand, all lanes at once: the time to stop is short.

        A slow mail server must not take it from Slack: what is accepted and not logged in time is
        told twice.
        """
        try:
            await self._wire.stop()
        finally:
            for tail in self._tails:
                await tail.stop()
            for channel in self._channels:
                await channel.close()
            await self._http.aclose()

    def failures(self) -> dict[str, str]:
        """Return the parts that have stopped, and what waits, with why."""
        failed = self.unready()
        for part in self._parts:
            failed |= part.failures()
        return failed | self._wire.failures()

    def unready(self) -> dict[str, str]:
        """Return what it leans on and is away, and what reads no more.

        A message that a host refuses, or a watch that nobody can look at, is told, no more.
        """
        failed = {tail.topic.name: tail.failed for tail in self._tails if tail.failed}
        return failed | self._wire.unready()

    def stalled(self) -> dict[str, str]:
        """Return the lanes that stand still."""
        return self._wire.stalled()


def build(
    settings: Settings,
    *,
    http: httpx.AsyncClient | None = None,
    broker: Wire | None = None,
    clock: Clock | None = None,
    parts: Collection[str] = PARTS,
    session_timeout_ms: int = 10_000,
    first_wait: float = 1.0,
) -> Alerts:
    """Wire the service from its settings; what is passed replaces the real thing.

    First the tables, then those of `parts` that go by them. Only couriers open recipients.
    """
    if "couriers" in parts:
        settings.require("recipients_private_keys", "recipients are sealed to them on topics")
    clock = clock or settings.clock()
    wire = broker or settings.wire("observatoire-alerts", clock.now)
    http = http or channels_client_of(settings)
    territories = Territories.load(settings.territories_file)

    changed: list[Callable[[str, Watched | None], None]] = []
    erase_there: list[Callable[[], None]] = []

    def change(watch: str, now: Watched | None) -> None:
        if now is not None:
            warn_of_unreached(now)
        for tell in changed:
            tell(watch, now)

    def erase(_: str, erased: Erased | None) -> None:
        if erased is not None:
            known.suppressions.add(erased)
            for do in erase_there:
                do()

    watched = Table(wire, WATCHES, Watched, on_change=change)
    known = Known(clock, Watches(watched.rows, watched.catch_up), place=territories.name_of)
    accounts = known.accounts.change
    registered = Table(wire, ACCOUNTS_REGISTERED, AccountRegistered, on_change=accounts)
    erasures = Table(wire, ERASURES, Erased, on_change=erase)

    tails: list[Tail[Any]] = [erasures, registered, watched]
    running: list[Part] = []
    channels: Sequence[GuardedChannel] = ()

    if "matchers" in parts:
        matchers = Matchers(wire, known)
        matchers.subscribe(session_timeout_ms)
        changed.append(matchers.change)
        since = _hours_ago(MATCHES_READ_BACK)
        tails.append(Tail(wire, MENTIONS_MATCHED, MentionMatched, matchers.remember, since))
        since = _hours_ago(OUTCOMES_READ_BACK)
        tails.append(Tail(wire, COLLECT_OUTCOMES, JobEnded, known.accounts.hear, since))
    if "deciders" in parts:
        sources = Sources(clock.now())
        deciders = Deciders(wire, known, sources)
        deciders.subscribe(session_timeout_ms)
        changed.append(deciders.change)
        erase_there.append(deciders.erase)
        running.append(deciders)
        since = _hours_ago(OUTCOMES_READ_BACK)
        tails.append(Tail(wire, COLLECT_OUTCOMES, JobEnded, sources.take, since))
    if "couriers" in parts:
        channels = _channels(settings, http, clock)
        for courier in _couriers(settings, wire, known, channels, first_wait):
            courier.subscribe(session_timeout_ms)
            running.append(courier)
    return Alerts(wire, tails, running, channels, http)


def _channels(
    settings: Settings, http: httpx.AsyncClient, clock: Clock
) -> Sequence[GuardedChannel]:
    urls, tokens = settings.channel_urls, settings.channel_tokens
    outside = Outside(
        http, settings.mail_from, urls, tokens, settings.ca_file, clock.now, settings.channel_forms
    )
    return [*open_channels(outside).values()]


def _couriers(
    settings: Settings,
    wire: Wire,
    known: Known,
    channels: Sequence[GuardedChannel],
    first_wait: float,
) -> Iterator[Courier]:
    """Make one courier a channel; they share the journal of what was told."""
    keys, journal = Keys(settings.recipients_private_keys), Journal(wire)
    for channel in channels:
        deliveries = {
            ALERTS_RAISED: AlertDeliveries(channel, known, settings.portal_url, keys),
            MESSAGES_DUE: MessageDeliveries(channel, keys),
        }
        yield Courier(wire, channel, deliveries, journal, known.clock, first_wait=first_wait)


def _hours_ago(hours: int) -> int:
    """Return a moment by the machine's time (Unix milliseconds).

    Records are dated by it, whatever the installation's clock says.
    """
    return int((time.time() - 3_600 * hours) * 1_000)
