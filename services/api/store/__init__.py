"""The small state of the api: accounts, watches, messages. Only the api opens it.

    store = Store("sqlite:///observatoire.db", origin="simulation", now=clock.now)
    store.migrate()
    store.accounts.of_territory("62498")             # [AccountRegistered], its own first
    store.accounts.register(Claim(identity, owners, proof))
    store.accounts.move(account, "verified", reason="…", by="…")
    store.watches.create(WatchDraft(…), ("mailto:a@b.fr",), invite)   # Watched
    store.watches.confirm(token)                      # Watched, address
    store.messages.add("mailto:a@b.fr", "watch_confirmation", Mail(…))

Methods block and are safe from any thread: plain `def` routes, or `asyncio.to_thread`. Each is one
transaction (`register_all`, one for so many claims), and marks in the outbox what it changed;
`services.api.store.relay.outbox.Relay` tells the topics.
They give back events (contracts), which are frozen. What is refused is a `StoreError`
(`UnknownError`, `TransitionError`, `ConflictError`, `StaleError`).
"""

from services.api.store.errors import (
    ConflictError,
    StaleError,
    StoreError,
    TransitionError,
    UnknownError,
)
from services.api.store.messages import Mail
from services.api.store.registry.claims import (
    Claim,
    Decision,
    History,
    PastIdentity,
    Proof,
    Registered,
    SeenProof,
    outcomes,
)
from services.api.store.store import Store
from services.api.store.watches import WatchDraft

__all__ = [
    "Claim",
    "ConflictError",
    "Decision",
    "History",
    "Mail",
    "PastIdentity",
    "Proof",
    "Registered",
    "SeenProof",
    "StaleError",
    "Store",
    "StoreError",
    "TransitionError",
    "UnknownError",
    "WatchDraft",
    "outcomes",
]
