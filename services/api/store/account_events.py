"""Accounts of the registry as events and as histories."""

from typing import Any, cast

from contracts.accounts import AccountRegistered, AccountState, Ownership
from contracts.event import Origin, hashed_id
from contracts.topics import ACCOUNTS_REGISTERED
from services.api.store.claims import Decision, History, OwnerKind, PastIdentity, SeenProof
from services.api.store.models import AccountRow


def must_be_told(row: AccountRow) -> bool:
    """Whether the topic has yet to know the account as it is.

    It knows what is verified or ended, of a collectivité; and what it once knew it must be told the
    end of, a person's account above all.
    """
    if row.published_revision:
        return row.revision > row.published_revision
    return row.owner_kind == "collectivité" and row.state in ("verified", "closed")


def published_event(row: AccountRow, origin: Origin) -> AccountRegistered:
    """The account as the topic is told: a person's is refused there, whatever its state here."""
    event = account_event(row, origin)
    if row.owner_kind == "personne":
        return event.model_copy(update={"state": "refused"})
    return event


def account_event(row: AccountRow, origin: Origin) -> AccountRegistered:
    """The account as an event; without a handle, its native id stands for it."""
    return AccountRegistered(
        event_id=hashed_id(ACCOUNTS_REGISTERED.name, row.id, str(row.revision)),
        origin=origin,
        account=row.id,
        revision=row.revision,
        network=row.network,
        handle=row.handle or row.native_id or row.address,
        native_id=row.native_id,
        address=row.address,
        name=row.name,
        owner_kind=cast("OwnerKind", row.owner_kind),
        owners=tuple(
            Ownership(
                territory=owner.territory,
                role=cast("Any", owner.role),
                home=owner.home,
                since=owner.since,
                until=owner.until,
            )
            for owner in row.owners
        ),
        state=cast("AccountState", row.state),
        registered_at=row.registered_at,
        changed_at=row.changed_at,
    )


def history_of(row: AccountRow, origin: Origin) -> History:
    """All that is known of an account."""
    return History(
        account=account_event(row, origin),
        doubtful=row.doubtful,
        identities=tuple(
            PastIdentity(i.handle, i.native_id, i.address, i.since, i.until) for i in row.identities
        ),
        decisions=tuple(
            Decision(
                cast("AccountState", d.state),
                cast("OwnerKind", d.owner_kind),
                d.reason,
                d.decided_by,
                d.decided_at,
            )
            for d in row.decisions
        ),
        proofs=tuple(
            SeenProof(
                p.territory,
                cast("Any", p.source),
                p.reference,
                p.detail,
                p.first_seen_at,
                p.last_seen_at,
            )
            for p in row.proofs
        ),
    )
