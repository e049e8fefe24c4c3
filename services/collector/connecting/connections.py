"""Accounts that their owners connected: which they are, what opens them, and for how long.

What the portal publishes is sealed to us. The process that leads renews tokens at half their life,
and publishes what became of each, sealed likewise: renewed, or refused and why. A token that is
refused is its own account's alone; the account is then read as if nobody had connected it. Of one
that its owner takes back the network is told, where it has an address for that, before the token
is forgotten.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import httpx
import structlog

from contracts.accounts import AccountConnected, AccountRenewed
from contracts.event import Event, hashed_id, next_revision
from contracts.jobs import JobEnded, JobGranted, JobSubject, account_of_owner, owner_bucket
from contracts.networks import network_of
from contracts.networks.consent import Consent
from contracts.topics import ACCOUNTS_CONNECTED, ACCOUNTS_RENEWED
from libs.clock import Clock
from libs.identity.asking import Unreachable, json_object
from libs.identity.declared import DeclaredApplication
from libs.identity.grants import NoToken, OwnerToken, Post, opened, read_token, renewal, revocation
from libs.sealing import Keys, MissingKey, Seal, public_of
from libs.wire.table import Table
from libs.wire.wire import Wire
from services.collector.readers.http import fetch
from services.collector.readers.reader import (
    LONGEST_DETAIL,
    Answer,
    Credential,
    Failure,
    Reader,
    Request,
    redacted,
)

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 60.0
ASK_AGAIN = timedelta(hours=1)
"""After a network that did not answer; it has half the life of a token to do so."""

JUST_GIVEN = timedelta(minutes=1)
"""Longer than a job lives."""

TOLD_FOR = timedelta(days=1)
"""How long a network that does not answer is told that an owner took her accord back."""

EXPIRED = "the token has ended, and the network gave no other in time"
THEIRS = frozenset({"invalid_grant"})
"""Of the errors of RFC 6749, the one that is about an owner's token; others are about us."""

