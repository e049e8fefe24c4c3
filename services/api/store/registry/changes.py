"""What changed of the accounts that the public knows: added, renamed, closed, refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from services.api.store.models import AccountRow, DecisionRow, IdentityRow
from services.api.store.registry.registering import with_parts

Kind = Literal["added", "renamed", "closed", "refused"]
_KINDS: dict[str, Kind] = {"verified": "added", "closed": "closed", "refused": "refused"}


@dataclass(frozen=True, slots=True)
class Change:
    """A change (UTC): of which account, now at which address; `before` is its former handle.

    A refused account names no territory.
    """

    account: str
    kind: Kind
    at: datetime
    network: str
    handle: str
    address: str
    territories: tuple[str, ...]
    before: str = ""


def latest_changes(session: Session, most: int) -> list[Change]:
    """Return the latest changes, newest first.

    Of accounts of collectivités that were verified once: a candidate that is refused was nobody's
    business but of those who looked at it, and an account that is a person's is told of no more.
    """
    known = {
        *session.scalars(_decided().limit(most)),
        *session.scalars(_renamed().limit(most)),
    }
    rows = session.scalars(with_parts().where(AccountRow.id.in_(sorted(known))))
    changes = sorted((one for row in rows for one in _changes(row)), key=lambda one: one.at)
    return changes[: -most - 1 : -1]


def _decided() -> Select[str]:
    """Accounts by their decisions that are changes (as `_changes` tells them), newest first."""
    account, order = DecisionRow.account, DecisionRow.id
    verified = case((DecisionRow.state == "verified", 1), else_=0)
    decisions = (
        select(
            DecisionRow.account,
            DecisionRow.state,
            DecisionRow.decided_at,
            func.lag(DecisionRow.state, 1, "")
            .over(partition_by=account, order_by=order)
            .label("before"),
            func.max(verified).over(partition_by=account, order_by=order).label("was_verified"),
        )
        .where(DecisionRow.account.in_(_verified_once()))
        .subquery()
    )
    at = decisions.c
    return (
        select(at.account)
        .where(at.state.in_(_KINDS), at.state != at.before, at.was_verified == 1)
        .order_by(at.decided_at.desc())
    )


def _renamed() -> Select[str]:
    """Accounts by their renames since they were verified, newest first."""
    verified_at = (
        select(func.min(DecisionRow.decided_at))
        .where(DecisionRow.account == IdentityRow.account, DecisionRow.state == "verified")
        .correlate(IdentityRow)
        .scalar_subquery()
    )
    before = func.lag(IdentityRow.address).over(
        partition_by=IdentityRow.account, order_by=IdentityRow.id
    )
    identities = (
        select(
            IdentityRow.account,
            IdentityRow.address,
            IdentityRow.since,
            before.label("before"),
            verified_at.label("verified_at"),
        )
        .where(IdentityRow.account.in_(_verified_once()))
        .subquery()
    )
    at = identities.c
    return (
        select(at.account)
        .where(at.before != at.address, at.since >= at.verified_at)
        .order_by(at.since.desc())
    )


def _verified_once() -> Select[str]:
    """Accounts of collectivités that were verified once."""
    return (
        select(DecisionRow.account)
        .join(AccountRow, AccountRow.id == DecisionRow.account)
        .where(AccountRow.owner_kind == "collectivité", DecisionRow.state == "verified")
    )


def _changes(row: AccountRow) -> Iterator[Change]:
    verified_at: datetime | None = None
    state = ""
    for decision in row.decisions:
        if decision.state != state and (kind := _KINDS.get(decision.state)):
            if kind == "added":
                verified_at = verified_at or decision.decided_at
            if verified_at:
                yield _change(row, kind, decision.decided_at)
        state = decision.state
    for before, after in pairwise(row.identities):
        if verified_at and after.since >= verified_at and before.address != after.address:
            yield _change(row, "renamed", after.since, before.handle or before.address)


def _change(row: AccountRow, kind: Kind, at: datetime, before: str = "") -> Change:
    owners = sorted(
        (one for one in row.owners if one.until is None or row.state == "closed"),
        key=lambda one: not one.home,
    )
    return Change(
        account=row.id,
        kind=kind,
        at=at,
        network=row.network,
        handle=row.handle or row.native_id or row.address,
        address=row.address,
        territories=() if row.state == "refused" else tuple(one.territory for one in owners),
        before=before,
    )
