"""What changed of the accounts that the public knows: added, renamed, closed, refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from sqlalchemy import ScalarSelect, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

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

    Only accounts of collectivités that were verified once are told of. A refused candidate concerns
    only those who looked at it; an account that turns out to be a person's is no longer told of.
    """
    known = {
        *session.scalars(_decided().limit(most)),
        *session.scalars(_renamed().limit(most)),
    }
    rows = session.scalars(with_parts().where(AccountRow.id.in_(sorted(known))))
    changes = sorted((one for row in rows for one in _changes(row)), key=lambda one: one.at)
    return changes[: -most - 1 : -1]


def _before(
    row: type[DecisionRow] | type[IdentityRow],
    earlier: type[DecisionRow] | type[IdentityRow],
    value: InstrumentedAttribute[str],
) -> ScalarSelect[str]:
    """A value of the row just before, of the same account; `earlier` is the alias it is of."""
    return (
        select(value)
        .where(earlier.account == row.account, earlier.id < row.id)
        .order_by(earlier.id.desc())
        .limit(1)
        .correlate(row)
        .scalar_subquery()
    )


def _decided() -> Select[str]:
    """Accounts by their decisions that are changes (as `_changes` tells them), newest first."""
    earlier = aliased(DecisionRow)
    before = _before(DecisionRow, earlier, earlier.state)
    verified = exists().where(
        earlier.account == DecisionRow.account,
        earlier.id <= DecisionRow.id,
        earlier.state == "verified",
    )
    return (
        select(DecisionRow.account)
        .join(AccountRow, AccountRow.id == DecisionRow.account)
        .where(
            AccountRow.owner_kind == "collectivité",
            DecisionRow.state.in_(_KINDS),
            or_(DecisionRow.state == "verified", verified),
            func.coalesce(before, "") != DecisionRow.state,
        )
        .order_by(DecisionRow.decided_at.desc())
    )


def _renamed() -> Select[str]:
    """Accounts by their renames since they were verified, newest first."""
    earlier = aliased(IdentityRow)
    before = _before(IdentityRow, earlier, earlier.address)
    return (
        select(IdentityRow.account)
        .join(AccountRow, AccountRow.id == IdentityRow.account)
        .where(
            AccountRow.owner_kind == "collectivité",
            before != IdentityRow.address,
            exists().where(
                DecisionRow.account == IdentityRow.account,
                DecisionRow.state == "verified",
                DecisionRow.decided_at <= IdentityRow.since,
            ),
        )
        .order_by(IdentityRow.since.desc())
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
