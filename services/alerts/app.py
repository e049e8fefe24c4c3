"""The alert service, wired: watches, matchers, deciders, couriers."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from starlette.routing import BaseRoute

from contracts.accounts import AccountRegistered
from contracts.erasures import Erased, Suppressions
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
from libs.outbound.client import client_of
from libs.process import Settings
from libs.sealing import Keys
from libs.wire.table import Table
from libs.wire.tail import Tail
from libs.wire.wire import Wire
from services.alerts.deciding.accounts import Accounts
from services.alerts.deciding.deciders import Deciders
from services.alerts.deciding.matchers import Matchers
from services.alerts.deciding.sources import Sources
from services.alerts.deciding.watches import Watches
from services.alerts.delivery.channel import GuardedChannel, Outside, open_channels
from services.alerts.delivery.courier import Courier
from services.alerts.delivery.deliveries import AlertDeliveries, MessageDeliveries
from services.alerts.delivery.journal import Journal

HOUR_MS = 3_600_000
MATCHES_READ_BACK = 48 * HOUR_MS
OUTCOMES_READ_BACK = 24 * HOUR_MS


class Alerts:
    """The service; `start` returns when watches and accounts are known and all parts listen."""

    name = "alerts"
    routes: Sequence[BaseRoute] = ()

    def __init__(
        self,
        wire: Wire,
        tails: Sequence[Tail[Any]],
        deciders: Deciders,
        couriers: Sequence[Courier],
        channels: Sequence[GuardedChannel],
        http: httpx.AsyncClient,
    ) -> None:
        self._wire = wire
        self._tails = tails
        self._deciders = deciders
        self._couriers = couriers
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
        """Return the parts that have stopped, with why."""
        failed = {tail.topic.name: tail.failed for tail in self._tails if tail.failed}
        for part in (self._deciders, *self._couriers):
            failed |= part.failures()
        return failed | self._wire.failures()


def build(
    settings: Settings,
    *,
    http: httpx.AsyncClient | None = None,
    broker: Wire | None = None,
    clock: Clock | None = None,
    session_timeout_ms: int = 10_000,
    first_wait: float = 1.0,
    machine: Callable[[], float] = time.time,
) -> Alerts:
    """Wire the service from its settings; what is passed replaces the real thing.

    `machine` is the time of the machine (Unix seconds), which record timestamps are in whatever
    the installation's clock says.
    """
    clock = clock or settings.clock()
    settings.require("recipients_private_keys", "recipients are sealed to them on topics")
    keys = Keys(settings.recipients_private_keys)
    own = {httpx.URL(url).host for url in settings.channel_urls.values()}
    http = http or client_of(settings, trusted=own)
    wire = broker or settings.wire("observatoire-alerts", clock.now)
    territories = Territories.load(settings.territories_file)
    accounts = Accounts()
    suppressions = Suppressions()
    matchers = Matchers(wire, accounts, clock, suppressions)
    sources = Sources(clock.now())
    deciders: Deciders | None = None

    def change(watch: str, watched: Watched | None) -> None:
        matchers.change(watch, watched)
        if deciders is not None:
            deciders.change(watch, watched)

    def suppress(_: str, erased: Erased | None) -> None:
        if erased is not None:
            suppressions.add(erased)
            if deciders is not None:
                deciders.erase()

    def place(code: str) -> str:
        territory = territories.get(code)
        return territory.nom if territory else code

    table = Table(wire, WATCHES, Watched, on_change=change)
    registered = Table(wire, ACCOUNTS_REGISTERED, AccountRegistered, on_change=accounts.change)
    erasures = Table(wire, ERASURES, Erased, on_change=suppress)
    watches = Watches(table.rows, table.catch_up)
    deciders = Deciders(wire, watches, accounts, sources, place, clock, suppressions)
    deciders.subscribe(session_timeout_ms)
    matchers.subscribe(session_timeout_ms)
    channels = open_channels(
        Outside(
            http=http,
            sender=settings.mail_from,
            urls=settings.channel_urls,
            tokens=settings.channel_tokens,
            ca_file=settings.ca_file,
        )
    )
    couriers: list[Courier] = []
    journal = Journal(wire)
    for channel in channels.values():
        deliveries = {
            ALERTS_RAISED: AlertDeliveries(
                channel, watches, settings.portal_url, clock, keys, suppressions
            ),
            MESSAGES_DUE: MessageDeliveries(channel, keys),
        }
        courier = Courier(wire, channel, deliveries, journal, clock, first_wait=first_wait)
        courier.subscribe(session_timeout_ms)
        couriers.append(courier)
    now_ms = int(machine() * 1000)
    tails: list[Tail[Any]] = [
        *(erasures, registered, table),
        Tail(
            *(wire, MENTIONS_MATCHED, MentionMatched, matchers.remember),
            since_ms=now_ms - MATCHES_READ_BACK,
        ),
        Tail(
            *(wire, COLLECT_OUTCOMES, JobEnded, sources.take),
            since_ms=now_ms - OUTCOMES_READ_BACK,
        ),
    ]
    return Alerts(wire, tails, deciders, couriers, list(channels.values()), http)
