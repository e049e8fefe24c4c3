"""Why an account could not be read, since when, and what its agent can do: never a zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.networks import network_of
from services.api.figures.rows import Outcome, TerritoryAccount

READ = ("done", "unchanged")

WHY = {
    "refused": "{network} refuse que nous lisions ce compte.",
    "credential": "notre jeton d’accès n’est plus accepté par {network}.",
    "gone": "{network} ne trouve aucun compte à l’adresse que nous connaissons.",
    "rate_limited": "nous avons épuisé ce que {network} nous permet de lire ; nous reprendrons.",
    "unavailable": "{network} ne répond pas à nos demandes.",
    "expired": "notre demande n’a pas pu partir à temps.",
}
"""By how the last attempt ended (`Cause` of contracts/jobs.py)."""

TO_DO = {
    "refused": "rien : l’accord dépend du réseau, et c’est à nous de l’obtenir.",
    "credential": "rien : c’est à nous de le renouveler.",
    "gone": "si le compte a changé d’adresse, signalez la nouvelle.",
}
NOTHING_TO_DO = "rien : nous essayons encore, de nous-mêmes."
NOT_YET_DECLARED = "Déposer ici l’export de votre page n’est pas encore possible."
REVIEWED = "{network} n’ouvre pas toutes les pages à notre application."
UNTRIED = "aucun relevé n’a encore abouti ; nous l’essayons au moins toutes les {hours} h."


@dataclass(frozen=True, slots=True)
class Unread:
    """An account that no reading reached: sentences in French, instants in UTC.

    `since` is the oldest attempt known to have failed, `tried` the last one; None before any.
    `read_at` is when it was last read, be it before or after its month; None if never.
    """

    why: str
    to_do: str
    since: datetime | None
    tried: datetime | None
    read_at: datetime | None


def unread(account: TerritoryAccount, outcomes: Sequence[Outcome]) -> Unread:
    """Tell what is known from the ends of the last collections, newest first."""
    failed: list[Outcome] = []
    for one in outcomes:
        if one.cause in READ:
            break
        failed.append(one)
    network = network_of(account.network)
    cause = failed[0].cause if failed else ""
    hours = int(network.freshness.profile // 3600)
    why = WHY.get(cause, UNTRIED).format(network=network.name, hours=hours)
    if network.route == "reviewed" and cause in ("refused", ""):
        why += f" {REVIEWED.format(network=network.name)}"
    to_do = TO_DO.get(cause, NOTHING_TO_DO)
    if network.route == "reviewed":
        to_do += f" {NOT_YET_DECLARED}"
    return Unread(
        why=why,
        to_do=to_do,
        since=failed[-1].ended_at if failed else None,
        tried=failed[0].ended_at if failed else None,
        read_at=account.observed_at,
    )
