"""The accounts that a live day would begin with: those that the registry says to collect."""

from contracts.accounts import AccountRegistered
from contracts.addresses import Identity
from contracts.topics import ACCOUNTS_REGISTERED
from libs.wire.table import Table
from libs.wire.wire import Wire
from services.collector.planning.schedule import subject_of


async def registered(wire: Wire) -> dict[str, list[Identity]]:
    """Return the accounts that are collected, by network. Raises `KafkaError` without a broker."""
    table = Table(wire, ACCOUNTS_REGISTERED, AccountRegistered)
    await table.start()
    await table.stop()
    found: dict[str, list[Identity]] = {}
    for account in sorted(table.rows.values(), key=lambda one: one.account):
        if subject_of(account) is not None:
            identity = Identity(account.network, account.address, account.handle, account.native_id)
            found.setdefault(account.network, []).append(identity)
    return found
