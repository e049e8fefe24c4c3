"""The alert service, wired: watches, matchers, deciders, couriers."""

import time
from collections.abc import Callable, Collection, Sequence
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

MATCHES_READ_BACK_HOURS = 48
OUTCOMES_READ_BACK_HOURS = 24


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
        """Return what it needs and is away, and what has stopped reading.

        A message that a host refuses, or a watch that cannot be looked at, is only in `failures`.
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
    wiring = _Wiring(settings, wire, http, clock, session_timeout_ms)
    if "matchers" in parts:
        wiring.match()
    if "deciders" in parts:
        wiring.decide()
    if "couriers" in parts:
        wiring.deliver(first_wait)
    return Alerts(wire, wiring.tails, wiring.running, wiring.channels, http)


class _Wiring:
    """The tables that all parts go by, then each part that an instance runs, as it is added."""

    def __init__(
        self,
        settings: Settings,
        wire: Wire,
        http: httpx.AsyncClient,
        clock: Clock,
        session_timeout_ms: int,
    ) -> None:
        self._settings = settings
        self._wire = wire
        self._http = http
        self._session_timeout_ms = session_timeout_ms
        self._changed: list[Callable[[str, Watched | None], None]] = []
        self._erase_there: list[Callable[[], None]] = []
        territories = Territories.load(settings.territories_file)
        watched = Table(wire, WATCHES, Watched, on_change=self._change)
        watches = Watches(watched.rows, watched.catch_up)
        self._known = Known(clock, watches, place=territories.name_of)
        accounts = self._known.accounts.change
        registered = Table(wire, ACCOUNTS_REGISTERED, AccountRegistered, on_change=accounts)
        erasures = Table(wire, ERASURES, Erased, on_change=self._erase)
        self.tails: list[Tail[Any]] = [erasures, registered, watched]
        self.running: list[Part] = []
        self.channels: Sequence[GuardedChannel] = ()

    def match(self) -> None:
        """Add the matchers, which remember what was matched lately and hear accounts answer."""
        matchers = Matchers(self._wire, self._known)
        matchers.subscribe(self._session_timeout_ms)
        self._changed.append(matchers.change)
        since = _hours_ago(MATCHES_READ_BACK_HOURS)
        matched = Tail(self._wire, MENTIONS_MATCHED, MentionMatched, matchers.remember, since)
        self.tails.append(matched)
        self._follow_outcomes(self._known.accounts.hear)

    def decide(self) -> None:
        """Add the deciders, which also hear of sources that fail."""
        sources = Sources(self._known.clock.now())
        deciders = Deciders(self._wire, self._known, sources)
        deciders.subscribe(self._session_timeout_ms)
        self._changed.append(deciders.change)
        self._erase_there.append(deciders.erase)
        self.running.append(deciders)
        self._follow_outcomes(sources.take)

    def deliver(self, first_wait: float) -> None:
        """Add one courier a channel; they share the journal of what was told."""
        settings, known = self._settings, self._known
        self.channels = _channels(settings, self._http, known.clock)
        keys, journal = Keys(settings.recipients_private_keys), Journal(self._wire)
        for channel in self.channels:
            deliveries = {
                ALERTS_RAISED: AlertDeliveries(channel, known, settings.portal_url, keys),
                MESSAGES_DUE: MessageDeliveries(channel, keys),
            }
            courier = Courier(
                self._wire, channel, deliveries, journal, known.clock, first_wait=first_wait
            )
            courier.subscribe(self._session_timeout_ms)
            self.running.append(courier)

    def _follow_outcomes(self, take: Callable[[JobEnded], None]) -> None:
        since = _hours_ago(OUTCOMES_READ_BACK_HOURS)
        self.tails.append(Tail(self._wire, COLLECT_OUTCOMES, JobEnded, take, since))

    def _change(self, watch: str, now: Watched | None) -> None:
        if now is not None:
            warn_of_unreached(now)
        for tell in self._changed:
            tell(watch, now)

    def _erase(self, _: str, erased: Erased | None) -> None:
        if erased is not None:
            self._known.suppressions.add(erased)
            for erase in self._erase_there:
                erase()


def _channels(
    settings: Settings, http: httpx.AsyncClient, clock: Clock
) -> Sequence[GuardedChannel]:
    urls, tokens = settings.channel_urls, settings.channel_tokens
    outside = Outside(
        http, settings.mail_from, urls, tokens, settings.ca_file, clock.now, settings.channel_forms
    )
    return [*open_channels(outside).values()]


def _hours_ago(hours: int) -> int:
    """Return a moment by the machine's time (Unix milliseconds).

    Records are dated by it, whatever the installation's clock says.
    """
    return int((time.time() - 3_600 * hours) * 1_000)
