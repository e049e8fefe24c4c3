"""Tables of the small state: accounts with their history, watches, messages, the outbox.

The schema in force is that of the migrations (`services/api/migrations`); a test holds that both
say the same.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcMoment(TypeDecorator[datetime]):
    """An instant: aware and UTC on our side, on SQLite too, which forgets zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a zone (ValueError), store it in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back aware."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Every table; names of constraints are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcMoment, dict[str, Any]: JSON}


Revision = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite's integers have eight bytes whatever they are called."""


class AccountRow(Base):
    """An account as it is now; `handle_key` is the handle as it is compared (see Identity.key)."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    network: Mapped[str] = mapped_column(String(20))
    handle: Mapped[str | None] = mapped_column(String(512))
    handle_key: Mapped[str | None] = mapped_column(String(512))
    native_id: Mapped[str | None] = mapped_column(String(512))
    address: Mapped[str] = mapped_column(String(1024))
    name: Mapped[str | None] = mapped_column(String(512))
    owner_kind: Mapped[str] = mapped_column(String(12))
    covers: Mapped[list[str] | None] = mapped_column(JSON)
    doubtful: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int] = mapped_column(Revision, default=1)
    published_revision: Mapped[int] = mapped_column(Revision, default=0)
    registered_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    owners: Mapped[list["OwnerRow"]] = relationship(
        cascade="all, delete-orphan", order_by="OwnerRow.id"
    )
    proofs: Mapped[list["ProofRow"]] = relationship(
        cascade="all, delete-orphan", order_by="ProofRow.id"
    )
    identities: Mapped[list["IdentityRow"]] = relationship(
        cascade="all, delete-orphan", order_by="IdentityRow.id"
    )
    decisions: Mapped[list["DecisionRow"]] = relationship(
        cascade="all, delete-orphan", order_by="DecisionRow.id"
    )


# One account a handle and one a native id; a closed account leaves its handle to another.
_OPEN = AccountRow.state != "closed"
Index(
    "uq_accounts_handle_key",
    AccountRow.network,
    AccountRow.handle_key,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index(
    "uq_accounts_native_id",
    AccountRow.network,
    AccountRow.native_id,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("ix_accounts_state", AccountRow.state, AccountRow.id)


class OwnerRow(Base):
    """A territory that an account speaks for, in what role, from when to when."""

    __tablename__ = "account_owners"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    territory: Mapped[str] = mapped_column(String(16), index=True)
    role: Mapped[str] = mapped_column(String(10))
    home: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]


class IdentityRow(Base):
    """Handle, native id and address of an account during a time; the open one is the present."""

    __tablename__ = "account_identities"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    handle: Mapped[str | None] = mapped_column(String(512))
    native_id: Mapped[str | None] = mapped_column(String(512))
    address: Mapped[str] = mapped_column(String(1024))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class ProofRow(Base):
    """A source that says whose account it is, what it showed, when it was first and last seen."""

    __tablename__ = "account_proofs"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    territory: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(1024))
    detail: Mapped[str | None] = mapped_column(String(1024))
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class DecisionRow(Base):
    """A change of state or of kind of owner: to what, why, by whom."""

    __tablename__ = "account_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    owner_kind: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(1024))
    decided_by: Mapped[str] = mapped_column(String(320))
    decided_at: Mapped[datetime]


class WatchRow(Base):
    """A watch; `settings` holds the fields of its event that nobody searches by."""

    __tablename__ = "watches"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    territory: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    settings: Mapped[dict[str, Any]]
    revision: Mapped[int] = mapped_column(Revision, default=1)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    recipients: Mapped[list["RecipientRow"]] = relationship(
        cascade="all, delete-orphan", order_by="RecipientRow.id"
    )


class RecipientRow(Base):
    """Where a watch tells; only the hash of the confirmation's secret is kept.

    `choices` are the other fields of a `Recipient`.
    """

    __tablename__ = "watch_recipients"

    id: Mapped[int] = mapped_column(primary_key=True)
    watch: Mapped[str] = mapped_column(ForeignKey("watches.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(512))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    choices: Mapped[dict[str, Any] | None]


class RegularRow(Base):
    """A regular mail that was made due (`name` says whose and of which moment), for some weeks."""

    __tablename__ = "regular_mails"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(index=True)


class InvitationRow(Base):
    """An address (its name, a hash) that was asked to confirm, within the last hour."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(index=True)


