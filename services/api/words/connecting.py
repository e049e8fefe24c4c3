"""How the connection of an account goes, in words: open, ending, refused, withdrawn, none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.networks import Network
from libs import french
from services.api.store.agents.connections import Connection

TOLD_BEFORE = timedelta(days=14)
"""A token is renewed at half its life: one that is so near its end could not be."""


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """What is said of a connection: `mark` is that of a tag; `mend`: its agent should connect it.

    `open`: it can be withdrawn.
    """

    words: str
    told: str
    mark: str = ""
    open: bool = False
    mend: bool = False


def connection_state(known: Connection | None, network: Network, now: datetime) -> ConnectionState:
    """Return how the connection of an account of a network goes."""
    if known is None:
        return ConnectionState("non connecté", "")
    if known.state == "withdrawn":
        day = french.short_day(known.changed_at)
        if known.telling:
            return ConnectionState("retiré", f"le {day} : nous le disons à {network.name}")
        ended = f", et {network.name} a mis fin à l’accord" if known.revoked else ""
        return ConnectionState("retiré", f"le {day} : nous n’avons plus rien qui l’ouvre{ended}")
    by = f"par {known.connected_by} le {french.short_day(known.connected_at)}"
    end = french.short_day(known.expires_at)
    if known.refused is not None or known.expires_at <= now:
        since = french.short_day(known.changed_at if known.refused else known.expires_at)
        told = f"{network.name} ne nous l’ouvre plus depuis le {since} ; connecté {by}"
        return ConnectionState("refusé", told, "bad", open=True, mend=True)
    prolonged = network.consent is None or network.consent.renews
    if known.expires_at - now <= TOLD_BEFORE:
        why = f"{network.name} n’a pas prolongé l’accord" if prolonged else "redonnez l’accord"
        told = f"le {end} : {why} donné {by}"
        return ConnectionState("prend fin", told, "bad", open=True, mend=True)
    then = "nous le prolongeons" if prolonged else "vous aurez à le redonner"
    told = f"{by}, jusqu’au {end} ; {then} avant cette date"
    return ConnectionState("connecté", told, "ok", open=True)