OVER = frozenset({"invalid_grant", "invalid_token"})


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
        applications: Mapping[str, DeclaredApplication] | None = None,
    ) -> None:
        self._wire = wire
        self._http = http
        self._clock = clock
        self._reader_of = reader_of
        self._keys = Keys(private_keys, "token")
        self._seal = Seal(public_of(private_keys[0]) if private_keys else None, "token")
        self._connected: dict[str, AccountConnected] = {}
        self._renewed: dict[str, AccountRenewed] = {}
        self._applications = applications or {}
        self._opened: dict[str, OwnerToken | None] = {}
        self._tried: dict[str, datetime] = {}
        self._good: set[str] = set()
        self.ready = False

    @property
    def good(self) -> set[str]:
        """Return the accounts that a token opens now."""
        now = self._clock.now()
        return {one for one in self._good if (token := self._token(one)) and token.until > now}

    async def run(self, leads: asyncio.Event, look_every: float = LOOK_EVERY_SECONDS) -> None:
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
        if account is None or account not in self._good:
            return None
        token = self._token(account)
        if token is None or token.until <= self._clock.now():
            return None
        return Credential(f"owner of {account}", token.text)

    async def refused(self, ended: JobEnded) -> None:
        """Tell that a network refused the token of an account, as a job ended: it alone stops.

        What was asked with the token before is not said of one that was just given, nor what was
        asked with one that had ended of the accord: it is renewed.
        """
        account = account_of_owner(ended.bucket)
        if ended.cause != "credential" or account not in self._good:
            return
        token = self._token(account)
        if token is None or token.until <= ended.ended_at:
            return
        if ended.ended_at - self._given_at(account) > JUST_GIVEN:
            await self._tell(self._connected[account], refused=ended.detail or "refused")

    async def renew(self) -> None:
        """Renew the tokens that are at half their life; one that fails holds up no other."""
        now = self._clock.now()
        for account in list(self._connected):
            if (one := self._connected.get(account)) is None:
                continue
            if one.state == "withdrawn":
                await self._leave(one, now)
            elif account not in self._good:
                continue
            elif self._expires_at(account) <= now:
                await self._tell(one, refused=EXPIRED)
            elif self._is_due(account, now):
                await self._renew(one, now)

    async def _renew(self, one: AccountConnected, now: datetime) -> None:
        self._tried[one.account] = now
        consent, token = network_of(one.network).consent, self._token(one.account)
        if consent is None or token is None:
            return
        if (asked := self._renewal(one, consent, token)) is None:
            return
        answer = await fetch(self._http, asked, self._clock)
        failed = answer if isinstance(answer, Failure) else self._refusal(one, answer, now)
        if failed is None and not isinstance(answer, Failure):
            try:
                given = read_token(consent, _object(answer.body), now, token.refresh)
            except NoToken as error:
                failed = Failure("unavailable", f"no token: {error}")
            else:
                await self._tell(one, token=given)
                return
        detail = redacted(failed.detail, (token.text, token.refresh)) if failed else ""
        log.warning("token not renewed", account=one.account, network=one.network, why=detail)
        if failed and failed.cause in ("credential", "refused", "gone"):
            await self._tell(one, refused=detail)

    def _renewal(
        self, one: AccountConnected, consent: Consent, token: OwnerToken
    ) -> Request | None:
        """Return what asks for another token; None where nothing does."""
        if (by := consent.prolonged) is not None:
            if not by.renewal:
                return None
            grant = (("grant_type", by.renewal_grant),)
            return Request(by.renewal, grant, secret_params=(("access_token", token.text),))
        application = self._applications.get(one.network)
        if application is None or not token.refresh:
            return None
        return _request(renewal(consent, application, token.refresh))

    def _refusal(self, one: AccountConnected, answer: Answer, now: datetime) -> Failure | None:
        """Return why an answer is no token, and whether that is said of the owner's."""
        said = _object(answer.body).get("error")
        if not isinstance(said, str):
            failed = self._reader_of(one.network).failure(_job(one, now), answer)
            prolonged = (consent := network_of(one.network).consent) and consent.prolonged
            if failed is None or prolonged or answer.status not in (401, 403):
                return failed
            return Failure("unavailable", failed.detail)
        cause = "refused" if said in THEIRS else "unavailable"
        return Failure(cause, f"HTTP {answer.status}: {said}")

    async def _leave(self, one: AccountConnected, now: datetime) -> None:
        """Tell the network of what its owner took back, then forget it; the account is no more."""
        consent, held = network_of(one.network).consent, self._held(one.account)
        if held is not None and held.token is None:
            return
        token, application = self._token(one.account), self._applications.get(one.network)
        if token is None or consent is None or not consent.revoke or application is None:
            if one.token or held is not None:
                await self._tell(one)
            return
        if now - self._tried.get(one.account, now - ASK_AGAIN) < ASK_AGAIN:
            return
        self._tried[one.account] = now
        asked = _request(revocation(consent, application, token.text))
        answer = await fetch(self._http, asked, self._clock)
        away = isinstance(answer, Failure) or answer.status in (408, 429) or answer.status >= 500
        if away and now - one.changed_at < TOLD_FOR:
            return
        done = not isinstance(answer, Failure) and _ended(answer)
        if not done:
            log.warning("accord not taken back", account=one.account, network=one.network)
        await self._tell(one, revoked=done)

    async def _tell(
        self,
        one: AccountConnected,
        *,
        token: OwnerToken | None = None,
        refused: str | None = None,
        revoked: bool | None = None,
    ) -> None:
        """Publish what became of a connection, unless another took its place meanwhile."""
        account = one.account
        present, held = self._connected.get(account), self._renewed.get(account)
        if present is None or present.connection != one.connection:
            log.info("of a connection that is no more", account=account, network=one.network)
            return
        revision = next_revision(held.revision if held else 0)
        told = AccountRenewed(
            event_id=hashed_id(ACCOUNTS_RENEWED.name, account, one.connection, str(revision)),
            origin=self._wire.installation,
            account=account,
            connection=one.connection,
            revision=revision,
            network=one.network,
            token=self._seal.text(token.kept()) if token else None,
            expires_at=token.expires_at if token else self._expires_at(account),
            refused=refused[:LONGEST_DETAIL] if refused else None,
            revoked=revoked,
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
        self._opened.pop(account, None)
        if one is not None and one.state == "connected" and not (held and held.refused):
            self._good.add(account)
        else:
            self._good.discard(account)

    def _held(self, account: str) -> AccountRenewed | None:
        """Return what became of the connection of now; None where nothing did yet."""
        one, held = self._connected.get(account), self._renewed.get(account)
        return held if one and held and held.connection == one.connection else None

    def _expires_at(self, account: str) -> datetime:
        return (self._held(account) or self._connected[account]).expires_at

    def _given_at(self, account: str) -> datetime:
        return (self._held(account) or self._connected[account]).changed_at

    def _is_due(self, account: str, now: datetime) -> bool:
        if now - self._tried.get(account, now - ASK_AGAIN) < ASK_AGAIN:
            return False
        if (token := self._token(account)) is None:
            return False
        given = self._given_at(account)
        return now >= given + (token.until - given) / 2

    def _token(self, account: str) -> OwnerToken | None:
        """Return the token of an account, opened once."""
        if account not in self._opened:
            self._opened[account] = self._open(account)
        return self._opened[account]

    def _open(self, account: str) -> OwnerToken | None:
        held = self._held(account)
        sealed = (held and held.token) or self._connected[account].token
        try:
            return opened(self._keys.open(sealed), self._expires_at(account)) if sealed else None
        except (MissingKey, ValueError, KeyError) as error:
            log.error("token not opened", account=account, error=type(error).__name__)
            return None


def _request(form: Post) -> Request:
    return Request(
        form.url,
        secret_headers=tuple(form.headers.items()),
        method="POST",
        body=form.body.encode(),
    )


def _ended(answer: Answer) -> bool:
    """Tell whether an accord is no more: ended now, or by an answer that was lost on its way."""
    return answer.status == 200 or _object(answer.body).get("error") in OVER


def _object(body: bytes) -> dict[str, object]:
    """Return the JSON object of a body; nothing where it holds none."""
    try:
        return json_object(body)
    except Unreachable:
        return {}


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
