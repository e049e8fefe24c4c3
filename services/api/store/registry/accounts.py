"""The registry of accounts: who owns what on which network, since when, proved by what.

An account keeps its id through renames. What is published for collection (topic
`accounts.registered.v1`) is what the team has verified, then its end; an account of a person never
is, and one that was by mistake is published once more as refused, so that everybody stops. What
its owner connected is withdrawn with it (`agents/connections.py`).
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import cast

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts.accounts import AccountRegistered, AccountState, Ownership
from contracts.addresses import Identity
from contracts.event import next_revision
from contracts.topics import ACCOUNTS_REGISTERED
from services.api.store.agents.connections import withdraw_unowned
from services.api.store.database import StorePart
from services.api.store.errors import ConflictError, TransitionError, UnknownError
from services.api.store.marks import mark
from services.api.store.models import AccountRow, DecisionRow, IdentityRow, OwnerRow, ProofRow
from services.api.store.registry.account_events import account_event, history_of, must_be_told
from services.api.store.registry.changes import Change, latest_changes
from services.api.store.registry.claims import IMPOSTOR, Claim, History, OwnerKind, Registered
from services.api.store.registry.registering import (
    LIKENESS,
    Known,
    decide,
    handle_key,
    same_identity,
    take,
    with_parts,
)

CLAIMS_AT_ONCE = 500
"""Claims taken in by one transaction: a fraction of a second, during which nobody else writes."""

VERIFIED_KEPT = timedelta(minutes=1)
"""How long the list of verified accounts is remembered."""

NEXT: dict[AccountState, tuple[AccountState, ...]] = {
    "candidate": ("verified", "refused"),
    "verified": ("closed", "refused"),
    "closed": ("verified",),
    "refused": ("candidate",),
}


class AccountStore(StorePart):
    """Accounts, by id, identity, territory or state. Every method blocks: call it from a thread."""

    @cached_property
    def _verified(self) -> dict[str, tuple[datetime, list[tuple[str, str, str, str]]]]:
        """What `verified` has read, by network, and when."""
        return {}

    def register(self, claim: Claim) -> Registered:
        """Take one claim in."""
        return self._registering([claim])[0]

    def register_all(
        self,
        claims: Iterable[Claim],
        tell: Callable[[int], None] = lambda _: None,
        *,
        rehearse: bool = False,
    ) -> list[Registered]:
        """Take many claims in, `CLAIMS_AT_ONCE` in a transaction: others write in between.

        Cut short, it is run again: what was taken in is known. `tell` hears how many are in. A
        rehearsal says what each would come to, and changes nothing.
        """
        rest, registered = iter(claims), list[Registered]()
        while some := list(islice(rest, CLAIMS_AT_ONCE)):
            registered += (
                self._take_all(some, rehearse=True) if rehearse else self._registering(some)
            )
            tell(len(registered))
            if len(some) == CLAIMS_AT_ONCE:
                self._database.give_way()
        return registered

    def get(self, account: str) -> AccountRegistered | None:
        """The account of this id as it is now, a person's too."""
        with self._database.reading() as session:
            row = session.get(AccountRow, account)
            return self._event(row) if row else None

    def find(self, identity: Identity) -> AccountRegistered | None:
        """The account that an address leads to; an open one before a closed one."""
        with self._database.reading() as session:
            rows = session.scalars(with_parts().where(same_identity(identity)))
            row, _ = Known(rows).find(identity)
            return self._event(row) if row else None

    def of_territory(
        self, territory: str, *, past: bool = False, people: bool = False
    ) -> list[AccountRegistered]:
        """Accounts that speak for a territory, its own first, then by network.

        `past`: those that no longer do; `people`: personal accounts, never to be shown as the
        territory's own. Refused ones are left out, and suspected ones.
        """
        query = with_parts().where(
            AccountRow.state != "refused",
            ~_SUSPECTED,
            AccountRow.owners.any(OwnerRow.territory == territory),
        )
        with self._database.reading() as session:
            rows = [
                row
                for row in session.scalars(query)
                if (people or row.owner_kind != "personne") and (past or _owned(row, territory))
            ]
            rows.sort(key=lambda row: (not _is_home(row, territory), row.network, row.address))
            return [self._event(row) for row in rows]

    def history(self, account: str) -> History:
        """All that is known of an account; raises UnknownError."""
        with self._database.reading() as session:
            return history_of(self._row(session, account), self._origin)

    def public(self, after: str, most: int) -> list[AccountRegistered]:
        """Return accounts of collectivités that are or were verified, by id, those after one."""
        query = with_parts().where(
            AccountRow.id > after,
            AccountRow.owner_kind == "collectivité",
            AccountRow.state.in_(("verified", "closed")),
        )
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(AccountRow.id).limit(most))
            return [self._event(row) for row in rows]

    def changes(self, most: int) -> list[Change]:
        """Return what last changed of accounts that the public knows, newest first."""
        with self._database.reading() as session:
            return latest_changes(session, most)

    def candidates(self, most: int, *, suspected: bool = False) -> list[History]:
        """Return accounts that wait for a decision: those that agents claim, or somebody reports.

        Then the others, oldest first.

        `suspected`: those that are known by their likeness to an official account alone.
        """
        query = with_parts().where(_waiting(suspected=suspected))
        claimed = AccountRow.proofs.any(ProofRow.source.in_(("claim", LIKENESS)))
        query = query.order_by(claimed.desc(), AccountRow.registered_at, AccountRow.id).limit(most)
        with self._database.reading() as session:
            return [history_of(row, self._origin) for row in session.scalars(query)]

    def waiting(self, *, suspected: bool = False) -> int:
        """Return how many accounts wait for a decision."""
        query = select(func.count()).where(_waiting(suspected=suspected))
        with self._database.reading() as session:
            return session.scalars(query).one()

    def verified(self, network: str) -> list[tuple[str, str, str, str]]:
        """Return id, handle, address and home territory of the verified accounts of a network.

        As they were `VERIFIED_KEPT` ago at most: who asks of an unknown address has them read.
        """
        kept = self._verified.get(network)
        if kept is None or not timedelta(0) <= self._now() - kept[0] < VERIFIED_KEPT:
            kept = self._verified[network] = (self._now(), self._read_verified(network))
        return kept[1]

    def _read_verified(self, network: str) -> list[tuple[str, str, str, str]]:
        query = (
            select(AccountRow.id, AccountRow.handle, AccountRow.address, OwnerRow.territory)
            .join(AccountRow.owners)
            .where(
                AccountRow.network == network,
                AccountRow.state == "verified",
                AccountRow.owner_kind == "collectivité",
                AccountRow.handle.is_not(None),
                OwnerRow.home,
                OwnerRow.until.is_(None),
            )
        )
        with self._database.reading() as session:
            rows = session.execute(query)
            return [(account, str(handle), at, home) for account, handle, at, home in rows]

    def impostors(self, territory: str) -> list[History]:
        """Return the accounts that were refused because they pass for a territory."""
        query = with_parts().where(
            AccountRow.state == "refused",
            or_(
                AccountRow.owners.any(OwnerRow.territory == territory),
                AccountRow.proofs.any(ProofRow.territory == territory),
            ),
            AccountRow.decisions.any(DecisionRow.reason == IMPOSTOR),
        )
        with self._database.reading() as session:
            found = [history_of(row, self._origin) for row in session.scalars(query)]
            return [one for one in found if one.impostor and territory in one.imitated]

    def take_back(self, account: str, *, by: str) -> AccountRegistered:
        """Make an account a candidate again, whose last decision was this person's.

        What the topic knew of it, it is told the end of. Raises UnknownError, TransitionError.
        """
        with self._database.writing() as session:
            row = self._row(session, account)
            last = max(row.decisions, key=lambda one: one.id, default=None)
            if last is None or last.decided_by != by or row.state == "closed":
                raise TransitionError(f"{account} was not decided by {by}")
            row.state, row.owner_kind = "candidate", "collectivité"
            decide(row, "annulé", by, self._now())
            return self._changed(session, row)

    def move(
        self,
        account: str,
        state: AccountState,
        *,
        reason: str,
        by: str,
        at: datetime | None = None,
    ) -> AccountRegistered:
        """Give an account another state (see NEXT); raises UnknownError, TransitionError.

        A doubtful account that a person verifies is no longer doubtful.
        """
        with self._database.writing() as session:
            row = self._row(session, account)
            if state not in NEXT[cast("AccountState", row.state)]:
                raise TransitionError(f"{row.state} → {state}")
            if row.state == "closed":
                self._refuse_taken(session, row, _identity(row))
            row.state = state
            row.doubtful = row.doubtful and state != "verified"
            decide(row, reason, by, at or self._now())
            return self._changed(session, row)

    def set_owner_kind(
        self, account: str, kind: OwnerKind, *, reason: str, by: str
    ) -> AccountRegistered:
        """Say that an account is a person's, or that it is not; raises UnknownError."""
        with self._database.writing() as session:
            row = self._row(session, account)
            row.owner_kind = kind
            decide(row, reason, by, self._now())
            return self._changed(session, row)

    def rename(
        self, account: str, identity: Identity, *, at: datetime | None = None
    ) -> AccountRegistered:
        """Note that the account now has another handle, native id or address; its id stays.

        Raises UnknownError, ConflictError when another open account has them.
        """
        with self._database.writing() as session:
            row = self._row(session, account)
            if identity.network != row.network:
                raise ConflictError(f"{identity.network} is not {row.network}")
            self._refuse_taken(session, row, identity)
            moment = at or self._now()
            for past in row.identities:
                past.until = past.until or moment
            if identity.handle is not None:
                row.handle, row.handle_key = identity.handle, handle_key(identity)
            row.native_id = identity.native_id or row.native_id
            row.address = identity.address
            row.identities.append(
                IdentityRow(
                    handle=row.handle,
                    native_id=row.native_id,
                    address=row.address,
                    since=moment,
                    until=None,
                )
            )
            return self._changed(session, row)

    def own(self, account: str, owner: Ownership) -> AccountRegistered:
        """Add an ownership; one that is the home takes that place from the present home."""
        with self._database.writing() as session:
            row = self._row(session, account)
            if owner.home:
                for other in row.owners:
                    other.home = other.home and other.until is not None
            row.owners.append(
                OwnerRow(
                    territory=owner.territory,
                    role=owner.role,
                    home=owner.home,
                    since=owner.since or self._now(),
                    until=owner.until,
                )
            )
            return self._changed(session, row)

    def disown(
        self, account: str, territory: str, *, at: datetime | None = None
    ) -> AccountRegistered:
        """End every ownership of a territory; raises UnknownError when there is none.

        When that was the home, the oldest ownership left becomes it.
        """
        with self._database.writing() as session:
            row = self._row(session, account)
            ended = [o for o in row.owners if o.territory == territory and o.until is None]
            if not ended:
                raise UnknownError(f"{account} does not speak for {territory}")
            for owner in ended:
                owner.until = at or self._now()
            left = [o for o in row.owners if o.until is None]
            if left and not any(o.home for o in left):
                left[0].home = True
            return self._changed(session, row)

    def _registering(self, claims: list[Claim]) -> list[Registered]:
        try:
            return self._take_all(claims)
        except IntegrityError:
            # Another process registered one of them meanwhile: now it is known.
            return self._take_all(claims)

    def _take_all(self, claims: list[Claim], *, rehearse: bool = False) -> list[Registered]:
        """Take claims in, all or none (none in a rehearsal), in one transaction."""
        same = same_identity(*(claim.identity for claim in claims))
        with self._database.writing() as session:
            rehearsal = session.begin_nested() if rehearse else None
            known = Known(session.scalars(with_parts().where(same)))
            taken = [take(claim, known, self._now(), self._mint) for claim in claims]
            session.add_all(row for row, outcome in taken if outcome == "created")
            session.flush()
            self._tell(session, *(row for row, _ in taken))
            registered = [Registered(self._event(row), outcome) for row, outcome in taken]
            if rehearsal:
                rehearsal.rollback()
            return registered

    def _row(self, session: Session, account: str) -> AccountRow:
        row = session.get(AccountRow, account, with_for_update=True)
        if row is None:
            raise UnknownError(f"no account {account}")
        return row

    def _refuse_taken(self, session: Session, row: AccountRow, identity: Identity) -> None:
        others = with_parts().where(
            same_identity(identity), AccountRow.id != row.id, AccountRow.state != "closed"
        )
        if (other := session.scalars(others).first()) is not None:
            raise ConflictError(f"{identity.address} is the account {other.id}")

    def _changed(self, session: Session, row: AccountRow) -> AccountRegistered:
        row.revision = next_revision(row.revision)
        row.changed_at = self._now()
        withdraw_unowned(session, row, self._now())
        self._tell(session, row)
        return self._event(row)

    def _tell(self, session: Session, *rows: AccountRow) -> None:
        told = [row.id for row in rows if must_be_told(row)]
        mark(session, ACCOUNTS_REGISTERED, told, self._now())

    def _event(self, row: AccountRow) -> AccountRegistered:
        return account_event(row, self._origin)


_SUSPECTED = and_(
    AccountRow.state == "candidate",
    AccountRow.proofs.any(ProofRow.source == "likeness"),
    ~AccountRow.proofs.any(ProofRow.source != "likeness"),
)
"""Accounts whose name alone, like that of a territory's own account, speaks for the territory."""


def _waiting(*, suspected: bool) -> ColumnElement[bool]:
    waits = and_(AccountRow.state == "candidate", AccountRow.owner_kind == "collectivité")
    return and_(waits, _SUSPECTED if suspected else ~_SUSPECTED)


def _identity(row: AccountRow) -> Identity:
    return Identity(row.network, row.address, row.handle, row.native_id, row.doubtful)


def _owned(row: AccountRow, territory: str) -> bool:
    return any(owner.territory == territory and owner.until is None for owner in row.owners)


def _is_home(row: AccountRow, territory: str) -> bool:
    return any(owner.home and owner.territory == territory for owner in row.owners)
