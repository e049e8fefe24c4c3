"""Accounts that their owners connected: who, when, until when, and a token that we cannot read.

The token is sealed to the collector as it comes in: what is stored here opens nothing. Of one that
is withdrawn the box stays until the collector says that the network was told, where it is told.
An account that is no longer one that its territory may connect is withdrawn by the same change.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from contracts.accounts import AccountConnected, AccountRenewed
from contracts.event import Origin, hashed_id, next_revision
from contracts.networks import network_of
from contracts.topics import ACCOUNTS_CONNECTED
from libs.sealing import Seal
from services.api.store.database import Database, StorePart
from services.api.store.errors import UnknownError
from services.api.store.marks import mark
from services.api.store.models import AccountRow, Base, Revision


class ConnectionRow(Base):
    """A connection of an account as it is now; `token` is gone once it is withdrawn and told."""

    __tablename__ = "connections"

    account: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    connection: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Revision)
    network: Mapped[str] = mapped_column(String(20))
    territory: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    token: Mapped[str | None] = mapped_column(String(4096))
    expires_at: Mapped[datetime]
    refused: Mapped[str | None] = mapped_column(String(500))
    connected_at: Mapped[datetime]
    connected_by: Mapped[str] = mapped_column(String(320))
    changed_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection as agents see it: by whom (veiled), since when, until when, refused or not.

    Of one that is withdrawn, `telling`: its network is yet to be told; `revoked`: it ended it.
    """

    account: str
    network: str
    territory: str
    state: Literal["connected", "withdrawn"]
    expires_at: datetime
    refused: str | None
    connected_at: datetime
    connected_by: str
    changed_at: datetime
    telling: bool = False
    revoked: bool = False


class ConnectionStore(StorePart):
    """Connections, by account. Every method blocks: call it from a thread."""

    def __init__(
        self,
        database: Database,
        origin: Origin,
        now: Callable[[], datetime],
        mint: Callable[[], str],
        seal: Seal,
    ) -> None:
        super().__init__(database, origin, now, mint)
        self._seal = seal

    def connect(
        self, account: str, network: str, territory: str, token: str, ends: datetime, by: str
    ) -> None:
        """Keep a token, sealed; it replaces the one before.

        Raises `UnknownError` where the territory may not (or no longer) connect the account.
        """
        now = self._now()
        with self._database.writing() as session:
            if not _may_connect(session.get(AccountRow, account, with_for_update=True), territory):
                raise UnknownError(account)
            held = session.get(ConnectionRow, account)
            told = {
                "connection": self._mint(),
                "revision": next_revision(held.revision if held else 0),
                "network": network,
                "territory": territory,
                "state": "connected",
                "token": self._seal.text(token),
                "expires_at": ends,
                "refused": None,
                "connected_at": now,
                "connected_by": by,
                "changed_at": now,
                "revoked_at": None,
            }
            session.merge(ConnectionRow(account=account, **told))
            mark(session, ACCOUNTS_CONNECTED, [account], now)

    def withdraw(self, account: str) -> bool:
        """Forget the token of an account; tell whether there was one.

        Where its network takes to be told, its box stays until the collector has told it.
        """
        with self._database.writing() as session:
            held = session.get(ConnectionRow, account)
            return held is not None and _withdraw(session, held, self._now())

    def forget_account(self, account: str) -> None:
        """Withdraw the connection of an account that is erased, and forget who made it."""
        with self._database.writing() as session:
            if (held := session.get(ConnectionRow, account)) is not None:
                _withdraw(session, held, self._now())
                held.connected_by = ""

    def of_territory(self, territory: str) -> list[Connection]:
        """Return the connections that agents of a territory made and that stand."""
        query = select(ConnectionRow).where(
            ConnectionRow.territory == territory, ConnectionRow.state == "connected"
        )
        with self._database.reading() as session:
            return [_connection(row) for row in session.scalars(query)]

    def of_accounts(self, accounts: Collection[str]) -> dict[str, Connection]:
        """Return the connections of accounts that have, or had, one."""
        query = select(ConnectionRow).where(ConnectionRow.account.in_(accounts))
        with self._database.reading() as session:
            return {row.account: _connection(row) for row in session.scalars(query)}

    def ending(self, territory: str, until: datetime) -> int:
        """Return how many open connections of a territory were refused, or end until a moment."""
        query = (
            select(func.count())
            .select_from(ConnectionRow)
            .where(
                ConnectionRow.territory == territory,
                ConnectionRow.state == "connected",
                or_(ConnectionRow.refused.is_not(None), ConnectionRow.expires_at <= until),
            )
        )
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def renewed(self, told: Collection[AccountRenewed]) -> None:
        """Note what became of connections, as the collector says; of others than now, nothing.

        Of one that was withdrawn nothing is kept any more, once its network was told or was not.
        """
        with self._database.writing() as session:
            for one in told:
                held = session.get(ConnectionRow, one.account)
                if held is None or held.connection != one.connection:
                    continue
                if held.state == "withdrawn":
                    self._forget(session, held, one)
                else:
                    held.expires_at, held.refused = one.expires_at, one.refused
                    held.changed_at = max(held.changed_at, one.changed_at)

    def _forget(self, session: Session, held: ConnectionRow, told: AccountRenewed) -> None:
        if held.token is None or told.token is not None:
            return
        held.token, held.revoked_at = None, told.changed_at if told.revoked else None
        held.revision = next_revision(held.revision)
        mark(session, ACCOUNTS_CONNECTED, [held.account], self._now())


def withdraw_unowned(session: Session, account: AccountRow, now: datetime) -> None:
    """Withdraw the connection of an account that its territory may connect no more."""
    held = session.get(ConnectionRow, account.id)
    if held is not None and not _may_connect(account, held.territory):
        _withdraw(session, held, now)


def _may_connect(account: AccountRow | None, territory: str) -> bool:
    """Tell whether a territory may connect an account: verified, its own, no person's."""
    if account is None or account.state != "verified" or account.owner_kind == "personne":
        return False
    return any(one.territory == territory and one.until is None for one in account.owners)


def _withdraw(session: Session, held: ConnectionRow, now: datetime) -> bool:
    if held.state != "connected":
        return False
    consent = network_of(held.network).consent
    told = consent is not None and bool(consent.revoke)
    held.state, held.changed_at = "withdrawn", now
    held.token = held.token if told else None
    held.revision = next_revision(held.revision)
    mark(session, ACCOUNTS_CONNECTED, [held.account], now)
    return True


def connection_events(
    session: Session, keys: Collection[str], origin: Origin
) -> dict[str, AccountConnected]:
    """Return connections as the topic is told, by account."""
    query = select(ConnectionRow).where(ConnectionRow.account.in_(keys))
    return {
        row.account: AccountConnected(
            event_id=hashed_id(ACCOUNTS_CONNECTED.name, row.account, str(row.revision)),
            origin=origin,
            account=row.account,
            connection=row.connection,
            revision=row.revision,
            network=row.network,
            state="connected" if row.state == "connected" else "withdrawn",
            token=row.token,
            expires_at=row.expires_at,
            changed_at=row.changed_at,
        )
        for row in session.scalars(query)
    }


def _connection(row: ConnectionRow) -> Connection:
    return Connection(
        account=row.account,
        network=row.network,
        territory=row.territory,
        state="connected" if row.state == "connected" else "withdrawn",
        expires_at=row.expires_at,
        refused=row.refused,
        connected_at=row.connected_at,
        connected_by=row.connected_by,
        changed_at=row.changed_at,
        telling=row.state == "withdrawn" and row.token is not None,
        revoked=row.revoked_at is not None,
    )
