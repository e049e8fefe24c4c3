"""Networks that show an account to its owner alone: every call is made with her token."""

from simulation.country.accounts import Account, InventedAccounts
from simulation.country.world import World
from simulation.history.ledger import Ledger
from simulation.serving.api import Api, Charge, Refusal
from simulation.serving.consent import Consents
from simulation.serving.exchange import Answer, Asked
from simulation.serving.graph import token_of


class OwnedAccounts(InventedAccounts):
    """Accounts of such a network: nobody has connected one when the world begins."""

    by_consent = True

    def observable(self, account: Account) -> bool:
        """Nothing is seen of it before its owner lets us."""
        return False


class OwnedNetwork(Api):
    """A network that answers the owner of an account, by her token, of that account.

    - ``life``, ``ends``: those of `Consents`.
    """

    by_owner = True
    life: int
    ends: str

    def __init__(self, world: World, ledger: Ledger) -> None:
        """Take the world; no owner of an account has let anybody read it yet."""
        super().__init__(world, ledger)
        slug, seed = self.accounts.slug, str(world.seed)
        self.consents = Consents(slug, seed, life=self.life, ends=self.ends)

    def answer(self, asked: Asked) -> Answer:
        """Answer a call, or what leads to a token: that is counted in no quota."""
        return self.consents.answer(asked, self.named) or super().answer(asked)

    def charge(self, asked: Asked) -> Charge:
        """A call of an owner: hers is counted apart from that of others."""
        return Charge(f"{self.accounts.slug} {self.own(asked).native_id}", asked.path)

    def own(self, asked: Asked) -> Account:
        """The account of a call's token, hidden from others or not. Raises ``Refusal``."""
        held = self.consents.held(token_of(asked), asked.moment)
        account = self._by_id.get(("", held.native_id)) if held else None
        if account is None or account.created > asked.moment or account.closed_by(asked.moment):
            raise Refusal(self.expired())
        return account
