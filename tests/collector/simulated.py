"""The invented world as the collector sees it: its accounts, registered."""

from datetime import datetime

from contracts.accounts import AccountRegistered
from contracts.networks import network_of
from simulation.country.accounts import Account
from simulation.country.world import World
from tests.events import account_registered


def asked_by_name(account: Account) -> bool:
    """Tell whether an account is asked for by its name alone: a new one has to be said by hand."""
    return not network_of(account.network).profiles_per_request


def accounts(world: World, at: datetime) -> list[AccountRegistered]:
    """Return the accounts of a world, registered by the handle that each had first."""
    return [registered(account, at) for account in world.accounts]


def registered(account: Account, at: datetime) -> AccountRegistered:
    """Return an account of the world as the registry would say it."""
    handle = account.observed_handle(0)
    return account_registered(
        account.id, at, network=account.network, handle=handle, address=handle,
        native_id=None if network_of(account.network).paced else account.native_id,
        owner_kind="personne" if account.role == "mayor" else "collectivité",
    )  # fmt: skip
