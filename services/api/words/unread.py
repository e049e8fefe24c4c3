"""Why an account could not be read, since when, and what its agent can do: never a zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.jobs import CAUSES, CauseWords
from contracts.networks import network_of
from services.api.figures.rows import Outcome, TerritoryAccount

READ = ("done", "unchanged")
WORDS: Mapping[str, CauseWords] = {str(cause): words for cause, words in CAUSES.items()}

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
    known = WORDS.get(cause)
    hours = int(network.freshness.profile // 3600)
    why = (known.why if known else UNTRIED).format(network=network.name, hours=hours)
    if network.route == "reviewed" and cause in ("refused", ""):
        why += f" {REVIEWED.format(network=network.name)}"
    to_do = (known or CAUSES["expired"]).to_do
    if network.route == "reviewed":
        to_do += f" {NOT_YET_DECLARED}"
    return Unread(
        why=why,
        to_do=to_do,
        since=failed[-1].ended_at if failed else None,
        tried=failed[0].ended_at if failed else None,
        read_at=account.observed_at,
    )
