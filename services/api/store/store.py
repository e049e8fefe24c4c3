"""The one object that stands for the small state."""

import secrets
from collections.abc import Callable
from datetime import datetime

from contracts.event import Origin
from libs.sealing import Seal
from services.api.store.acknowledgements import AcknowledgementStore
from services.api.store.agents.attempts import AttemptStore
from services.api.store.agents.circumstances import CircumstanceStore
from services.api.store.agents.connections import ConnectionStore
from services.api.store.agents.declarations import DeclarationStore
from services.api.store.agents.delegations import DelegationStore
from services.api.store.agents.elections import ElectoralStore
from services.api.store.agents.entitled import EntitledStore
from services.api.store.agents.journal import JournalStore
from services.api.store.agents.mondays import MondayStore
from services.api.store.agents.notes import NoteStore
from services.api.store.agents.sessions import SessionStore
from services.api.store.agents.teams import TeamStore
from services.api.store.agents.tokens import TokenStore
from services.api.store.contests import ContestStore
from services.api.store.database import Database
from services.api.store.messages import MessageStore
from services.api.store.months.embargoes import EmbargoStore
from services.api.store.months.notices import MonthNoticeStore
from services.api.store.receiving import ReceivingStore
from services.api.store.registry.accounts import AccountStore
from services.api.store.rights import RightsStore
from services.api.store.watches import WatchStore


def mint_id() -> str:
    """A new opaque id: 16 hexadecimal digits, drawn at random."""
    return secrets.token_hex(8)


class Store:
    """Accounts, watches and messages of an installation, over one database.

    `origin` is the installation's ("live", "simulation") and stands on every event; `now` is the
    injected clock's; `seal` is how recipients are sealed on topics, `token_seal` how tokens of
    connected accounts are, here too.
    """

    def __init__(
        self,
        url: str,
        *,
        origin: Origin,
        now: Callable[[], datetime],
        mint: Callable[[], str] = mint_id,
        seal: Seal | None = None,
        token_seal: Seal | None = None,
    ) -> None:
        self.database = Database(url)
        self.seal = seal or Seal()
        self.origin: Origin = origin
        self.now = now
        self.accounts = AccountStore(self.database, origin, now, mint)
        self.messages = MessageStore(self.database, origin, now, mint)
        self.watches = WatchStore(self.database, origin, now, mint, self.messages)
        self.receiving = ReceivingStore(self.database, origin, now, mint, self.messages)
        self.rights = RightsStore(self.database, origin, now, mint)
        self.contests = ContestStore(self.database, origin, now, mint)
        self.connections = ConnectionStore(
            self.database, origin, now, mint, token_seal or Seal(purpose="token")
        )
        self.declarations = DeclarationStore(self.database, origin, now, mint)
        self.circumstances = CircumstanceStore(self.database, origin, now, mint)
        self.mondays = MondayStore(self.database, origin, now, mint)
        self.notes = NoteStore(self.database, origin, now, mint)
        self.delegations = DelegationStore(self.database, origin, now, mint)
        self.elections = ElectoralStore(self.database, origin, now, mint)
        self.month_notices = MonthNoticeStore(self.database, origin, now, mint)
        self.embargoes = EmbargoStore(self.database, origin, now, mint)
        self.entitled = EntitledStore(self.database, origin, now, mint)
        self.attempts = AttemptStore(self.database, origin, now, mint)
        self.sessions = SessionStore(self.database, origin, now, mint, self.messages)
        self.teams = TeamStore(self.database, origin, now, mint, self.messages)
        self.tokens = TokenStore(self.database, origin, now, mint)
        self.journal = JournalStore(self.database, origin, now, mint)
        self.acknowledgements = AcknowledgementStore(self.database, now)

    def migrate(self) -> None:
        """Bring the schema up to date; safe when several processes do it at once."""
        self.database.migrate()

    def close(self) -> None:
        """Close the connections."""
        self.database.close()
