"""The invented world as the collector sees it: its accounts, registered."""

from datetime import datetime

from contracts.accounts import AccountRegistered, Ownership
from simulation.accounts import Account
from simulation.world import World


def accounts(world: World, at: datetime) -> list[AccountRegistered]:
    """Return the accounts of a world, registered by the handle that each had first."""
    return [registered(account, at) for account in world.accounts]


def registered(account: Account, at: datetime) -> AccountRegistered:
    """Return an account of the world as the registry would say it."""
    handle = account.first_handle
    if account.network == "mastodon":
        handle = f"{handle}@{account.host}"
    if account.network == "rss":
        handle = account.native_id
    return AccountRegistered(
        event_id=f"registered-{account.id}",
        origin="simulation",
        account=account.id,
        revision=1,
        network=account.network,
        handle=handle,
        native_id=account.native_id if account.network != "rss" else None,
        address=handle,
        owner_kind="personne" if account.role == "mayor" else "collectivité",
        owners=(Ownership(territory="00001", home=True),),
        state="verified",
        registered_at=at,
        changed_at=at,
    )
