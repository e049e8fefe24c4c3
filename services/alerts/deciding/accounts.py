"""Which accounts a territory owns: what they publish is no news to it. And what is known of them:
for whom they speak, how many follow them."""

from contracts.accounts import AccountRegistered
from contracts.jobs import JobEnded


class Accounts:
    """The registered accounts by territory; fed by the table of accounts.

    How many follow them is heard from the jobs that read their profiles.
    """

    def __init__(self) -> None:
        self._accounts: dict[str, AccountRegistered] = {}
        self._followers: dict[str, int] = {}
        self._covered: dict[str, tuple[str, ...]] = {}
        self._of_territory: dict[str, set[str]] = {}

    def change(self, account: str, registered: AccountRegistered | None) -> None:
        """Take an account as it is now, None when it was erased."""
        before = self._accounts.pop(account, None)
        for territory in _territories(before):
            self._of_territory[territory].discard(account)
            if not self._of_territory[territory]:
                del self._of_territory[territory]
        if before is not None:
            self._covered.pop(before.handle, None)
        if registered is None:
            self._followers.pop(account, None)
        else:
            self._accounts[account] = registered
            if registered.covers:
                self._covered[registered.handle] = registered.covers
            for territory in _territories(registered):
                self._of_territory.setdefault(territory, set()).add(account)

    def hear(self, ended: JobEnded) -> None:
        """Hear how many follow the accounts of a job."""
        known = ended.followers.items()
        self._followers |= {one: count for one, count in known if one in self._accounts}

    def covered(self, source: str) -> tuple[str, ...]:
        """Return the territories of which a source declares to speak."""
        return self._covered.get(source, ())

    def places(self, account: str) -> tuple[str, ...]:
        """Return the territories that an account speaks for."""
        return tuple(sorted(_territories(self._accounts.get(account))))

    def followers(self, account: str) -> int | None:
        """Return how many follow an account, as last read; None where that is not known."""
        return self._followers.get(account)

    def own(self, territory: str) -> frozenset[str]:
        """Return what the territory's accounts go by: id, handle, address, native id."""
        accounts = self._of_territory.get(territory, ())
        return frozenset[str]().union(*(self._accounts[account].names for account in accounts))

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
