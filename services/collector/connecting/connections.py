"""Accounts that their owners connected: which they are, what opens them, and for how long.

What the portal publishes is sealed to us. The process that leads renews tokens at half their life,
and publishes what became of each, sealed likewise: renewed, or refused and why. A token that is
refused is its own account's alone; the account is then read as if nobody had connected it.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import httpx
import structlog

from contracts.accounts import AccountConnected, AccountRenewed
from contracts.event import Event, hashed_id, next_revision
from contracts.jobs import JobEnded, JobGranted, JobSubject
from contracts.networks import network_of
from contracts.topics import ACCOUNTS_CONNECTED, ACCOUNTS_RENEWED
from libs.clock import Clock
from libs.sealing import Keys, MissingKey, Seal, public_of
from libs.wire.table import Table
from libs.wire.wire import Wire
from services.collector.readers.http import fetch
from services.collector.readers.reader import (
    LONGEST_DETAIL,
    Credential,
    Failure,
    Reader,
    Request,
    UnreadableBody,
    account_of_owner,
    owner_bucket,
    redacted,
)

log = structlog.get_logger(__name__)

LOOK_EVERY = 60.0
ASK_AGAIN = timedelta(hours=1)
"""After a network that did not answer; it has half the life of a token to do so."""

JUST_GIVEN = timedelta(minutes=1)
"""Longer than a job lives."""

EXPIRED = "the token has ended, and the network gave no other in time"


class Connections:
    """Follows both topics; `run` never returns.

    `good` are the accounts that their owners pay for now; `ready` once both topics are read whole.
    """

    def __init__(
        self,
        wire: Wire,
        http: httpx.AsyncClient,
        clock: Clock,
        reader_of: Callable[[str], Reader],
        private_keys: Sequence[str] = (),
    ) -> None:
        self._wire = wire
        self._http = http
        self._clock = clock
        self._reader_of = reader_of
        self._keys = Keys(private_keys, "token")
        self._seal = Seal(public_of(private_keys[0]) if private_keys else None, "token")
        self._connected: dict[str, AccountConnected] = {}
        self._renewed: dict[str, AccountRenewed] = {}
        self._tried: dict[str, datetime] = {}
        self.good: set[str] = set()
        self.ready = False

    async def run(self, leads: asyncio.Event, look_every: float = LOOK_EVERY) -> None:
        """Follow what is connected, and renew it while this process leads.

        Raises `KafkaError` where it cannot begin, `RuntimeError` when a topic is read no more.
        """
        tables = (
            Table(self._wire, ACCOUNTS_RENEWED, AccountRenewed, on_change=self._take),
            Table(self._wire, ACCOUNTS_CONNECTED, AccountConnected, on_change=self._take),
        )
        try:
            for table in tables:
                await table.start()
            self.ready = True
            while True:
                if leads.is_set():
                    await self.renew()
                await asyncio.sleep(look_every)
                if failed := tables[0].failed or tables[1].failed:
                    raise RuntimeError(f"connections are no longer read: {failed}")
        finally:
            self.ready = False
            for table in tables:
                await table.stop()

    def take(self, event: Event) -> None:
        """Take what a topic says of an account."""
        if isinstance(event, AccountConnected):
            self._connected[event.account] = event
            self._mark(event.account)
        elif isinstance(event, AccountRenewed):
            self._renewed[event.account] = event
            self._mark(event.account)

    def credential(self, bucket: str) -> Credential | None:
        """Return what opens the account of a bucket; None where it is nobody's, or was refused."""
        account = account_of_owner(bucket)
        if account is None or account not in self.good:
            return None
        token = self._token(account)
        return Credential(f"owner of {account}", token) if token else None

    async def refused(self, ended: JobEnded) -> None:
        """Tell that a network refused the token of an account, as a job ended: it alone stops.

        What was asked with the token before is not said of one that was just given.
        """
        account = account_of_owner(ended.bucket)
        if ended.cause != "credential" or account not in self.good:
            return
        if ended.ended_at - self._connected[account].changed_at > JUST_GIVEN:
            await self._tell(account, refused=ended.detail or "refused")

    async def renew(self) -> None:
        """Renew the tokens that are at half their life; one that fails holds up no other."""
        now = self._clock.now()
        for account, one in list(self._connected.items()):
            held = self._held(account)
            if one.state == "withdrawn" and held is not None and held.token:
                await self._tell(account)
            elif account not in self.good:
                continue
            elif self._expires_at(account) <= now:
                await self._tell(account, refused=EXPIRED)
            elif self._is_due(account, now):
                await self._renew(one, now)

    async def _renew(self, one: AccountConnected, now: datetime) -> None:
        self._tried[one.account] = now
        reader, consent = self._reader_of(one.network), network_of(one.network).consent
        if consent is None or (token := self._token(one.account)) is None:
            return
        grant = (("grant_type", consent.renew_grant),)
        asked = Request(consent.renew, grant, secret_params=(("access_token", token),))
        answer = await fetch(self._http, asked, self._clock)
        failed = answer if isinstance(answer, Failure) else reader.failure(_job(one, now), answer)
        if failed is None and not isinstance(answer, Failure):
            try:
                given = reader.token(answer)
            except UnreadableBody as error:
                failed = Failure("unavailable", f"no token: {error}")
            else:
                end = given.renew_at or now + timedelta(seconds=consent.lifetime)
                await self._tell(one.account, token=given.text, expires_at=end)
                return
        detail = redacted(failed.detail, (token,)) if failed else ""
        log.warning("token not renewed", account=one.account, network=one.network, why=detail)
        if failed and failed.cause in ("credential", "refused", "gone"):
            await self._tell(one.account, refused=detail)

    async def _tell(
        self,
        account: str,
        *,
        token: str | None = None,
        expires_at: datetime | None = None,
        refused: str | None = None,
    ) -> None:
        one, held = self._connected[account], self._renewed.get(account)
        revision = next_revision(held.revision if held else 0)
        told = AccountRenewed(
            event_id=hashed_id(ACCOUNTS_RENEWED.name, account, one.connection, str(revision)),
            origin=self._wire.installation,
            account=account,
            connection=one.connection,
            revision=revision,
            network=one.network,
            token=self._seal.text(token) if token else None,
            expires_at=expires_at or self._expires_at(account),
            refused=refused[:LONGEST_DETAIL] if refused else None,
            changed_at=self._clock.now(),
        )
        await self._wire.publish(ACCOUNTS_RENEWED, told)
        self.take(told)

    def _take(self, key: str, event: Event | None) -> None:
        if event is not None:
            self.take(event)
            return
        self._connected.pop(key, None)
        self._mark(key)

    def _mark(self, account: str) -> None:
        one, held = self._connected.get(account), self._held(account)
        if one is not None and one.state == "connected" and not (held and held.refused):
            self.good.add(account)
        else:
            self.good.discard(account)

    def _held(self, account: str) -> AccountRenewed | None:
        """Return what became of the connection of now; None where nothing did yet."""
        one, held = self._connected.get(account), self._renewed.get(account)
        return held if one and held and held.connection == one.connection else None

    def _expires_at(self, account: str) -> datetime:
        return (self._held(account) or self._connected[account]).expires_at

    def _is_due(self, account: str, now: datetime) -> bool:
        consent = network_of(self._connected[account].network).consent
        if consent is None or now - self._tried.get(account, now - ASK_AGAIN) < ASK_AGAIN:
            return False
        return self._expires_at(account) - now <= timedelta(seconds=consent.lifetime / 2)

    def _token(self, account: str) -> str | None:
        held = self._held(account)
        sealed = (held and held.token) or self._connected[account].token
        try:
            return self._keys.open(sealed) if sealed else None
        except (MissingKey, ValueError) as error:
            log.error("token not opened", account=account, error=str(error))
            return None


def _job(one: AccountConnected, now: datetime) -> JobGranted:
    """Return what a reader is told of a renewal, to say why one failed."""
    return JobGranted(
        event_id=one.event_id,
        origin=one.origin,
        job=one.event_id,
        network=one.network,
        operation="profile",
        bucket=owner_bucket(one.network, one.account),
        subjects=(JobSubject(subject=one.account, handle=one.account),),
        slot=now,
        epoch=0,
        granted_at=now,
        expires_at=now,
    )