class MessageRow(Base):
    """A mail that is due; the row goes when the topic has it (it may hold a secret link)."""

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(512))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    leave: Mapped[str | None]
    due_at: Mapped[datetime]


class OutboxRow(Base):
    """A key whose present state a topic has yet to be told; `mark` changes at every change."""

    __tablename__ = "outbox"

    topic: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(512), primary_key=True)
    mark: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(index=True)


class KeyRow(Base):
    """A secret of the installation, made when it is first needed."""

    __tablename__ = "keys"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))


class AcknowledgementRow(Base):
    """Who has seen an alert, and when: the name of a recipient, never the address."""

    __tablename__ = "acknowledgements"

    alert: Mapped[str] = mapped_column(String(64), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(64), primary_key=True)
    watch: Mapped[str] = mapped_column(ForeignKey("watches.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime]


class AlertActRow(Base):
    """What somebody did of an alert beside seeing it, or was done for want of it: for the timeline.

    `who` and `whom` are names of recipients, never addresses; empty for the watch itself.
    """

    __tablename__ = "alert_acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    watch: Mapped[str] = mapped_column(ForeignKey("watches.id", ondelete="CASCADE"), index=True)
    alert: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(String(64))
    whom: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ContestRow(Base):
    """A figure of an account and a month that somebody contests; `words` are for the desk alone.

    `agent` where who contests had signed in, `territory` where they did so for the account's own.
    """

    __tablename__ = "contests"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), index=True)
    period: Mapped[str] = mapped_column(String(7))
    figure: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(1000))
    agent: Mapped[str | None] = mapped_column(String(64))
    territory: Mapped[str | None] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(12))
    answer: Mapped[str | None] = mapped_column(String(2000))
    answered_at: Mapped[datetime | None]


class EntitledRow(Base):
    """Why an address may enter for a territory: the address itself (a keyed hash), or its domain.

    `source` is the directory that publishes it, or the operator who approved it.
    """

    __tablename__ = "entitled"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(254), index=True)
    territory: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(10))


class AgentRow(Base):
    """Somebody who may enter: a keyed hash of the address, its domain, and the address veiled."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    address_key: Mapped[str] = mapped_column(String(64), unique=True)
    domain: Mapped[str] = mapped_column(String(254))
    shown: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]

    roles: Mapped[list["AgentRoleRow"]] = relationship(cascade="all, delete-orphan")


class AgentRoleRow(Base):
    """What the operator lets an agent do for a territory ("": the whole observatory)."""

    __tablename__ = "agent_roles"

    agent: Mapped[str] = mapped_column(
        ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True
    )
    territory: Mapped[str] = mapped_column(String(16), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]


class SignInLinkRow(Base):
    """A link that was mailed: keyed hashes of its secret and of the browser that asked for it."""

    __tablename__ = "sign_in_links"

    token_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    browser_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str] = mapped_column(String(64))
    domain: Mapped[str] = mapped_column(String(254))
    shown: Mapped[str] = mapped_column(String(320))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class SessionRow(Base):
    """An agent in a browser; only a keyed hash of the cookie's secret is kept."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_key: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    browser: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class RoleRequestRow(Base):
    """An agent who asks to act for a territory; its administrators answer, or the team."""

    __tablename__ = "role_requests"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    territory: Mapped[str] = mapped_column(String(16), index=True)
    role: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    granted: Mapped[bool] = mapped_column(default=False)


class ApiTokenRow(Base):
    """A program that asks in the name of an agent, for one territory, until a day."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_key: Mapped[str] = mapped_column(String(64), unique=True)
    agent: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    territory: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ActRow(Base):
    """What somebody changed, for the journal; `about` is an identifier, never a text of theirs."""

    __tablename__ = "acts"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(320))
    what: Mapped[str] = mapped_column(String(64))
    territory: Mapped[str] = mapped_column(String(16), index=True)
    about: Mapped[str] = mapped_column(String(64))
