"""The alert service, wired: watches, matchers, deciders, couriers."""

import asyncio
import time
from collections.abc import Callable, Sequence

import httpx
from starlette.routing import BaseRoute

from contracts.accounts import AccountRegistered
from contracts.alerts import AlertRaised
from contracts.erasures import Erased, Suppressions
from contracts.jobs import JobEnded
from contracts.mentions import MentionMatched
from contracts.messages import MessageDue
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
from libs.process import Background, Settings
from libs.sealing import Keys
from libs.wire.table import Table
from libs.wire.tail import Tail
from libs.wire.wire import Wire
from services.alerts.accounts import Accounts
from services.alerts.channel import GuardedChannel, Outside, open_channels
from services.alerts.courier import Courier
from services.alerts.deciders import Deciders
from services.alerts.errands import AlertErrands, MessageErrands
from services.alerts.matchers import Matchers
from services.alerts.sources import Sources
from services.alerts.watches import Watches

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
        tables: Sequence[Table[Watched] | Table[AccountRegistered] | Table[Erased]],
        tails: Sequence[Tail[MentionMatched] | Tail[JobEnded]],
        deciders: Deciders,
        couriers: Sequence[Courier[AlertRaised] | Courier[MessageDue]],
        channels: Sequence[GuardedChannel],
        http: httpx.AsyncClient,
    ) -> None:
        self._wire = wire
        self._tables = tables
        self._tails = tails
        self._deciders = deciders
        self._couriers = couriers
        self._channels = channels
        self._http = http
        self._background = Background()

    async def start(self) -> None:
        """Read the tables, then match, decide and deliver."""
        for table in self._tables:
            await table.start()
        for tail in self._tails:
            await tail.start()
        await self._wire.start()
        for part in (self._deciders, *self._couriers):
            await part.start()
        self._background.spawn("deciders", self._deciders.run())
        for courier in self._couriers:
            self._background.spawn(courier.group, courier.run())

    async def stop(self) -> None:
        """Finish what is in hand, deciders and couriers at once: the time to stop is short.

        A slow mail server must not take it from Slack: what is accepted and not logged in time is
        told twice. One that cannot stop well keeps nothing else from it; its error leaves last.
        """
        self._background.expect_end()
        parts = (self._deciders, *self._couriers)
        ends = await asyncio.gather(*(part.stop() for part in parts), return_exceptions=True)
        await self._background.stop()
        await self._wire.stop()
        for part in (*self._tails, *self._tables):
            await part.stop()
        for channel in self._channels:
            await channel.close()
        await self._http.aclose()
        for end in ends:
            if end is not None:
                raise end

    def failures(self) -> dict[str, str]:
        """Return the parts that have stopped, with why."""
        failed = {f"table {n}": t.failed for n, t in enumerate(self._tables) if t.failed}
        failed |= {f"tail {n}": t.failed for n, t in enumerate(self._tails) if t.failed}
        for part in (self._deciders, *self._couriers):
            failed |= part.failures()
        return failed | self._background.failures() | self._wire.failures()


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
    on_topic = (wire.kafka_url, settings.namespace)
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

    kind = wire.installation
    table = Table(*on_topic, WATCHES, Watched, on_change=change, installation=kind)
    registered = Table(
        *(*on_topic, ACCOUNTS_REGISTERED, AccountRegistered),
        on_change=accounts.change,
        installation=kind,
    )
    erasures = Table(*on_topic, ERASURES, Erased, on_change=suppress, installation=kind)
    watches = Watches(table.rows)
    deciders = Deciders(
        wire, watches, accounts, sources, place, clock, session_timeout_ms, suppressions
    )
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
    couriers: list[Courier[AlertRaised] | Courier[MessageDue]] = []
    for channel in channels.values():
        errands = AlertErrands(channel, watches, settings.portal_url, clock, keys, suppressions)
        couriers += [
            Courier(
                *(wire, ALERTS_RAISED, AlertRaised, channel, errands, clock),
                session_timeout_ms=session_timeout_ms,
                first_wait=first_wait,
            ),
            Courier(
                *(wire, MESSAGES_DUE, MessageDue, channel, MessageErrands(channel, keys), clock),
                session_timeout_ms=session_timeout_ms,
                first_wait=first_wait,
            ),
        ]
    now_ms = int(machine() * 1000)
    tails: list[Tail[MentionMatched] | Tail[JobEnded]] = [
        Tail(
            *(*on_topic, MENTIONS_MATCHED, MentionMatched, matchers.remember),
            since_ms=now_ms - MATCHES_READ_BACK,
        ),
        Tail(
            *(*on_topic, COLLECT_OUTCOMES, JobEnded, sources.take),
            since_ms=now_ms - OUTCOMES_READ_BACK,
        ),
    ]
    return Alerts(
        wire,
        [erasures, registered, table],
        tails,
        deciders,
        couriers,
        list(channels.values()),
        http,
    )
