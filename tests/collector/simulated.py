"""The invented world as the collector sees it: its accounts, registered."""

from datetime import datetime

from contracts.accounts import AccountRegistered
from simulation.accounts import Account
from simulation.world import World
from tests.accounts import account_registered


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
    return account_registered(
        account.id, at, network=account.network, handle=handle, address=handle,
        native_id=account.native_id if account.network != "rss" else None,
        owner_kind="personne" if account.role == "mayor" else "collectivité",
    )  # fmt: skip
