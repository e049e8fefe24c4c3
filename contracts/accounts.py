"""Accounts: what the registry says of one, what opens it, what the collector reads of one."""

from typing import Annotated, Literal, Self, get_args

from annotated_types import MaxLen, MinLen

from contracts.event import (
    AbsenceReason,
    Count,
    Event,
    Id,
    Moment,
    NetworkSlug,
    Record,
    require_reasons,
)

AccountCounter = Literal["followers", "following", "posts", "likes", "views"]
"""Counters of an account; `likes` is Facebook's `fan_count`, `views` YouTube's channel views."""

ACCOUNT_COUNTERS: tuple[AccountCounter, ...] = get_args(AccountCounter)

AccountState = Literal["candidate", "verified", "closed", "refused"]


class Ownership(Record):
    """A territory that an account speaks for, in what role, from when to when (UTC)."""

    territory: Id
    role: Literal["main", "service", "mayor", "tourism", "other"] = "main"
    home: bool = False
    since: Moment | None = None
    until: Moment | None = None


class AccountRegistered(Event):
    """An account to observe as it is now; the latest of a key replaces the earlier ones.

    `owner_kind` is `personne` for an elected official's own account: never collected nor ranked.
    `home` is the one ownership whose territory gives population and category. A feed without owner
    is a source: `covers` are the territories of which it declares to speak.
    """

    account: Id
    revision: Count
    network: NetworkSlug
    handle: Id
    native_id: Id | None = None
    address: Id
    name: str | None = None
    owner_kind: Literal["collectivité", "personne"] = "collectivité"
    owners: tuple[Ownership, ...] = ()
    covers: tuple[Id, ...] = ()
    state: AccountState
    registered_at: Moment
    changed_at: Moment

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account

    @property
    def home(self) -> str | None:
        """Return the territory that gives the account its population and category."""
        homes = [owner.territory for owner in self.owners if owner.home and owner.until is None]
        return homes[0] if homes else None

    @property
    def names(self) -> frozenset[str]:
        """Return all that a text may name it by as its author: id, handle, address, native id."""
        return frozenset({self.account, self.handle, self.address, self.native_id or self.account})


class AccountObserved(Event):
    """Counters of an account at a moment.

    `slot` is the scheduled moment, `observed_at` when the network answered (both UTC). A null
    counter has its reason in `absent`.
    """

    account: Id
    network: NetworkSlug
    native_id: Id | None = None
    handle: Id
    name: str | None = None
    slot: Moment
    observed_at: Moment
    followers: Count | None
    following: Count | None
    posts: Count | None
    likes: Count | None = None
    views: Count | None = None
    absent: dict[AccountCounter, AbsenceReason] = {}

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account

    @classmethod
    def write(cls, **fields: object) -> Self:
        """Build one for the wire; refuses a null counter without its reason (`ValueError`)."""
        observed = cls.model_validate(fields)
        require_reasons(
            {name: getattr(observed, name) for name in ACCOUNT_COUNTERS}, observed.absent
        )
        return observed


SealedToken = Annotated[str, MinLen(1), MaxLen(4096)]
"""A token of an owner, sealed to the collector (`libs/sealing.py`)."""


class AccountConnected(Event):
    """A connection as its owner last left it; the latest of an account replaces the earlier ones.

    `connection` is another at each consent. One that was withdrawn has no token any more, once the
    network was told where it takes that. `expires_at` is the end of what the consent gave (UTC).
    """

    account: Id
    connection: Id
    revision: Count
    network: NetworkSlug
    state: Literal["connected", "withdrawn"]
    token: SealedToken | None = None
    expires_at: Moment
    changed_at: Moment

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account


class AccountRenewed(Event):
    """What became of a connection since its consent: a token renewed, or refused and why.

    It is of the `connection` that it names: of another one it says nothing. Where `refused` says
    why, or the owner withdrew, there is no token any more. `expires_at` is the end of the accord
    (UTC). `revoked` says, of what the owner withdrew, whether the network has ended it; None where
    it was not asked to.
    """

    account: Id
    connection: Id
    revision: Count
    network: NetworkSlug
    token: SealedToken | None = None
    expires_at: Moment
    refused: Annotated[str, MinLen(1), MaxLen(500)] | None = None
    revoked: bool | None = None
    changed_at: Moment

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account
