"""What changed of the accounts that the public knows: added, renamed, closed, refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from sqlalchemy import select
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
    ours = AccountRow.owner_kind == "collectivité"
    decided = (
        select(DecisionRow.account)
        .join(AccountRow, AccountRow.id == DecisionRow.account)
        .where(ours, DecisionRow.state.in_(_KINDS))
        .order_by(DecisionRow.decided_at.desc())
        .limit(most)
    )
    renamed = (
        select(IdentityRow.account)
        .join(AccountRow, AccountRow.id == IdentityRow.account)
        .where(ours)
        .order_by(IdentityRow.since.desc())
        .limit(most)
    )
    known = {*session.scalars(decided), *session.scalars(renamed)}
    rows = session.scalars(with_parts().where(AccountRow.id.in_(sorted(known))))
    changes = sorted((one for row in rows for one in _changes(row)), key=lambda one: one.at)
    return changes[: -most - 1 : -1]


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
