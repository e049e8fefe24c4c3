"""Candidates of accounts, for the tests of the desk."""

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from services.api.store import Store
from services.api.store.registry.claims import Claim, Proof
from tests.api.world import NOW

DESK = "/bureau/comptes"


def candidate(store: Store, number: int, source: str = "annuaire") -> str:
    """An account that the directory gives to Essai-sur-Onde."""
    handle = f"ville-{number:03}.example"
    identity = read_address(f"https://bsky.app/profile/{handle}")
    assert isinstance(identity, Identity)
    proof = Proof(source, f"annuaire n° {number}", NOW)  # type: ignore[arg-type]
    made = store.accounts.register(Claim(identity, (Ownership(territory="00101"),), proof))
    return made.account.account


def states(store: Store, accounts: list[str]) -> list[tuple[str, str]]:
    known = [store.accounts.get(one) for one in accounts]
    return [(one.state, one.owner_kind) for one in known if one is not None]
