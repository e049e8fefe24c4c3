"""Which accounts a territory owns: what they publish is no news to it."""

from contracts.accounts import AccountRegistered


class Accounts:
    """The registered accounts by territory; fed by the table of accounts."""

    def __init__(self) -> None:
        self._accounts: dict[str, AccountRegistered] = {}
        self._of_territory: dict[str, set[str]] = {}

    def change(self, account: str, registered: AccountRegistered | None) -> None:
        """Take an account as it is now, None when it was erased."""
        before = self._accounts.pop(account, None)
        for territory in _territories(before):
            self._of_territory[territory].discard(account)
            if not self._of_territory[territory]:
                del self._of_territory[territory]
        if registered is not None:
            self._accounts[account] = registered
            for territory in _territories(registered):
                self._of_territory.setdefault(territory, set()).add(account)

    def own(self, territory: str) -> frozenset[str]:
        """Return what the territory's accounts go by: id, handle, address, native id."""
        names: set[str] = set()
        for account in self._of_territory.get(territory, ()):
            registered = self._accounts[account]
            names |= {account, registered.handle, registered.address}
            if registered.native_id:
                names.add(registered.native_id)
        return frozenset(names)

    def personal(self, account: str) -> bool:
        """Tell whether it is an elected official's own account: never matched."""
        registered = self._accounts.get(account)
        return registered is not None and registered.owner_kind == "personne"

    def address(self, account: str) -> str | None:
        """Return the public address of an account."""
        registered = self._accounts.get(account)
        return registered.address if registered else None


def _territories(registered: AccountRegistered | None) -> set[str]:
    if registered is None:
        return set()
    return {owner.territory for owner in registered.owners if owner.until is None}
