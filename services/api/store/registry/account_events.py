"""Accounts of the registry as events and as histories."""

from contracts.accounts import AccountRegistered, Ownership
from contracts.event import Origin, hashed_id
from contracts.topics import ACCOUNTS_REGISTERED
from services.api.store.models import AccountRow
from services.api.store.registry.claims import History


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


AS_STORED = (
    *("revision", "network", "native_id", "address", "name", "owner_kind", "state"),
    *("registered_at", "changed_at"),
)
"""Fields of the event that are columns of the row."""


def account_event(row: AccountRow, origin: Origin) -> AccountRegistered:
    """The account as an event; without a handle, its native id stands for it."""
    return AccountRegistered(
        event_id=hashed_id(ACCOUNTS_REGISTERED.name, row.id, str(row.revision)),
        origin=origin,
        account=row.id,
        handle=row.handle or row.native_id or row.address,
        owners=tuple(Ownership.model_validate(one, from_attributes=True) for one in row.owners),
        covers=tuple(row.covers or ()),
        **{name: getattr(row, name) for name in AS_STORED},
    )


def history_of(row: AccountRow, origin: Origin) -> History:
    """All that is known of an account."""
    parts = {name: getattr(row, name) for name in ("identities", "decisions", "proofs")}
    return History(account=account_event(row, origin), doubtful=row.doubtful, **parts)
