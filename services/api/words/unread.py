"""Why an account could not be read, since when, and what its agent can do: never a zero."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.jobs import ABSENCES, CAUSES, CauseWords
from contracts.networks import network_of
from libs import french
from services.api.declaring.exports import declarable
from services.api.figures.rows import NetworkAbsences, Outcome, TerritoryAccount

READ = ("done", "unchanged")
WORDS: Mapping[str, CauseWords] = {str(cause): words for cause, words in CAUSES.items()}
ABSENT: Mapping[str, CauseWords] = {str(absence): words for absence, words in ABSENCES.items()}

NOTHING_TO_DO = "rien"
REVIEWED = "{network} n’ouvre pas toutes les pages à notre application."
BY_OWNER = (
    "{network} ne montre un compte qu’à son titulaire : nous ne le lisons que s’il le connecte."
)
UNTRIED = "aucun relevé n’a encore abouti ; nous l’essayons au moins toutes les {hours} h."


@dataclass(frozen=True, slots=True)
class Unread:
    """An account that no reading reached: sentences in French, instants in UTC.

    `declare`: its agent can upload what its network's own tool exports; `to_do` is then empty where
    nothing else can be done. `connect`: its owner can let us read it.
    `since` is the oldest attempt known to have failed, `tried` the last one; None before any.
    `read_at` is when it was last read, be it before or after its month; None if never.
    """

    why: str
    to_do: str
    since: datetime | None
    tried: datetime | None
    read_at: datetime | None
    declare: bool = False
    connect: bool = False


def unread(account: TerritoryAccount, outcomes: Sequence[Outcome]) -> Unread:
    """Tell what is known from the ends of the last collections, newest first."""
    failed: list[Outcome] = []
    for one in outcomes:
        if one.cause in READ:
            break
        failed.append(one)
    network = network_of(account.network)
    cause = failed[0].cause if failed else ""
    known = ABSENT.get(account.absence or "") or WORDS.get(cause)
    hours = int(network.freshness.profile // 3600)
    untried = BY_OWNER if network.by_owner else UNTRIED
    why = (known.why if known else untried).format(network=network.name, hours=hours)
    if network.route == "reviewed" and cause in ("refused", ""):
        why += f" {REVIEWED.format(network=network.name)}"
    to_do = (known or CAUSES["expired"]).to_do.format(network=network.name)
    if cause == "gone" and network.if_gone:
        to_do = f"{french.sentence_case(network.if_gone)} {french.sentence_case(to_do)}"
    declare = network.route != "open" and network.slug in declarable()
    opened = network.by_owner or cause in ("refused", "credential")
    if (declare or network.by_owner) and to_do.startswith(NOTHING_TO_DO):
        to_do = ""
    return Unread(
        why=why,
        to_do=to_do,
        since=failed[-1].ended_at if failed else None,
        tried=failed[0].ended_at if failed else None,
        read_at=account.observed_at,
        declare=declare,
        connect=opened and network.consent is not None,
    )


def absent(account: TerritoryAccount) -> str:
    """Say how an account is not there: « suspendu depuis le 24 nov. 2026 », or nothing."""
    if (words := ABSENT.get(account.absence or "")) is None or account.absent_since is None:
        return ""
    doubt = "" if account.absence_confirmed else ", à confirmer"
    return f"{words.brief} depuis le {french.short_day(account.absent_since)}{doubt}"


def absences(counted: Sequence[NetworkAbsences]) -> Mapping[str, str]:
    """Say of each network how many accounts are not there: « désactivé (2), introuvable (3) »."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for one in counted:
        words = ABSENT.get(one.absence, CAUSES["gone"])
        doubt = one.accounts - one.confirmed
        some = "" if doubt == one.accounts else f"dont {french.number(doubt)} "
        told = f", {some}à confirmer" if doubt else ""
        said[one.network].append(f"{words.brief} ({french.number(one.accounts)}{told})")
    return {network: ", ".join(found) for network, found in said.items()}
